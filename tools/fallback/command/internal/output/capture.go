package output

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	provider "github.com/pulumi/pulumi-go-provider"
)

// maxLine bounds what is held back while waiting for the end of a line.
const maxLine = 64 << 10

// The environment variables that hand a command's outputs to its resource's next command.
const (
	PreviousStdout = "PULUMI_COMMAND_STDOUT"
	PreviousStderr = "PULUMI_COMMAND_STDERR"
)

// Capture collects both streams of one command.
type Capture struct {
	stdout, stderr stream

	mu   sync.Mutex
	both bytes.Buffer // as a terminal would have shown it, for the error message
}

// New makes a Capture that shows, line by line in the engine's log, the streams that mode names.
func New[M ~string](ctx context.Context, mode *M) *Capture {
	c := &Capture{}
	showStdout, showStderr := shown(mode)
	c.stdout = stream{ctx: ctx, capture: c, show: showStdout}
	c.stderr = stream{ctx: ctx, capture: c, show: showStderr}
	return c
}

// Stdout is where the command's standard output goes.
func (c *Capture) Stdout() io.Writer { return &c.stdout }

// Stderr is where the command's standard error goes.
func (c *Capture) Stderr() io.Writer { return &c.stderr }

// Finish is called once the command has ended with err. It returns both streams without their last
// line end, or an error with the command and everything it printed, but never its stdin.
func (c *Capture) Finish(command string, err error) (stdout, stderr string, _ error) {
	c.stdout.flush()
	c.stderr.flush()
	if err != nil {
		return "", "", fmt.Errorf("%w: running %q:\n%s", err, command, c.both.String())
	}
	return c.stdout.text(), c.stderr.text(), nil
}

// stream is one of the two outputs. Only one goroutine writes to it.
type stream struct {
	ctx     context.Context
	capture *Capture
	show    bool
	all     bytes.Buffer
	line    []byte // shown so far up to here; not yet ended
}

// Write never fails, so that a command is never stopped by what happens to its log.
func (s *stream) Write(p []byte) (int, error) {
	s.all.Write(p)
	s.capture.mu.Lock()
	s.capture.both.Write(p)
	s.capture.mu.Unlock()
	if !s.show {
		return len(p), nil
	}
	s.line = append(s.line, p...)
	for {
		line, rest, found := bytes.Cut(s.line, []byte("\n"))
		if !found {
			break
		}
		s.log(line)
		s.line = rest
	}
	if len(s.line) >= maxLine {
		s.flush()
	}
	return len(p), nil
}

func (s *stream) flush() {
	if len(s.line) > 0 {
		s.log(s.line)
		s.line = nil
	}
}

func (s *stream) log(line []byte) {
	// Once the operation is cancelled the engine takes no more messages.
	if s.ctx.Err() == nil {
		provider.GetLogger(s.ctx).InfoStatus(strings.TrimSuffix(string(line), "\r"))
	}
}

func (s *stream) text() string { return strings.TrimSuffix(s.all.String(), "\n") }
