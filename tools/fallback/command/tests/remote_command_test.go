package tests

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func TestCommandLifeCycle(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	record := filepath.Join(t.TempDir(), "record")
	step := func(name string) string { return "echo " + name + " $(cat) >> " + record + "; tail -1 " + record }
	inputs := properties{
		"connection": s.connection(), "stdin": "one",
		"create": step("create"), "update": step("update"), "delete": step("delete"),
	}

	created := p.create(t, remoteCommand, inputs)
	if created.stdout() != "create one" || created.stderr() != "" {
		t.Errorf("create: stdout %q, stderr %q", created.stdout(), created.stderr())
	}
	if !strings.HasPrefix(created.id, "name") || len(created.id) != len("name")+8 {
		t.Errorf("id is %q", created.id)
	}
	updated := p.update(t, remoteCommand, created, inputs.with(properties{"stdin": "two"}))
	if updated.id != created.id || updated.stdout() != "update two" {
		t.Errorf("update: id %q, stdout %q", updated.id, updated.stdout())
	}
	updated = p.update(t, remoteCommand, updated, inputs.with(properties{"stdin": "three", "update": nil}))
	if updated.stdout() != "create three" {
		t.Errorf("without an update, create should run: stdout %q", updated.stdout())
	}
	must(t, p.delete(t, remoteCommand, updated))
	want := "create one\nupdate two\ncreate three\ndelete three\n"
	if got := readFile(t, record); got != want {
		t.Errorf("ran %q, want %q", got, want)
	}
}

func TestCommandWithoutCommandsNeverDials(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	created := p.create(t, remoteCommand, properties{"connection": s.connection()})
	updated := p.update(t, remoteCommand, created, properties{"connection": s.connection(), "stdin": "x"})
	must(t, p.delete(t, remoteCommand, updated))
	if created.stdout() != "" || s.dials() != 0 {
		t.Errorf("stdout %q, %d dials", created.stdout(), s.dials())
	}
}

func TestCommandDiff(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	inputs := properties{
		"connection": s.connection(), "create": "true", "update": "true", "delete": "true", "stdin": "a",
		"triggers": []any{"a", 1}, "environment": map[string]any{}, "logging": "none", "addPreviousOutputInEnv": false,
	}
	created := p.create(t, remoteCommand, inputs)
	if changed, _ := p.diff(t, remoteCommand, created, inputs); changed {
		t.Error("the same inputs are a change")
	}
	updates := properties{
		"create": "false", "update": "false", "delete": "false", "stdin": "b", "environment": map[string]any{"A": "b"},
		"logging": "stdout", "addPreviousOutputInEnv": true, "connection": s.connection().with(properties{"user": "x"}),
	}
	for name, value := range updates {
		changed, replaces := p.diff(t, remoteCommand, created, inputs.with(properties{name: value}))
		if !changed || replaces != nil {
			t.Errorf("%s: changed %v, replaced for %v; want an update", name, changed, replaces)
		}
	}
	// That a changed element replaces is decided by the engine, from the schema's replaceOnChanges.
	changed, _ := p.diff(t, remoteCommand, created, inputs.with(properties{"triggers": []any{"a", 2}}))
	if !changed {
		t.Error("a changed trigger is no change")
	}
	_, replaces := p.diff(t, remoteCommand, created, inputs.with(properties{"triggers": nil}))
	if !slices.Contains(replaces, "triggers") {
		t.Errorf("replaced for %v, want triggers", replaces)
	}
}

func TestCommandPreview(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	inputs := properties{"connection": s.connection(), "create": "echo out; echo err >&2"}
	preview := p.previewCreate(t, remoteCommand, inputs)
	if !preview["stdout"].IsComputed() || !preview["stderr"].IsComputed() {
		t.Errorf("preview of create: stdout %v, stderr %v; want unknowns", preview["stdout"], preview["stderr"])
	}
	if s.dials() != 0 {
		t.Error("the preview dialled")
	}
	created := p.create(t, remoteCommand, inputs)
	updated, err := p.tryUpdate(t, remoteCommand, created, inputs.with(properties{"create": "echo new"}), true)
	must(t, err)
	if !updated.outputs["stdout"].IsComputed() || !updated.outputs["stderr"].IsComputed() || s.dials() != 1 {
		t.Errorf("preview of update: %q, %q, %d dials; want unknowns", updated.stdout(), updated.stderr(), s.dials())
	}
}

func TestCommandFailure(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	failure := p.createFails(t, remoteCommand, properties{
		"connection": s.connection(), "stdin": "hunter2", "create": "cat >/dev/null; echo out; echo err >&2; exit 3",
	})
	want := `Process exited with status 3: running "cat >/dev/null; echo out; echo err >&2; exit 3":`
	for _, part := range []string{want, "out\n", "err\n"} {
		if !strings.Contains(failure, part) {
			t.Errorf("%q is not in %q", part, failure)
		}
	}
	if strings.Contains(failure, "hunter2") {
		t.Errorf("stdin is in %q", failure)
	}
	created := p.create(t, remoteCommand, properties{"connection": s.connection(), "create": "true", "delete": "exit 4"})
	if err := p.delete(t, remoteCommand, created); err == nil || !strings.Contains(err.Error(), "status 4") {
		t.Errorf("delete: %v", err)
	}
}

func TestCommandLogging(t *testing.T) {
	s := startSSHD(t)
	for mode, want := range map[string][]string{
		"": {"err", "out 1", "out 2"}, "stdoutAndStderr": {"err", "out 1", "out 2"},
		"stdout": {"out 1", "out 2"}, "stderr": {"err"}, "none": nil,
	} {
		p := startPlugin(t)
		inputs := properties{"connection": s.connection(), "create": "echo out 1; echo err >&2; echo out 2"}
		if mode != "" {
			inputs["logging"] = mode
		}
		created := p.create(t, remoteCommand, inputs)
		logged := p.infos()
		slices.Sort(logged)
		if !slices.Equal(logged, want) {
			t.Errorf("logging %q showed %q, want %q", mode, logged, want)
		}
		if created.stdout() != "out 1\nout 2" || created.stderr() != "err" {
			t.Errorf("logging %q: stdout %q, stderr %q", mode, created.stdout(), created.stderr())
		}
	}
}

func TestCommandOutputsKeepAllButTheLastLineEnd(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	created := p.create(t, remoteCommand, properties{"connection": s.connection(), "create": `printf ' a\n\n\n'`})
	if created.stdout() != " a\n\n" {
		t.Errorf("stdout %q", created.stdout())
	}
}

func TestCommandPreviousOutputs(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t, "AcceptEnv PULUMI_COMMAND_*")
	show := `echo "$PULUMI_COMMAND_STDOUT/$PULUMI_COMMAND_STDERR"`
	inputs := properties{"connection": s.connection(), "create": "echo out; echo err >&2", "update": show}
	created := p.create(t, remoteCommand, inputs)
	updated := p.update(t, remoteCommand, created, inputs.with(properties{"stdin": "x"}))
	if updated.stdout() != "out/err" {
		t.Errorf("update saw %q", updated.stdout())
	}
	updated = p.update(t, remoteCommand, created, inputs.with(properties{"addPreviousOutputInEnv": false}))
	if updated.stdout() != "/" {
		t.Errorf("update saw %q with addPreviousOutputInEnv off", updated.stdout())
	}
	record := filepath.Join(t.TempDir(), "record")
	updated = p.update(t, remoteCommand, created, inputs.with(properties{"delete": show + " > " + record}))
	must(t, p.delete(t, remoteCommand, updated))
	if got := readFile(t, record); got != "out/err/\n" {
		t.Errorf("delete saw %q", got)
	}
}

func TestCommandPreviousOutputsRefusedByServer(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	inputs := properties{"connection": s.connection(), "create": "echo out"}
	created := p.create(t, remoteCommand, inputs)
	p.update(t, remoteCommand, created, inputs.with(properties{"stdin": "x"}))
	warnings := p.logged(pulumirpc.LogSeverity_WARNING)
	if len(warnings) != 1 || !strings.Contains(warnings[0], "Unable to set 'PULUMI_COMMAND_STDOUT'") ||
		!strings.Contains(warnings[0], "AcceptEnv") {
		t.Errorf("warnings: %q", warnings)
	}
}

func TestCommandEnvironment(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t, "AcceptEnv ACCEPTED")
	inputs := properties{
		"connection": s.connection(), "create": `echo "$ACCEPTED"`, "environment": map[string]any{"ACCEPTED": "it's"},
	}
	if created := p.create(t, remoteCommand, inputs); created.stdout() != "it's" {
		t.Errorf("stdout %q", created.stdout())
	}
	failure := p.createFails(t, remoteCommand, inputs.with(properties{"environment": map[string]any{"REFUSED": "x"}}))
	if !strings.Contains(failure, `could not set environment variable "REFUSED": ssh: setenv failed`) {
		t.Errorf("failure %q", failure)
	}
	errors := p.logged(pulumirpc.LogSeverity_ERROR)
	if len(errors) != 1 || !strings.Contains(errors[0], "AcceptEnv") {
		t.Errorf("errors: %q", errors)
	}
}

func TestCommandStateKeepsConnectionSecret(t *testing.T) {
	p, s := startPlugin(t), startSSHD(t)
	created := p.create(t, remoteCommand, properties{
		"connection": s.connection(), "create": "echo out", "stdin": resource.MakeSecret(resource.NewProperty("x")),
	})
	for _, properties := range []resource.PropertyMap{created.inputs, created.outputs} {
		if !properties["connection"].IsSecret() {
			t.Error("the connection is not secret")
		}
		if !properties["stdin"].IsSecret() {
			t.Error("a secret stdin is not secret any more")
		}
	}
	if created.outputs["stdout"].IsSecret() {
		t.Error("stdout is secret because stdin is; 1.2.1 leaves that to additionalSecretOutputs")
	}
}

func TestCommandMayLeaveItsStdinUnread(t *testing.T) {
	differsFromOfficial(t, "a command that ends before it has read a long stdin fails with EOF")
	p, s := startPlugin(t), startSSHD(t)
	inputs := properties{"connection": s.connection(), "create": "echo done", "stdin": strings.Repeat("x", 8<<20)}
	if created := p.create(t, remoteCommand, inputs); created.stdout() != "done" {
		t.Errorf("stdout %q", created.stdout())
	}
}

func TestCommandMayPrintLongLines(t *testing.T) {
	differsFromOfficial(t, "a line of more than 64 KiB hangs it unless logging is none")
	p, s := startPlugin(t), startSSHD(t)
	inputs := properties{"connection": s.connection(), "create": "head -c 200000 /dev/zero | tr '\\0' x"}
	if created := p.create(t, remoteCommand, inputs); len(created.stdout()) != 200000 {
		t.Errorf("%d bytes of stdout", len(created.stdout()))
	}
}
