// Package local runs commands on the machine that runs Pulumi.
package local

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"pulumi-kubeadm/tools/command/internal/output"
)

// Logging says which outputs of a command are shown while it runs.
type Logging string

// Values lists them for the schema.
func (Logging) Values() []infer.EnumValue[Logging] { return output.Modes[Logging]() }

// Process is how a command is run and which files of its directory are kept.
type Process struct {
	Stdin                  *string            `pulumi:"stdin,optional"`
	Logging                *Logging           `pulumi:"logging,optional"`
	Interpreter            *[]string          `pulumi:"interpreter,optional"`
	Dir                    *string            `pulumi:"dir,optional"`
	Environment            *map[string]string `pulumi:"environment,optional"`
	AssetPaths             *[]string          `pulumi:"assetPaths,optional"`
	ArchivePaths           *[]string          `pulumi:"archivePaths,optional"`
	AddPreviousOutputInEnv *bool              `pulumi:"addPreviousOutputInEnv,optional"`
}

const globRules = " Globs are those of github.com/gobwas/glob with `/` as separator, relative to the command's " +
	"directory; `**` also matches `/`; one that starts with `!` takes out what those before it matched. " +
	"Only files are matched, not directories."

// Annotate describes the fields in the schema.
func (p *Process) Annotate(a infer.Annotator) {
	a.Describe(&p.Stdin, "The standard input of the command.")
	a.Describe(&p.Logging, "Which outputs are shown while the command runs. The default is both. "+
		"`stdout` and `stderr` of the resource are not affected.")
	a.Describe(&p.Interpreter, "The program and its arguments that run the command. "+
		"The default is `[\"/bin/sh\", \"-c\"]`, on Windows `[\"cmd\", \"/C\"]`.")
	a.Describe(&p.Dir, "The directory to run in. It must exist.")
	a.Describe(&p.Environment, "More environment variables for the command.")
	a.Describe(&p.AssetPaths, "Globs for files to return in `assets` after the command."+globRules)
	a.Describe(&p.ArchivePaths, "Globs for files to return in `archive` after the command."+globRules)
	a.Describe(&p.AddPreviousOutputInEnv, "Whether update and delete find the outputs of the command before them "+
		"in PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR. The default is true.")
}

// Result is what a command leaves.
type Result struct {
	Stdout  string                            `pulumi:"stdout"`
	Stderr  string                            `pulumi:"stderr"`
	Assets  *map[string]*types.AssetOrArchive `pulumi:"assets,optional"`
	Archive *resource.Archive                 `pulumi:"archive,optional"`
}

// Annotate describes the fields in the schema.
func (r *Result) Annotate(a infer.Annotator) {
	a.Describe(&r.Stdout, "The standard output of the command, without its last line end.")
	a.Describe(&r.Stderr, "The standard error of the command, without its last line end.")
	a.Describe(&r.Assets, "The files that `assetPaths` matched, by their path in the command's directory.")
	a.Describe(&r.Archive, "An archive of the files that `archivePaths` matched.")
}

// run runs command and puts what it leaves in result, where the outputs of the one before are found.
func (p *Process) run(ctx context.Context, command string, result *Result) error {
	cmd, err := p.command(ctx, command, result)
	if err != nil {
		return err
	}
	capture := output.New(ctx, p.Logging)
	cmd.Stdout, cmd.Stderr = capture.Stdout(), capture.Stderr()
	stdout, stderr, err := capture.Finish(command, cmd.Run())
	if err != nil {
		return err
	}
	if err := p.collect(cmd.Dir, result); err != nil {
		return err
	}
	result.Stdout, result.Stderr = stdout, stderr
	return nil
}

func (p *Process) command(ctx context.Context, command string, previous *Result) (*exec.Cmd, error) {
	argv := append(p.interpreter(), command)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = p.environment(previous)
	if p.Stdin != nil {
		cmd.Stdin = strings.NewReader(*p.Stdin)
	}
	if p.Dir != nil {
		cmd.Dir = *p.Dir
		return cmd, nil
	}
	var err error
	cmd.Dir, err = os.Getwd()
	return cmd, err
}

func (p *Process) interpreter() []string {
	switch {
	case p.Interpreter != nil && len(*p.Interpreter) > 0:
		return slices.Clone(*p.Interpreter)
	case runtime.GOOS == "windows":
		return []string{"cmd", "/C"}
	}
	return []string{"/bin/sh", "-c"}
}

func (p *Process) environment(previous *Result) []string {
	env := os.Environ()
	if p.Environment != nil {
		for name, value := range *p.Environment {
			env = append(env, name+"="+value)
		}
	}
	if p.AddPreviousOutputInEnv != nil && !*p.AddPreviousOutputInEnv {
		return env
	}
	if previous.Stdout != "" {
		env = append(env, output.PreviousStdout+"="+previous.Stdout)
	}
	if previous.Stderr != "" {
		env = append(env, output.PreviousStderr+"="+previous.Stderr)
	}
	return env
}
