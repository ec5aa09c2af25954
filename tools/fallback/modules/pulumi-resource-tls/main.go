// Command pulumi-resource-tls is the Terraform TLS provider, bridged to Pulumi, with the tokens of @pulumi/tls.
package main

import (
	"context"
	_ "embed"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"

	"github.com/pulumi-kubeadm/tools/pulumi-resource-tls/info"
)

// After a change to info/ or the versions in go.mod, run `go generate .` here and commit what it writes.
//
//go:generate go run ./gen schema --skip-docs --skip-examples --out .
//go:generate mv bridge-metadata.json info/bridge-metadata.json
//go:generate npx prettier --write schema.json info/bridge-metadata.json

//go:embed schema.json
var schema []byte

func main() {
	pf.Main(context.Background(), "tls", info.Provider(), pf.ProviderMetadata{PackageSchema: schema})
}
