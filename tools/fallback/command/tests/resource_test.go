package tests

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	rpcplugin "github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

const (
	remoteCommand = "command:remote:Command"
	copyToRemote  = "command:remote:CopyToRemote"
	localCommand  = "command:local:Command"
	localRun      = "command:local:run"
)

// operationTimeout keeps a hanging plugin from hanging the tests.
const operationTimeout = 60 * time.Second

// properties are written in tests as plain Go values, assets and secrets as resource.PropertyValue.
type properties map[string]any

// with returns a copy with some properties changed; nil removes one.
func (p properties) with(changes properties) properties {
	changed := maps.Clone(p)
	for name, value := range changes {
		if value == nil {
			delete(changed, name)
			continue
		}
		changed[name] = value
	}
	return changed
}

// state is a resource as the engine remembers it.
type state struct {
	id              string
	inputs, outputs resource.PropertyMap
}

func (s *state) stdout() string { return s.text("stdout") }
func (s *state) stderr() string { return s.text("stderr") }

func (s *state) text(name resource.PropertyKey) string {
	value := s.outputs[name]
	if value.IsSecret() {
		value = value.SecretValue().Element
	}
	if !value.IsString() {
		return value.String() // an unknown, in a preview
	}
	return value.StringValue()
}

func operation(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), operationTimeout)
	t.Cleanup(cancel)
	return ctx
}

func marshal(t *testing.T, properties resource.PropertyMap) *structpb.Struct {
	t.Helper()
	s, err := rpcplugin.MarshalProperties(properties, rpcplugin.MarshalOptions{
		KeepUnknowns: true, KeepSecrets: true, KeepResources: true, ComputeAssetHashes: true,
	})
	must(t, err)
	return s
}

func unmarshal(t *testing.T, s *structpb.Struct) resource.PropertyMap {
	t.Helper()
	m, err := rpcplugin.UnmarshalProperties(s, rpcplugin.MarshalOptions{
		KeepUnknowns: true, KeepSecrets: true, KeepResources: true,
	})
	must(t, err)
	return m
}

func urn(kind string) string { return "urn:pulumi:dev::project::" + kind + "::name" }

// tryCheck returns the inputs with defaults, and why they were refused.
func (p *plugin) tryCheck(t *testing.T, kind string, inputs properties) (resource.PropertyMap, []string) {
	t.Helper()
	resp, err := p.Check(operation(t), &pulumirpc.CheckRequest{
		Urn: urn(kind), News: marshal(t, resource.NewPropertyMapFromMap(inputs)), RandomSeed: make([]byte, 32),
	})
	must(t, err)
	var refusals []string
	for _, failure := range resp.Failures {
		refusals = append(refusals, failure.Property+": "+failure.Reason)
	}
	return unmarshal(t, resp.Inputs), refusals
}

func (p *plugin) check(t *testing.T, kind string, inputs properties) resource.PropertyMap {
	t.Helper()
	checked, refusals := p.tryCheck(t, kind, inputs)
	if refusals != nil {
		t.Fatalf("inputs refused: %v", refusals)
	}
	return checked
}

func (p *plugin) tryCreate(t *testing.T, kind string, inputs properties, timeout float64) (*state, error) {
	t.Helper()
	checked := p.check(t, kind, inputs)
	resp, err := p.Create(operation(t), &pulumirpc.CreateRequest{
		Urn: urn(kind), Name: "name", Type: kind, Properties: marshal(t, checked), Timeout: timeout,
	})
	if err != nil {
		return nil, err
	}
	return &state{resp.Id, checked, unmarshal(t, resp.Properties)}, nil
}

func (p *plugin) create(t *testing.T, kind string, inputs properties) *state {
	t.Helper()
	created, err := p.tryCreate(t, kind, inputs, 0)
	must(t, err)
	return created
}

// createFails returns why.
func (p *plugin) createFails(t *testing.T, kind string, inputs properties) string {
	t.Helper()
	if _, err := p.tryCreate(t, kind, inputs, 0); err != nil {
		return err.Error()
	}
	t.Fatal("create succeeded")
	return ""
}

func (p *plugin) previewCreate(t *testing.T, kind string, inputs properties) resource.PropertyMap {
	t.Helper()
	resp, err := p.Create(operation(t), &pulumirpc.CreateRequest{
		Urn: urn(kind), Name: "name", Type: kind, Properties: marshal(t, p.check(t, kind, inputs)), Preview: true,
	})
	must(t, err)
	return unmarshal(t, resp.Properties)
}

// diff tells whether anything changed, and the inputs that force a replacement.
func (p *plugin) diff(t *testing.T, kind string, old *state, inputs properties) (changed bool, replaces []string) {
	t.Helper()
	resp, err := p.Diff(operation(t), &pulumirpc.DiffRequest{
		Id: old.id, Urn: urn(kind), Name: "name", Type: kind,
		Olds: marshal(t, old.outputs), OldInputs: marshal(t, old.inputs), News: marshal(t, p.check(t, kind, inputs)),
	})
	must(t, err)
	if resp.DeleteBeforeReplace {
		t.Error("the replaced resource would be deleted first")
	}
	for _, path := range resp.Replaces {
		name, _, _ := strings.Cut(path, "[")
		replaces = append(replaces, name)
	}
	return resp.Changes == pulumirpc.DiffResponse_DIFF_SOME, replaces
}

func (p *plugin) tryUpdate(t *testing.T, kind string, old *state, inputs properties, preview bool) (*state, error) {
	t.Helper()
	checked := p.check(t, kind, inputs)
	resp, err := p.Update(operation(t), &pulumirpc.UpdateRequest{
		Id: old.id, Urn: urn(kind), Name: "name", Type: kind,
		Olds: marshal(t, old.outputs), OldInputs: marshal(t, old.inputs), News: marshal(t, checked), Preview: preview,
	})
	if err != nil {
		return nil, err
	}
	return &state{old.id, checked, unmarshal(t, resp.Properties)}, nil
}

func (p *plugin) update(t *testing.T, kind string, old *state, inputs properties) *state {
	t.Helper()
	updated, err := p.tryUpdate(t, kind, old, inputs, false)
	must(t, err)
	return updated
}

func (p *plugin) delete(t *testing.T, kind string, old *state) error {
	t.Helper()
	_, err := p.Delete(operation(t), &pulumirpc.DeleteRequest{
		Id: old.id, Urn: urn(kind), Name: "name", Type: kind,
		Properties: marshal(t, old.outputs), OldInputs: marshal(t, old.inputs),
	})
	return err
}

func (p *plugin) invoke(t *testing.T, token string, args properties) (resource.PropertyMap, error) {
	t.Helper()
	resp, err := p.Invoke(operation(t), &pulumirpc.InvokeRequest{
		Tok: token, Args: marshal(t, resource.NewPropertyMapFromMap(args)),
	})
	if err != nil {
		return nil, err
	}
	if len(resp.Failures) > 0 {
		t.Fatalf("arguments refused: %v", resp.Failures)
	}
	return unmarshal(t, resp.Return), nil
}
