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
