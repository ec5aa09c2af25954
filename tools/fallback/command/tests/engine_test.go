package tests

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const engineProgram = `
const { local, remote } = require("@pulumi/command");
const pulumi = require("@pulumi/pulumi");
const args = JSON.parse(require("fs").readFileSync("args.json", "utf8"));
const opts = { additionalSecretOutputs: ["stdout"] };
exports.remote = new remote.Command("remote", { connection: args.connection, ...args.remote }, opts).stdout;
new remote.CopyToRemote("copy", {
	connection: args.connection, source: new pulumi.asset.FileArchive("./files"), remotePath: args.target,
});
exports.local = new local.Command("local", { create: "cat", stdin: args.remote.stdin }).stdout;
exports.run = local.runOutput({ command: "echo run" }).stdout;
`

// stack is a Pulumi program with a file backend, run by the real CLI and engine.
type stack struct {
	t   *testing.T
	dir string
	env []string
}

func newStack(t *testing.T) *stack {
	t.Helper()
	for _, program := range []string{"pulumi", "pulumi-language-nodejs", "node"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is not on PATH", program)
		}
	}
	modules, err := filepath.Abs("../../../../node_modules")
	must(t, err)
	if _, err := os.Stat(filepath.Join(modules, "@pulumi", "command")); errors.Is(err, os.ErrNotExist) {
		t.Fatal("the project's node_modules are not installed")
	}
	home := t.TempDir()
	s := &stack{t: t, dir: t.TempDir(), env: append(os.Environ(),
		"PATH="+filepath.Dir(pluginPath)+":"+os.Getenv("PATH"), "PULUMI_HOME="+home, "PULUMI_BACKEND_URL=file://"+home,
		"PULUMI_CONFIG_PASSPHRASE=test", "PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true", "SSH_AUTH_SOCK=",
	)}
	must(t, os.Symlink(modules, filepath.Join(s.dir, "node_modules")))
	writeFile(t, filepath.Join(s.dir, "Pulumi.yaml"), "name: plugin-test\nruntime: nodejs\n")
	writeFile(t, filepath.Join(s.dir, "index.js"), engineProgram)
	s.pulumi("stack", "init", "dev") // which also selects it
	return s
}

func (s *stack) pulumi(args ...string) string {
	s.t.Helper()
	cmd := exec.Command("pulumi", append(args, "--non-interactive")...)
	cmd.Dir, cmd.Env = s.dir, s.env
	var out, errors bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errors
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("pulumi %s: %v\n%s%s", strings.Join(args, " "), err, &out, &errors)
	}
	return out.String()
}

func (s *stack) up(args any, flags ...string) string {
	s.t.Helper()
	text, err := json.Marshal(args)
	must(s.t, err)
	writeFile(s.t, filepath.Join(s.dir, "args.json"), string(text))
	return s.pulumi(append([]string{"up", "--yes", "--skip-preview"}, flags...)...)
}

func TestEngine(t *testing.T) {
	stack, s, dir := newStack(t), startSSHD(t), t.TempDir()
	record, target := filepath.Join(dir, "record"), filepath.Join(dir, "target")
	step := func(name string) string { return "echo " + name + " $(cat) | tee -a " + record }
	command := properties{
		"create": step("create"), "update": step("update"), "delete": step("delete"), "stdin": "one",
		"triggers": []any{1}, "addPreviousOutputInEnv": false,
	}
	args := properties{"connection": s.connection(), "remote": command, "target": target}
	writeFile(t, filepath.Join(stack.dir, "files", "sub", "file"), "first")

	stack.up(args)
	dials := s.dials()
	stack.up(args, "--expect-no-changes")
	if s.dials() != dials {
		t.Errorf("an up without changes made %d dials", s.dials()-dials)
	}
	outputs := stack.pulumi("stack", "output", "--json", "--show-secrets")
	for _, want := range []string{`"remote": "create one"`, `"local": "one"`, `"run": "run"`} {
		if !strings.Contains(outputs, want) {
			t.Errorf("outputs %s, want %s", outputs, want)
		}
	}
	if state := stack.pulumi("stack", "export"); strings.Contains(state, strings.Split(s.key, "\n")[1]) ||
		strings.Contains(state, `"stdout": "create one"`) {
		t.Error("the state holds a secret in the clear")
	}

	writeFile(t, filepath.Join(stack.dir, "files", "sub", "file"), "second")
	stack.up(args.with(properties{"remote": command.with(properties{"stdin": "two"})}))
	if got := readFile(t, filepath.Join(target, "files", "sub", "file")); got != "second" {
		t.Errorf("the copied file holds %q", got)
	}
	replaced := command.with(properties{"stdin": "three", "triggers": []any{2}})
	if got := stack.up(args.with(properties{"remote": replaced})); !strings.Contains(got, "replaced") {
		t.Errorf("a changed trigger did not replace: %s", got)
	}
	stack.pulumi("destroy", "--yes", "--skip-preview")
	want := "create one\nupdate two\ncreate three\ndelete two\ndelete three\n"
	if got := readFile(t, record); got != want {
		t.Errorf("ran %q, want %q", got, want)
	}
}
