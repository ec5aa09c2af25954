package remote

import (
	"context"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// CopyToRemote is a file or directory copied to a remote machine.
type CopyToRemote struct{}

// Annotate describes the resource in the schema.
func (c *CopyToRemote) Annotate(a infer.Annotator) {
	a.Describe(&c, "A file or directory copied to a machine reached over SSH. Deleting the resource leaves the copy.")
}

// CopyToRemoteInputs are what a program sets.
type CopyToRemoteInputs struct {
	Connection *Connection          `pulumi:"connection" provider:"secret"`
	Triggers   *[]any               `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Source     types.AssetOrArchive `pulumi:"source"`
	RemotePath string               `pulumi:"remotePath"`
}

// Annotate describes the fields in the schema.
func (i *CopyToRemoteInputs) Annotate(a infer.Annotator) {
	a.Describe(&i.Connection, "The machine to copy to.")
	a.Describe(&i.Triggers, "Values of any type. The resource is replaced when one of them changes.")
	a.Describe(&i.Source, "What to copy: a `FileAsset`, a `StringAsset`, or a `FileArchive` of a directory or file. "+
		"Archive files are not unpacked. Directories are copied with all they hold, over files that exist.")
	a.Describe(&i.RemotePath, "Where to copy to. Missing parent directories are made. "+
		"A directory that exists receives the source under its own name, "+
		"or what the source holds if the source's path ends in a slash.")
}

// CopyToRemoteOutputs are the inputs.
type CopyToRemoteOutputs struct{ CopyToRemoteInputs }

// Check refuses sources that are not on this machine.
func (*CopyToRemote) Check(
	ctx context.Context, req infer.CheckRequest,
) (resp infer.CheckResponse[CopyToRemoteInputs], err error) {
	resp.Inputs, resp.Failures, err = infer.DefaultCheck[CopyToRemoteInputs](ctx, req.NewInputs)
	if err != nil {
		return resp, err
	}
	refuse := func(property, reason string) {
		resp.Failures = append(resp.Failures, provider.CheckFailure{Property: property, Reason: reason})
	}
	asset, archive := resp.Inputs.Source.Asset, resp.Inputs.Source.Archive
	switch {
	case asset != nil && archive != nil:
		refuse("asset", "only one of asset or archive can be set")
	case asset == nil && archive == nil:
		refuse("asset", "either asset or archive must be set")
	}
	if asset != nil && !asset.IsPath() && !asset.IsText() {
		refuse("asset", "asset must be a path-based file asset or a text asset")
	}
	if archive != nil && !archive.IsPath() {
		refuse("archive", "archive must be a path to a file or directory")
	}
	return resp, nil
}

// Create copies the source.
func (*CopyToRemote) Create(
	ctx context.Context, req infer.CreateRequest[CopyToRemoteInputs],
) (resp infer.CreateResponse[CopyToRemoteOutputs], err error) {
	resp.Output.CopyToRemoteInputs = req.Inputs
	if req.DryRun {
		return resp, nil
	}
	if err := req.Inputs.copy(ctx); err != nil {
		return resp, err
	}
	resp.ID, err = resource.NewUniqueHex("", 8, 0)
	return resp, err
}

// Update copies the source again if it or its destination changed: a new key or timeout of the
// connection says nothing about the files.
func (*CopyToRemote) Update(
	ctx context.Context, req infer.UpdateRequest[CopyToRemoteInputs, CopyToRemoteOutputs],
) (resp infer.UpdateResponse[CopyToRemoteOutputs], err error) {
	resp.Output.CopyToRemoteInputs = req.Inputs
	same := req.Inputs.hash() == req.State.hash() && req.Inputs.RemotePath == req.State.RemotePath
	if req.DryRun || same {
		return resp, nil
	}
	return resp, req.Inputs.copy(ctx)
}

func (i *CopyToRemoteInputs) hash() string {
	if i.Source.Archive != nil {
		return i.Source.Archive.Hash
	}
	return i.Source.Asset.Hash
}

func (i *CopyToRemoteInputs) copy(ctx context.Context) error {
	client, err := i.Connection.dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	defer context.AfterFunc(ctx, client.Close)()

	files, err := newUpload(client.Client)
	if err != nil {
		return err
	}
	defer files.Close()
	if asset := i.Source.Asset; asset != nil && asset.IsText() {
		return files.text(asset.Text, i.RemotePath)
	}
	if i.Source.Asset != nil {
		return files.path(i.Source.Asset.Path, i.RemotePath)
	}
	return files.path(i.Source.Archive.Path, i.RemotePath)
}
