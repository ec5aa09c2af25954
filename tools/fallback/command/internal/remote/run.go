package remote

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	provider "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"

	"pulumi-kubeadm/tools/command/internal/output"
)

// cancelGrace is how long a command may take to end by itself once it is cancelled.
const cancelGrace = 5 * time.Second

// run runs one command on a connection of its own and keeps what it prints. Without a command there
// is nothing to do.
func (o *CommandOutputs) run(ctx context.Context, command *string) error {
	if command == nil {
		return nil
	}
	client, err := o.Connection.dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		return err
	}
	defer session.Close()
	if err := o.setEnvironment(ctx, session); err != nil {
		return err
	}

	capture := output.New(ctx, o.Logging)
	session.Stdout, session.Stderr = capture.Stdout(), capture.Stderr()
	stdout, stderr, err := capture.Finish(*command, runSession(ctx, client, session, *command, valueOr(o.Stdin, "")))
	if err != nil {
		return err
	}
	o.Stdout, o.Stderr = stdout, stderr
	return nil
}

func runSession(ctx context.Context, client *client, session *ssh.Session, command, stdin string) error {
	// A pipe instead of session.Stdin: a command may end before it has read all of it.
	pipe, err := session.StdinPipe()
	if err != nil {
		return err
	}
	if err := session.Start(command); err != nil {
		return err
	}
	go func() {
		_, _ = io.WriteString(pipe, stdin)
		_ = pipe.Close()
	}()

	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(cancelGrace, client.Close)
		_ = session.Signal(ssh.SIGTERM)
	})
	defer stop()
	err = session.Wait()
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

func (o *CommandOutputs) setEnvironment(ctx context.Context, session *ssh.Session) error {
	log := provider.GetLogger(ctx)
	for _, name := range slices.Sorted(maps.Keys(o.Environment)) {
		if err := session.Setenv(name, o.Environment[name]); err != nil {
			log.Error(refusedVariable(name))
			return fmt.Errorf("could not set environment variable %q: %w", name, err)
		}
	}
	if !valueOr(o.AddPreviousOutputInEnv, true) {
		return nil
	}
	previous := []struct{ name, value string }{
		{output.PreviousStdout, o.Stdout},
		{output.PreviousStderr, o.Stderr},
	}
	for _, variable := range previous {
		if variable.value == "" {
			continue
		}
		// Few servers accept these and few commands read them, so it is not worth failing for.
		if err := session.Setenv(variable.name, variable.value); err != nil {
			log.Warning(refusedVariable(variable.name))
		}
	}
	return nil
}

func refusedVariable(name string) string {
	return fmt.Sprintf("Unable to set '%s': the SSH server accepts only variables that its AcceptEnv names. "+
		"With a shell like Bash, the command can set it itself: 'VAR=value command'.", name)
}
