// Package tests runs the plugin as Pulumi does, as a process of its own that is spoken to over gRPC.
// With COMMAND_PLUGIN=<path> the same tests run against another build, such as the official provider;
// COMMAND_PLUGIN_OFFICIAL=1 then skips what that one is known to do differently.
package tests

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

var pluginPath string

func TestMain(m *testing.M) {
	os.Exit(withPlugin(m.Run))
}

func withPlugin(run func() int) int {
	if pluginPath = os.Getenv("COMMAND_PLUGIN"); pluginPath != "" {
		return run()
	}
	dir, err := os.MkdirTemp("", "command-plugin")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	pluginPath = filepath.Join(dir, "pulumi-resource-command")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", pluginPath, "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("go build: %v\n%s", err, out))
	}
	return run()
}

// differsFromOfficial marks a test, or the rest of it, that 1.2.1 does not pass.
func differsFromOfficial(t *testing.T, how string) {
	t.Helper()
	if os.Getenv("COMMAND_PLUGIN_OFFICIAL") != "" {
		t.Skip("the official provider differs: " + how)
	}
}

// message is one line that the plugin sent to the engine's log.
type message struct {
	severity pulumirpc.LogSeverity
	text     string
}

// engine is what of Pulumi's engine a plugin talks to.
type engine struct {
	pulumirpc.UnimplementedEngineServer
	mu       sync.Mutex
	messages []message
}

func (e *engine) Log(_ context.Context, req *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.messages = append(e.messages, message{req.Severity, req.Message})
	return &emptypb.Empty{}, nil
}

func (e *engine) logged(severity pulumirpc.LogSeverity) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var texts []string
	for _, m := range e.messages {
		if m.severity == severity {
			texts = append(texts, m.text)
		}
	}
	return texts
}

// infos is what was shown of a command's outputs; dial retries are info messages too.
func (e *engine) infos() []string { return e.logged(pulumirpc.LogSeverity_INFO) }

// plugin is a running one.
type plugin struct {
	pulumirpc.ResourceProviderClient
	*engine
	pid int
}

func startPlugin(t *testing.T, env ...string) *plugin {
	t.Helper()
	engine := &engine{}
	server := grpc.NewServer()
	pulumirpc.RegisterEngineServer(server, engine)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)

	cmd := exec.Command(pluginPath, listener.Addr().String())
	cmd.Env = append(withoutVariable(os.Environ(), "SSH_AUTH_SOCK"), env...)
	cmd.Dir = t.TempDir()
	cmd.Stderr = &lockedBuffer{}
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the plugin said: %s", cmd.Stderr)
		}
	})
	lines := bufio.NewReader(stdout)
	port, err := lines.ReadString('\n')
	must(t, err)
	go func() { _, _ = io.Copy(io.Discard, lines) }()

	conn, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	p := &plugin{pulumirpc.NewResourceProviderClient(conn), engine, cmd.Process.Pid}
	_, err = p.Configure(context.Background(), &pulumirpc.ConfigureRequest{
		AcceptSecrets: true, AcceptResources: true, SendsOldInputs: true, SendsOldInputsToDelete: true,
	})
	must(t, err)
	return p
}

func withoutVariable(env []string, name string) []string {
	var kept []string
	for _, variable := range env {
		if !strings.HasPrefix(variable, name+"=") {
			kept = append(kept, variable)
		}
	}
	return kept
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for what another process does in its own time.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still not so after 10 s: %s", what)
		}
	}
}
