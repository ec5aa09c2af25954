// Command gen writes the plugin's schema and the bridge's metadata.
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"

	"github.com/pulumi-kubeadm/tools/pulumi-resource-tls/info"
)

func main() {
	tfgen.Main("tls", info.Provider())
}
