// The Terraform provider keeps its constructor in an internal package. A module whose path lies below the provider's
// own may import it, so this one hands it on.
module github.com/hashicorp/terraform-provider-tls/shim

go 1.26.0

require (
	github.com/hashicorp/terraform-plugin-framework v1.19.0
	github.com/hashicorp/terraform-provider-tls v1.2.1-0.20230117062332-afdd54107aba
)
