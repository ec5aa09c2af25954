import type { Mutation } from "./mutation";

const HOST = "components/scripts/lib/host";
const TESTS = ["scripts/foreign"];

/** Defects of what the program does to hosts that others have used before it. */
export const FOREIGN: Mutation[] = [
    {
        name: "a package that somebody holds is changed",
        file: `${HOST}/checks-programs.sh`,
        search: 'if grep -qxF "$name" <<<"$held"; then\n            fault "$name: got ${installed',
        replace: 'if false; then\n            fault "$name: got ${installed',
        tests: ["scripts/foreignPackages"],
        title: "holds",
    },
    {
        name: "what needs the distribution's containerd is removed with it",
        file: `${HOST}/packages-debian.sh`,
        search: 'needed_by_debian() { also_purged "$*" "$@" 2>/dev/null || true; }',
        replace: "needed_by_debian() { :; }",
        tests: ["scripts/foreignPackages"],
        title: "removed with it",
    },
    {
        name: "a changed configuration of a package passes for the distribution's own",
        file: `${HOST}/packages-debian.sh`,
        search: '[[ -n $digest && $digest == "$(md5sum',
        replace: '[[ -n $digest || $digest == "$(md5sum',
        tests: TESTS,
    },
    {
        name: "the virtual address may be another machine's",
        file: `${HOST}/checks-remains.sh`,
        search: "    [[ $entry == *REACHABLE* ]] || return 0\n",
        replace: "    return 0\n",
        tests: TESTS,
        title: "of another machine",
    },
    {
        name: "a host of this cluster may not hold its virtual address",
        file: `${HOST}/checks-remains.sh`,
        search: `$(neighbour_entry "$host")") == "$owner" ]]; then return; fi`,
        replace: `$(neighbour_entry "$host")") == none ]]; then return; fi`,
        tests: TESTS,
        title: "of another machine",
    },
    {
        name: "containers of others do not keep a node from becoming one",
        file: `${HOST}/checks-remains.sh`,
        search: "if pgrep --full '/containerd-shim[^ ]* ' >/dev/null; then",
        replace: "if false; then",
        tests: TESTS,
        title: "running containers",
    },
    {
        name: "a release leaves the program's configuration in the place of the former one",
        file: "components/scripts/lib/core/files.sh",
        search: '        cp -a "$STATE/former-$1" "$2"\n',
        replace: "        :\n",
        tests: TESTS,
        title: "comes back",
    },
    {
        name: "a repository is listed twice with two keys",
        file: `${HOST}/packages.sh`,
        search: "    if [[ -n $other ]]; then\n",
        replace: "    if false; then\n",
        tests: ["scripts/apt"],
    },
    {
        name: "a repository that is gone stops the installation",
        file: `${HOST}/packages-debian.sh`,
        search: '            log "warning: not every package list could be read; see the repository\'s error above"\n            return\n',
        replace: '            die "the package lists could not be read"\n',
        tests: ["scripts/apt"],
    },
    {
        name: "a proxy of the login reaches kubeadm",
        file: "components/scripts/run.sh",
        search: "unset -v {http,https,ftp,all,no}_proxy",
        replace: "unset -v {ftp,all,no}_proxy",
        tests: ["scripts/apt"],
        title: "of the login",
    },
    {
        name: "a warning counts as a fault",
        file: `${HOST}/checks.sh`,
        search: 'then add_row WARNINGS "$@"; else',
        replace: 'then add_row FAULTS "$@"; else',
        tests: ["scripts/checks"],
    },
    {
        name: "a file that leaves restarts kube-apiserver without the lock of changes",
        file: "components/scripts/phases/node.sh",
        search: " || leaving_file_restarts kube-apiserver",
        replace: "",
        tests: ["scripts/setupOrder"],
        title: "under the lock where the file leaves",
    },
    {
        name: "flannel takes the interface of the default route",
        file: "components/addons/flannel.ts",
        search: `: ["--iface=$(NODE_IP)"];`,
        replace: ": [];",
        tests: ["unit/flannel"],
    },
];
