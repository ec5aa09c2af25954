package tests

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func TestLocalLifeCycle(t *testing.T) {
	p, dir := startPlugin(t), t.TempDir()
	record := filepath.Join(dir, "record")
	step := func(name string) string {
		return "echo " + name + ` $(cat) "$PULUMI_COMMAND_STDOUT/$PULUMI_COMMAND_STDERR" >> record
			tail -1 record; echo err >&2`
	}
	inputs := properties{
		"dir": dir, "stdin": "one", "create": step("create"), "update": step("update"), "delete": step("delete"),
	}
	created := p.create(t, localCommand, inputs)
	if created.stdout() != "create one /" || created.stderr() != "err" {
		t.Errorf("create: stdout %q, stderr %q", created.stdout(), created.stderr())
	}
	updated := p.update(t, localCommand, created, inputs.with(properties{"stdin": "two"}))
	if updated.stdout() != "update two create one //err" {
		t.Errorf("update: stdout %q", updated.stdout())
	}
	quiet := inputs.with(properties{"stdin": "three", "update": nil, "addPreviousOutputInEnv": false})
	updated = p.update(t, localCommand, updated, quiet)
	must(t, p.delete(t, localCommand, updated))
	want := "create one /\nupdate two create one //err\ncreate three /\ndelete three /\n"
	if got := readFile(t, record); got != want {
		t.Errorf("ran %q, want %q", got, want)
	}
}

func TestLocalDiff(t *testing.T) {
	p := startPlugin(t)
	inputs := properties{"create": "true", "triggers": []any{"a"}}
	created := p.create(t, localCommand, inputs)
	if changed, _ := p.diff(t, localCommand, created, inputs); changed {
		t.Error("the same inputs are a change")
	}
	changes := properties{
		"create": "false", "update": "true", "delete": "true", "stdin": "x", "dir": "/", "interpreter": []any{"sh", "-c"},
		"environment": map[string]any{"A": "b"}, "assetPaths": []any{"*"}, "archivePaths": []any{"*"},
		"logging": "none", "addPreviousOutputInEnv": false,
	}
	for name, value := range changes {
		changed, replaces := p.diff(t, localCommand, created, inputs.with(properties{name: value}))
		if !changed || replaces != nil {
			t.Errorf("%s: changed %v, replaced for %v; want an update", name, changed, replaces)
		}
	}
	_, replaces := p.diff(t, localCommand, created, properties{"create": "true"})
	if !slices.Contains(replaces, "triggers") {
		t.Errorf("replaced for %v, want triggers", replaces)
	}
}

func TestLocalPreview(t *testing.T) {
	p := startPlugin(t)
	inputs := properties{"create": "echo out > made; echo out", "dir": t.TempDir(), "assetPaths": []any{"*"}}
	preview := p.previewCreate(t, localCommand, inputs)
	for _, name := range []resource.PropertyKey{"stdout", "stderr"} {
		if !preview[name].IsComputed() {
			t.Errorf("preview of create: %s is %v, want an unknown", name, preview[name])
		}
	}
	if got := tree(t, inputs["dir"].(string)); len(got) != 0 {
		t.Errorf("the preview left %q", got)
	}
	created := p.create(t, localCommand, inputs)
	updated, err := p.tryUpdate(t, localCommand, created, inputs.with(properties{"create": "echo new"}), true)
	must(t, err)
	if !updated.outputs["stdout"].IsComputed() {
		t.Errorf("preview of update: stdout is %v, want an unknown", updated.outputs["stdout"])
	}
}

func TestLocalInterpreterAndEnvironment(t *testing.T) {
	p := startPlugin(t, "INHERITED=here", "REPLACED=old")
	created := p.create(t, localCommand, properties{
		"interpreter": []any{"/bin/sh", "-eu", "-c", `echo "$1, $INHERITED, $REPLACED"`, "name"},
		"create":      "the command", "environment": map[string]any{"REPLACED": "new"},
	})
	if created.stdout() != "the command, here, new" {
		t.Errorf("stdout %q", created.stdout())
	}
	created = p.create(t, localCommand, properties{"interpreter": []any{}, "create": "echo $0"})
	if created.stdout() != "/bin/sh" {
		t.Errorf("default interpreter: %q", created.stdout())
	}
}

func TestLocalFailure(t *testing.T) {
	p := startPlugin(t)
	failure := p.createFails(t, localCommand, properties{
		"create": "cat >/dev/null; echo out; echo err >&2; exit 3", "stdin": "hunter2",
	})
	want := "exit status 3: running \"cat >/dev/null; echo out; echo err >&2; exit 3\":\n"
	for _, part := range []string{want, "out\n", "err\n"} {
		if !strings.Contains(failure, part) {
			t.Errorf("%q is not in %q", part, failure)
		}
	}
	if strings.Contains(failure, "hunter2") {
		t.Errorf("stdin is in %q", failure)
	}
	failure = p.createFails(t, localCommand, properties{"create": "true", "dir": "/nonexistent"})
	if !strings.Contains(failure, "chdir /nonexistent: no such file or directory: running \"true\"") {
		t.Errorf("failure %q", failure)
	}
}

func TestLocalLogging(t *testing.T) {
	for mode, want := range map[string][]string{
		"stdoutAndStderr": {"err", "out 1", "out 2"}, "stdout": {"out 1", "out 2"}, "stderr": {"err"}, "none": nil,
	} {
		p := startPlugin(t)
		created := p.create(t, localCommand, properties{"create": "echo out 1; echo out 2; echo err >&2", "logging": mode})
		logged := p.infos()
		slices.Sort(logged)
		if !slices.Equal(logged, want) {
			t.Errorf("logging %q showed %q, want %q", mode, logged, want)
		}
		if created.stdout() != "out 1\nout 2" || created.stderr() != "err" {
			t.Errorf("logging %q: stdout %q, stderr %q", mode, created.stdout(), created.stderr())
		}
	}
}

func TestLocalAssets(t *testing.T) {
	p, dir := startPlugin(t), t.TempDir()
	writeTree(t, dir, map[string]string{
		"assets/logos/logo.svg": "logo", "src/index.js": "index", "src/secret.js": "secret", "other": "other",
	})
	globs := []any{"assets/**", "src/**.js", "!**secret.*"}
	created := p.create(t, localCommand, properties{
		"dir": dir, "create": "printf made > src/made.js", "assetPaths": globs, "archivePaths": globs,
	})
	want := map[string]string{"assets/logos/logo.svg": "logo", "src/index.js": "index", "src/made.js": "made"}
	assets := map[string]string{}
	for name, value := range created.outputs["assets"].ObjectValue() {
		asset := value.AssetValue()
		assets[string(name)] = readFile(t, asset.Path)
		if asset.Path != filepath.Join(dir, string(name)) || asset.Hash == "" {
			t.Errorf("asset %s has path %q and hash %q", name, asset.Path, asset.Hash)
		}
	}
	if !maps.Equal(assets, want) {
		t.Errorf("assets %q, want %q", assets, want)
	}
	members := map[string]string{}
	for name, value := range created.outputs["archive"].ArchiveValue().Assets {
		members[name] = readFile(t, value.(*resource.Asset).Path)
	}
	if !maps.Equal(members, want) {
		t.Errorf("archive %q, want %q", members, want)
	}

	// Without globs nothing new is collected, and what was stays.
	updated := p.update(t, localCommand, created, properties{"dir": dir, "create": "true"})
	if len(updated.outputs["assets"].ObjectValue()) != len(want) {
		t.Errorf("assets after an update without globs: %v", updated.outputs["assets"])
	}
}

func TestLocalIsStoppedByTimeout(t *testing.T) {
	p := startPlugin(t)
	start := time.Now()
	_, err := p.tryCreate(t, localCommand, properties{"create": "exec sleep 20"}, 1)
	if err == nil || !strings.Contains(err.Error(), `running "exec sleep 20"`) || time.Since(start) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
}

func TestLocalMayPrintLongLines(t *testing.T) {
	differsFromOfficial(t, "a line of more than 64 KiB hangs it unless logging is none")
	created := startPlugin(t).create(t, localCommand, properties{"create": "head -c 200000 /dev/zero | tr '\\0' x"})
	if len(created.stdout()) != 200000 {
		t.Errorf("%d bytes of stdout", len(created.stdout()))
	}
}

func TestRun(t *testing.T) {
	p, dir := startPlugin(t), t.TempDir()
	outputs, err := p.invoke(t, localRun, properties{
		"command": "cat; echo err >&2; touch made", "stdin": "in", "dir": dir, "assetPaths": []any{"*"},
	})
	must(t, err)
	if outputs["stdout"].StringValue() != "in" || outputs["stderr"].StringValue() != "err" ||
		outputs["command"].StringValue() != "cat; echo err >&2; touch made" {
		t.Errorf("outputs %v", outputs)
	}
	if !outputs["assets"].ObjectValue()["made"].IsAsset() {
		t.Errorf("assets %v", outputs["assets"])
	}
	_, err = p.invoke(t, localRun, properties{"command": "exit 3"})
	if err == nil || !strings.Contains(err.Error(), `exit status 3: running "exit 3":`) {
		t.Errorf("error %v", err)
	}
}
