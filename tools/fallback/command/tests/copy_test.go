package tests

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func textAsset(t *testing.T, text string) resource.PropertyValue {
	t.Helper()
	asset, err := resource.NewTextAsset(text)
	must(t, err)
	return resource.NewProperty(asset)
}

func fileAsset(t *testing.T, path string) resource.PropertyValue {
	t.Helper()
	asset, err := resource.NewPathAsset(path)
	must(t, err)
	return resource.NewProperty(asset)
}

func fileArchive(t *testing.T, path string) resource.PropertyValue {
	t.Helper()
	archive, err := resource.NewPathArchive(path)
	must(t, err)
	return resource.NewProperty(archive)
}

// files are the content of files by their path; the path of a directory ends in a slash.
type files map[string]string

// tree lists what is under dir, directories too.
func tree(t *testing.T, dir string) files {
	t.Helper()
	found := files{}
	must(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".":
		case entry.IsDir():
			found[name+"/"] = ""
		default:
			found[name] = readFile(t, filepath.Join(dir, name))
		}
		return nil
	}))
	return found
}

// writeTree is the inverse of tree.
func writeTree(t *testing.T, dir string, files files) {
	t.Helper()
	for name, content := range files {
		if strings.HasSuffix(name, "/") {
			must(t, os.MkdirAll(filepath.Join(dir, name), 0o755))
			continue
		}
		writeFile(t, filepath.Join(dir, name), content)
	}
}

// Where things go depends on what the source is, how its path is written and what is there already.
func TestCopyDestinations(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	source := filepath.Join(t.TempDir(), "source")
	writeTree(t, source, files{"a": "A", "sub/b": "B", "sub/none/": "", "empty": ""})
	// copied is what source becomes under a directory, added to what else is there.
	copied := func(prefix string, others files) files {
		all := files{
			prefix + "a": "A", prefix + "empty": "", prefix + "sub/": "", prefix + "sub/b": "B", prefix + "sub/none/": "",
		}
		maps.Copy(all, others)
		return all
	}
	text, file := textAsset(t, "T"), fileAsset(t, source+"/a")
	dir, contents := fileArchive(t, source), fileArchive(t, source+"/")
	for name, test := range map[string]struct {
		before files
		source resource.PropertyValue
		remote string
		after  files
		fails  string
	}{
		"file to nothing":         {nil, file, "new", files{"new": "A"}, ""},
		"file to missing parents": {nil, file, "x/y", files{"x/": "", "x/y": "A"}, ""},
		"file over file":          {files{"old": "long old"}, file, "old", files{"old": "A"}, ""},
		"file to directory":       {files{"d/": ""}, file, "d", files{"d/": "", "d/a": "A"}, ""},

		"text to nothing":   {nil, text, "x/t", files{"x/": "", "x/t": "T"}, ""},
		"empty text":        {nil, textAsset(t, ""), "t", files{"t": ""}, ""},
		"text over file":    {files{"t": "long old"}, text, "t", files{"t": "T"}, ""},
		"text to directory": {files{"d/": ""}, text, "d", nil, "d is a directory"},

		"directory to nothing": {
			nil, dir, "x/y", copied("x/y/source/", files{"x/": "", "x/y/": "", "x/y/source/": ""}), "",
		},
		"directory to directory": {
			files{"d/other": "O"}, dir, "d", copied("d/source/", files{"d/": "", "d/other": "O", "d/source/": ""}), "",
		},
		"directory over its copy": {
			files{"d/source/a": "long old", "d/source/z": "Z"}, dir, "d",
			copied("d/source/", files{"d/": "", "d/source/": "", "d/source/z": "Z"}), "",
		},
		"directory over a file": {files{"d/source": "F"}, dir, "d", nil, "d/source exists but is not a directory"},
		"directory in a file":   {files{"f": "F"}, dir, "f", nil, "/f"}, // 1.2.1 says something else

		"contents to nothing": {nil, contents, "x/y", copied("x/y/", files{"x/": "", "x/y/": ""}), ""},
		"contents to directory": {
			files{"d/other": "O"}, contents, "d", copied("d/", files{"d/": "", "d/other": "O"}), "",
		},
		"contents to a file":        {files{"f": "F"}, contents, "f", nil, "f exists but is not a directory"},
		"contents, file in the way": {files{"d/sub": "F"}, contents, "d", nil, "d/sub exists but is not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			writeTree(t, root, test.before)
			inputs := properties{
				"connection": s.connection(), "source": test.source, "remotePath": filepath.Join(root, test.remote),
			}
			if test.fails != "" {
				failure := p.createFails(t, copyToRemote, inputs)
				if !strings.Contains(failure, test.fails) {
					t.Errorf("failure %q, want %q", failure, test.fails)
				}
				return
			}
			created := p.create(t, copyToRemote, inputs)
			if len(created.id) != 8 {
				t.Errorf("id %q", created.id)
			}
			if got := tree(t, root); !maps.Equal(got, test.after) {
				t.Errorf("left %q, want %q", got, test.after)
			}
		})
	}
}

func TestCopyFollowsChanges(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	source, target := filepath.Join(t.TempDir(), "source"), t.TempDir()
	writeTree(t, source, files{"a": "A", "b": "B"})
	inputs := func() properties {
		return properties{"connection": s.connection(), "source": fileArchive(t, source+"/"), "remotePath": target}
	}
	created := p.create(t, copyToRemote, inputs())
	if changed, _ := p.diff(t, copyToRemote, created, inputs()); changed {
		t.Error("the same directory is a change")
	}

	writeFile(t, filepath.Join(source, "a"), "changed")
	changed, replaces := p.diff(t, copyToRemote, created, inputs())
	if !changed || replaces != nil {
		t.Errorf("changed content: changed %v, replaced for %v; want an update", changed, replaces)
	}
	if _, err := p.tryUpdate(t, copyToRemote, created, inputs(), true); err != nil || s.dials() != 1 {
		t.Errorf("preview of update: %v, %d dials", err, s.dials())
	}
	updated := p.update(t, copyToRemote, created, inputs())
	if got := tree(t, target); !maps.Equal(got, files{"a": "changed", "b": "B"}) {
		t.Errorf("update left %q", got)
	}

	writeFile(t, filepath.Join(target, "a"), "edited there")
	slower := s.connection().with(properties{"perDialTimeout": 99})
	p.update(t, copyToRemote, updated, inputs().with(properties{"connection": slower}))
	if got := readFile(t, filepath.Join(target, "a")); got != "edited there" || s.dials() != 2 {
		t.Errorf("a new connection alone copied: %q, %d dials", got, s.dials())
	}
	elsewhere := t.TempDir()
	updated = p.update(t, copyToRemote, updated, inputs().with(properties{"remotePath": elsewhere}))
	if got := tree(t, elsewhere); !maps.Equal(got, files{"a": "changed", "b": "B"}) {
		t.Errorf("a new path left %q", got)
	}
	must(t, p.delete(t, copyToRemote, updated))
	if got := tree(t, elsewhere); len(got) != 2 {
		t.Errorf("delete left %q, want the copy", got)
	}
}

func TestCopyTriggersReplace(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	inputs := properties{
		"connection": s.connection(), "source": textAsset(t, "x"), "remotePath": filepath.Join(t.TempDir(), "copy"),
	}
	created := p.create(t, copyToRemote, inputs)
	_, replaces := p.diff(t, copyToRemote, created, inputs.with(properties{"triggers": []any{1}}))
	if !slices.Contains(replaces, "triggers") {
		t.Errorf("replaced for %v, want triggers", replaces)
	}
}

func TestCopyPreview(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	preview := p.previewCreate(t, copyToRemote, properties{
		"connection": s.connection(), "source": textAsset(t, "x"), "remotePath": "/nowhere/at/all",
	})
	if !preview["connection"].IsSecret() || preview["remotePath"].StringValue() != "/nowhere/at/all" || s.dials() != 0 {
		t.Errorf("preview %v, %d dials", slices.Collect(maps.Keys(preview)), s.dials())
	}
}

func TestCopyLargeFile(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	dir := t.TempDir()
	content := strings.Repeat("0123456789abcdef", 1<<19) + "end"
	writeFile(t, filepath.Join(dir, "large"), content)
	p.create(t, copyToRemote, properties{
		"connection": s.connection(),
		"source":     fileAsset(t, filepath.Join(dir, "large")), "remotePath": filepath.Join(dir, "copy"),
	})
	if readFile(t, filepath.Join(dir, "copy")) != content {
		t.Error("the copy differs")
	}
}

func TestCopyRefusesSourcesElsewhere(t *testing.T) {
	p := startPlugin(t)
	remote := &resource.Asset{Sig: resource.AssetSig, URI: "https://127.0.0.1/file", Hash: "0"}
	member, err := resource.NewTextAsset("x")
	must(t, err)
	members, err := resource.NewAssetArchive(map[string]any{"a": member})
	must(t, err)
	for want, source := range map[string]resource.PropertyValue{
		"asset: asset must be a path-based file asset or a text asset": resource.NewProperty(remote),
		"archive: archive must be a path to a file or directory":       resource.NewProperty(members),
	} {
		_, refusals := p.tryCheck(t, copyToRemote, properties{
			"connection": properties{"host": "127.0.0.1"}, "source": source, "remotePath": "/x",
		})
		if !slices.Contains(refusals, want) {
			t.Errorf("refused with %q, want %q", refusals, want)
		}
	}
}

func TestCopyMissingFile(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	asset := &resource.Asset{Sig: resource.AssetSig, Path: "/nonexistent/file", Hash: "0"}
	failure := p.createFails(t, copyToRemote, properties{
		"connection": s.connection(), "source": resource.NewProperty(asset), "remotePath": "/x",
	})
	if !strings.Contains(failure, "/nonexistent/file: no such file or directory") {
		t.Errorf("failure %q", failure)
	}
}
