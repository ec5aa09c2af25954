import type { Mutation } from "./mutation";

const LIB = "components/scripts/lib";

/** Defects that let others than root read a secret on a host. */
export const SECRETS: Mutation[] = [
    {
        name: "the CA's key is readable by all",
        file: `${LIB}/cluster/bootstrap.sh`,
        search: 'write_secret "$PKI/ca.key" "$PKI_CA_KEY"',
        replace: 'write_file "$PKI/ca.key" 0644 <<<"$PKI_CA_KEY"',
        tests: ["scripts/phases"],
        title: "lets root alone read keys and state",
    },
    {
        name: "every secret file is readable by all",
        file: `${LIB}/core/files.sh`,
        search: 'write_file "$1" 0600;',
        replace: 'write_file "$1" 0644;',
        tests: ["scripts/phases"],
        title: "lets root alone read keys and state",
    },
    {
        name: "a step uses other passwords than it was sent for",
        file: `${LIB}/core/files.sh`,
        search: `    [[ -r $(secrets_file) ]] ||`,
        replace: "    true ||",
        tests: ["scripts/secrets"],
    },
    {
        name: "a password that leaves the program stays on its hosts",
        file: "components/scripts/phases/node.sh",
        search: "        drop_other_secrets\n",
        replace: "",
        tests: ["scripts/secrets"],
    },
    {
        name: "a digest of a password can be found by trying",
        file: "components/host/secretParameters.ts",
        search: 'createHmac("sha256", secret)',
        replace: 'createHmac("sha256", "")',
        tests: ["components/cluster"],
    },
    {
        name: "the state's folder is open to all",
        file: `${LIB}/core/files.sh`,
        search: 'install -d -m 0700 "$STATE"',
        replace: 'install -d -m 0755 "$STATE"',
        tests: ["scripts/phases"],
        title: "lets root alone read keys and state",
    },
    {
        name: "super-admin.conf stays when the role binding fails",
        file: `${LIB}/cluster/bootstrap.sh`,
        search: `    trap 'rm -rf "$SUPER_ADMIN"' EXIT\n`,
        replace: "",
        tests: ["scripts/superAdmin"],
    },
    {
        name: "super-admin.conf stays when the phase was killed",
        file: `${LIB}/cluster/bootstrap.sh`,
        search: 'bootstrap_control_plane() {\n    rm -rf "$SUPER_ADMIN"\n',
        replace: "bootstrap_control_plane() {\n",
        tests: ["scripts/superAdmin"],
        title: "the next run removes it",
    },
    {
        name: "super-admin.conf stays in /tmp",
        file: `${LIB}/cluster/bootstrap.sh`,
        search: "readonly SUPER_ADMIN=$STATE/super-admin",
        replace: "SUPER_ADMIN=$(mktemp -d)",
        tests: ["scripts/superAdmin"],
        title: "the next run removes it",
    },
];
