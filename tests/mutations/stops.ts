import type { Mutation } from "./mutation";

const IDENTITY = ["scripts/identity"];
const FORMATION = ["scripts/etcd"];
const RELEASE = ["unit/release"];
const PACKAGES = ["scripts/packages"];

/** Defects of what stops before a loss: release, preflight, formation, packages, keys. */
export const STOPS: Mutation[] = [
    {
        name: "release does not compare the host",
        file: "components/scripts/phases/release.sh",
        search: "    reason=$(release_refusal)\n",
        replace: '    reason=""\n',
        tests: IDENTITY,
    },
    {
        name: "release does not compare the claim",
        file: "components/scripts/lib/core/identity.sh",
        search: '-r $IDENTITY && $(staged_value CLAIM) != "$CLAIM"',
        replace: '-n ""',
        tests: IDENTITY,
    },
    {
        name: "preflight does not compare the name",
        file: "components/scripts/lib/core/identity.sh",
        search: '[[ $name != "$NODE_NAME" ]]',
        replace: "false",
        tests: IDENTITY,
    },
    {
        name: "preflight does not compare the role",
        file: "components/scripts/lib/core/identity.sh",
        search: '[[ $role != "$ROLE" ]]',
        replace: "false",
        tests: IDENTITY,
    },
    {
        name: "prepare stages before it looks whose host it is",
        file: "components/scripts/phases/prepare.sh",
        search: "    require_own_host\n",
        replace: "",
        tests: IDENTITY,
    },
    {
        name: "a released member stays in etcd's list",
        file: "components/scripts/phases/release.sh",
        search: "    etcd_leave\n",
        replace: "",
        tests: IDENTITY,
    },
    {
        name: "a failed release is a success (T2)",
        file: "components/scripts/local/release.sh",
        search: '    exit "$status"\n',
        replace: "    exit 0\n",
        tests: RELEASE,
    },
    {
        name: "a release takes any host key (T3)",
        file: "components/scripts/local/dial.sh",
        search: 'StrictHostKeyChecking="$STRICT"',
        replace: "StrictHostKeyChecking=no",
        tests: RELEASE,
    },
    {
        name: "a refused login is a machine that is off",
        file: "components/scripts/local/dial.sh",
        search: 'grep -Eq "^ssh: connect to host .*: (Connection timed out|Operation timed out|No route to host|Host is down)" "$1/said"',
        replace: "true",
        tests: RELEASE,
    },
    {
        name: "a release has no time limit",
        file: "components/scripts/local/dial.sh",
        search: '[ "$waited" -ge "$((LIMIT * 5))" ]',
        replace: "false",
        tests: RELEASE,
    },
    {
        name: "whoever finds nobody forms a cluster",
        file: "components/scripts/lib/etcd/formation.sh",
        search: "    if [[ -z ${FOUNDER:-} ]]; then\n",
        replace: "    if false; then\n",
        tests: FORMATION,
    },
    {
        name: "a founding member whose etcd ran forms a cluster again",
        file: "components/scripts/lib/etcd/formation.sh",
        search: '[[ $ACTION != create ]] || host_joined || etcd_ran_here "$1"',
        replace: "[[ $ACTION != create ]]",
        tests: FORMATION,
    },
    {
        name: "another machine under a founding member's name forms a cluster",
        file: "components/scripts/lib/etcd/formation.sh",
        search: '[[ $FOUNDER != "$(</etc/machine-id)" ]]',
        replace: "false",
        tests: FORMATION,
    },
    {
        name: "files without a write-ahead log count as data",
        file: "components/scripts/lib/etcd/data.sh",
        search: "etcd_has_data() { [[ -e $1/member/wal ]]; }",
        replace: "etcd_has_data() { [[ -e $1/member ]]; }",
        tests: FORMATION,
    },
    {
        name: "a minority of the founding members forms a cluster",
        file: "components/scripts/lib/etcd/formation.sh",
        search: '((count > $(wc -w <<<"$FOUNDERS") / 2))',
        replace: "true",
        tests: FORMATION,
    },
    {
        name: "a peer that hangs counts as nobody at once",
        file: "components/scripts/lib/etcd/formation.sh",
        search: "        echo unclear\n",
        replace: "        echo nobody\n",
        tests: FORMATION,
    },
    {
        name: "the record of founding members follows the program",
        file: "components/etcd/formation.ts",
        search: "founder.claim === claim && ",
        replace: "",
        tests: ["components/formation"],
    },
    {
        name: "the formation does not ask whether etcd ran",
        file: "components/etcd/formation.ts",
        search: "all.some(({ etcdRan }) => etcdRan) ? [] : all",
        replace: "all",
        tests: ["components/formation"],
    },
    {
        name: "the formation takes no answer for an answer",
        file: "components/scripts/local/ask.sh",
        search: '    wait "$process" || failed=1\n',
        replace: '    wait "$process" || true\n',
        tests: ["unit/ask"],
    },
    {
        name: "the CAs are not protected",
        file: "components/lib/certificates.ts",
        search: "    protect: true,\n",
        replace: "",
        tests: ["components/formation"],
    },
    {
        name: "release removes every package that is new",
        file: "components/scripts/lib/host/packages.sh",
        search: 'comm -12 "$INSTALLED" -',
        replace: "grep -v base-files",
        tests: PACKAGES,
    },
    {
        name: "every key at the URL is trusted",
        file: "components/scripts/lib/host/packages.sh",
        search: '--armor --export "$1"',
        replace: "--armor --export",
        tests: PACKAGES,
    },
];
