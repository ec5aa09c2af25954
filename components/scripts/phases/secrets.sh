# shellcheck shell=bash
# Stages the secrets that the desired state of this host needs: passwords of registries and of the balancer, and secret files. They have a step of their own, so
# that a diff of the desired state can be read. It changes nothing that serves. Like `prepare`, it does not compare the claim.

phase_secrets() {
    require_own_host
    stage_secrets
}
