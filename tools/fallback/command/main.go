// Command pulumi-resource-command is a stand-in for version 1.2.1 of the official command provider,
// for machines that cannot download that one. See README.md for where the two differ.
package main

import (
	"context"
	"fmt"
	"os"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/middleware/schema"

	"pulumi-kubeadm/tools/command/internal/local"
	"pulumi-kubeadm/tools/command/internal/remote"
)

// version is that of the official provider whose behaviour this one follows: the SDK asks for it.
const version = "1.2.1"

func main() {
	command := infer.Provider(infer.Options{
		Metadata: schema.Metadata{
			DisplayName: "Command",
			Description: "Runs commands and copies files, locally or over SSH, as Pulumi resources.",
			Keywords:    []string{"pulumi", "command", "category/utility", "kind/native"},
			License:     "Apache-2.0",
			LanguageMap: map[string]any{"nodejs": map[string]any{"respectSchemaVersion": true}},
		},
		Resources: []infer.InferredResource{
			infer.Resource(&local.Command{}),
			infer.Resource(&remote.Command{}),
			infer.Resource(&remote.CopyToRemote{}),
		},
		Functions: []infer.InferredFunction{
			infer.Function(&local.Run{}),
		},
	})
	if err := provider.RunProvider(context.Background(), "command", version, command); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-command: %v\n", err)
		os.Exit(1)
	}
}
