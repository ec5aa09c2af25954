package local

import (
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/gobwas/glob"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// collect puts the files that the command's globs match in result.
func (p *Process) collect(dir string, result *Result) error {
	if p.AssetPaths != nil {
		assets, err := match(dir, *p.AssetPaths)
		if err != nil {
			return err
		}
		found := make(map[string]*types.AssetOrArchive, len(assets))
		for name, asset := range assets {
			found[name] = &types.AssetOrArchive{Asset: asset}
		}
		result.Assets = &found
	}
	if p.ArchivePaths != nil {
		assets, err := match(dir, *p.ArchivePaths)
		if err != nil {
			return err
		}
		members := make(map[string]any, len(assets))
		for name, asset := range assets {
			members[name] = asset
		}
		if result.Archive, err = resource.NewAssetArchive(members); err != nil {
			return err
		}
	}
	return nil
}

// rule is one glob; of all that match a file, the last decides.
type rule struct {
	glob.Glob
	exclude bool
}

// match returns the files in dir that patterns select, by their path in dir.
func match(dir string, patterns []string) (map[string]*resource.Asset, error) {
	rules := make([]rule, 0, len(patterns))
	for _, pattern := range patterns {
		pattern, exclude := strings.CutPrefix(pattern, "!")
		compiled, err := glob.Compile(pattern, '/')
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule{compiled, exclude})
	}
	found := map[string]*resource.Asset{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !selected(rules, name) {
			return err
		}
		found[name], err = resource.NewPathAsset(path.Join(dir, name))
		return err
	})
	return found, err
}

func selected(rules []rule, name string) bool {
	for i := len(rules) - 1; i >= 0; i-- {
		if rules[i].Match(name) {
			return !rules[i].exclude
		}
	}
	return false
}
