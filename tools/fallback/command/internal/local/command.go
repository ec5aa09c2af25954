package local

import (
	"context"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"pulumi-kubeadm/tools/command/internal/lifecycle"
)

// Command is a resource whose life is commands on this machine.
type Command struct{}

// Annotate describes the resource in the schema.
func (c *Command) Annotate(a infer.Annotator) {
	a.Describe(&c, "Commands run on the machine that runs Pulumi, on create, update and delete.")
}

// CommandInputs are what a program sets.
type CommandInputs struct {
	lifecycle.Inputs
	Process
}

// CommandOutputs are the inputs and what the last command left.
type CommandOutputs struct {
	CommandInputs
	Result
}

// Create runs `create`.
func (*Command) Create(
	ctx context.Context, req infer.CreateRequest[CommandInputs],
) (resp infer.CreateResponse[CommandOutputs], err error) {
	resp.Output = CommandOutputs{CommandInputs: req.Inputs}
	resp.ID, err = resource.NewUniqueHex(req.Name, 8, 0)
	if err != nil || req.DryRun || req.Inputs.Create == nil {
		return resp, err
	}
	return resp, resp.Output.run(ctx, *req.Inputs.Create, &resp.Output.Result)
}

// Update runs `update`, or `create` without one.
func (*Command) Update(
	ctx context.Context, req infer.UpdateRequest[CommandInputs, CommandOutputs],
) (resp infer.UpdateResponse[CommandOutputs], err error) {
	resp.Output = CommandOutputs{CommandInputs: req.Inputs, Result: req.State.Result}
	command := req.Inputs.OnUpdate()
	if req.DryRun || command == nil {
		return resp, nil
	}
	return resp, resp.Output.run(ctx, *command, &resp.Output.Result)
}

// Delete runs `delete` with the inputs of the last run.
func (*Command) Delete(
	ctx context.Context, req infer.DeleteRequest[CommandOutputs],
) (resp infer.DeleteResponse, err error) {
	if req.State.Delete == nil {
		return resp, nil
	}
	return resp, req.State.run(ctx, *req.State.Delete, &req.State.Result)
}
