package remote

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"pulumi-kubeadm/tools/command/internal/lifecycle"
	"pulumi-kubeadm/tools/command/internal/output"
)

// Logging says which outputs of a command are shown while it runs.
type Logging string

// Values lists them for the schema.
func (Logging) Values() []infer.EnumValue[Logging] { return output.Modes[Logging]() }

// Command is a resource whose life is commands on a remote machine.
type Command struct{}

// Annotate describes the resource in the schema.
func (c *Command) Annotate(a infer.Annotator) {
	a.Describe(&c, "Commands run on a machine reached over SSH, on create, update and delete.")
}

// CommandInputs are what a program sets.
type CommandInputs struct {
	lifecycle.Inputs
	Stdin                  *string           `pulumi:"stdin,optional"`
	Logging                *Logging          `pulumi:"logging,optional"`
	Connection             *Connection       `pulumi:"connection" provider:"secret"`
	Environment            map[string]string `pulumi:"environment,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
}

// Annotate describes the fields in the schema.
func (i *CommandInputs) Annotate(a infer.Annotator) {
	a.Describe(&i.Stdin, "The standard input of the command.")
	a.Describe(&i.Logging, "Which outputs are shown while the command runs. The default is both. "+
		"`stdout` and `stderr` of the resource are not affected.")
	a.Describe(&i.Connection, "The machine to run on.")
	a.Describe(&i.Environment, "More environment variables for the command. "+
		"The SSH server must be told to accept them, by AcceptEnv.")
	a.Describe(&i.AddPreviousOutputInEnv, "Whether update and delete find the outputs of the command before them "+
		"in PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR. The default is true.")
}

// CommandOutputs are the inputs and what the last command printed.
type CommandOutputs struct {
	CommandInputs
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// Annotate describes the fields in the schema.
func (o *CommandOutputs) Annotate(a infer.Annotator) {
	a.Describe(&o.Stdout, "The standard output of the last create or update, without its last line end.")
	a.Describe(&o.Stderr, "The standard error of the last create or update, without its last line end.")
}

// Create runs `create`.
func (*Command) Create(
	ctx context.Context, req infer.CreateRequest[CommandInputs],
) (resp infer.CreateResponse[CommandOutputs], err error) {
	resp.Output = CommandOutputs{CommandInputs: req.Inputs}
	resp.ID, err = resource.NewUniqueHex(req.Name, 8, 0)
	if err != nil || req.DryRun {
		return resp, err
	}
	return resp, resp.Output.run(ctx, req.Inputs.Create)
}

// Update runs `update`, or `create` without one.
func (*Command) Update(
	ctx context.Context, req infer.UpdateRequest[CommandInputs, CommandOutputs],
) (resp infer.UpdateResponse[CommandOutputs], err error) {
	resp.Output = CommandOutputs{CommandInputs: req.Inputs, Stdout: req.State.Stdout, Stderr: req.State.Stderr}
	if req.DryRun {
		return resp, nil
	}
	return resp, resp.Output.run(ctx, req.Inputs.OnUpdate())
}

// Delete runs `delete` with the inputs of the last run.
func (*Command) Delete(
	ctx context.Context, req infer.DeleteRequest[CommandOutputs],
) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, req.State.run(ctx, req.State.Delete)
}
