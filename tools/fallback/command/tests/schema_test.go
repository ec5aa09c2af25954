package tests

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

var update = flag.Bool("update", false, "write testdata/schema.json instead of comparing with it")

// The golden file was written from the official provider: it is what programs and SDKs rely on.
func TestSchemaIsThatOfOfficial(t *testing.T) {
	p := startPlugin(t)
	resp, err := p.GetSchema(context.Background(), &pulumirpc.GetSchemaRequest{})
	must(t, err)
	var schema map[string]any
	must(t, json.Unmarshal([]byte(resp.Schema), &schema))
	got, err := json.MarshalIndent(map[string]any{
		"name": schema["name"], "version": schema["version"], "config": schema["config"],
		"provider": schema["provider"], "types": withoutDescriptions(schema["types"]),
		"resources": withoutDescriptions(pick(schema["resources"], remoteCommand, copyToRemote, localCommand)),
		"functions": withoutDescriptions(schema["functions"]),
	}, "", " ")
	must(t, err)
	got = append(got, '\n')
	golden := filepath.Join("testdata", "schema.json")
	if *update {
		must(t, os.WriteFile(golden, got, 0o644))
	}
	if want := readFile(t, golden); string(got) != want {
		t.Errorf("the schema differs from %s:\n%s", golden, got)
	}
}

func TestVersion(t *testing.T) {
	info, err := startPlugin(t).GetPluginInfo(context.Background(), &emptypb.Empty{})
	must(t, err)
	if info.Version != "1.2.1" {
		t.Errorf("version %q", info.Version)
	}
}

func pick(object any, names ...string) map[string]any {
	picked := map[string]any{}
	for _, name := range names {
		picked[name] = object.(map[string]any)[name]
	}
	return picked
}

// withoutDescriptions drops what is for people. A property may be called description too, but none is.
func withoutDescriptions(value any) any {
	switch value := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, member := range value {
			if name != "description" {
				kept[name] = withoutDescriptions(member)
			}
		}
		return kept
	case []any:
		kept := make([]any, len(value))
		for i, member := range value {
			kept[i] = withoutDescriptions(member)
		}
		return kept
	}
	return value
}
