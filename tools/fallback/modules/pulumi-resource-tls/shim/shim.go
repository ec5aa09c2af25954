// Package shim hands on the TLS provider's constructor, which is internal to its module.
package shim

import (
	framework "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-provider-tls/internal/provider"
)

// NewProvider returns the Terraform TLS provider.
func NewProvider() framework.Provider {
	return provider.New()
}
