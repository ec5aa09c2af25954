// Package info describes the bridged TLS provider to the plugin and to the generator of its schema.
package info

import (
	_ "embed"

	"github.com/hashicorp/terraform-provider-tls/shim"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
)

//go:embed bridge-metadata.json
var bridgeMetadata []byte

// Version is the version of @pulumi/tls that this plugin stands in for.
const Version = "5.6.1"

// Provider maps the Terraform provider's resources to the tokens that @pulumi/tls uses.
func Provider() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		Name:    "tls",
		Version: Version,
		P:       pf.ShimProvider(shim.NewProvider()),
		// Only read for documentation, which is not generated; it must not be empty.
		UpstreamRepoPath: ".",
		MetadataInfo:     tfbridge.NewProviderMetadata(bridgeMetadata),
	}
	info.MustComputeTokens(tokens.SingleModule("tls_", "index", tokens.MakeStandard("tls")))
	return info
}
