package local

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// Run is a function that runs a command at every preview and every update.
type Run struct{}

// Annotate describes the function in the schema.
func (r *Run) Annotate(a infer.Annotator) {
	a.Describe(&r, "Runs a command on the machine that runs Pulumi, at every preview and every update.")
}

// RunInputs are what a program sets.
type RunInputs struct {
	Process
	Command string `pulumi:"command"`
}

// Annotate describes the fields in the schema.
func (i *RunInputs) Annotate(a infer.Annotator) {
	a.Describe(&i.Command, "The command to run.")
}

// RunOutputs are the inputs and what the command left.
type RunOutputs struct {
	RunInputs
	Result
}

// Invoke runs the command.
func (*Run) Invoke(
	ctx context.Context, req infer.FunctionRequest[RunInputs],
) (resp infer.FunctionResponse[RunOutputs], err error) {
	resp.Output.RunInputs = req.Input
	return resp, resp.Output.run(ctx, req.Input.Command, &resp.Output.Result)
}
