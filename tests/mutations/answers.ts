import type { Mutation } from "./mutation";

const HOST = "components/scripts/lib/host";
const CLUSTER = "components/scripts/lib/cluster";
const NGINX = "components/scripts/services/nginx-health.sh";

/** Defects that take a failure for an answer: "I cannot tell" for "there is none". */
export const ANSWERS: Mutation[] = [
    {
        name: "the search in the list of declared files stops at the first that fits",
        file: `${HOST}/setup-files.sh`,
        search: 'grep -xF -- "$1" >/dev/null; }',
        replace: 'grep -qxF -- "$1"; }',
        tests: ["scripts/setup"],
        title: "keeps every file of a long list",
    },
    {
        name: "a former file that could not be put back is forgotten",
        file: `${HOST}/setup-files.sh`,
        search: 'mv -fT "$former.restored" "$1"; } || return',
        replace: 'mv -fT "$former.restored" "$1"; } || true',
        tests: ["scripts/setup"],
        title: "keeps the copy of a former file",
    },
    {
        name: "a containerd that is slow to answer says that nothing is to be restarted",
        file: `${CLUSTER}/certificates.sh`,
        search: `found=$(wait_for_output 60 "containerd to tell when $2 started" crictl ps --name "^$2$" --output json) || exit 1`,
        replace: `found=$(crictl ps --name "^$2$" --output json) || return 1`,
        tests: ["scripts/certificates"],
        title: "where containerd is slow to answer",
    },
    {
        name: "a lost answer says that nobody has cordoned the node",
        file: `${CLUSTER}/drain.sh`,
        search: `wait_for_output 60 "the API to tell whether $NODE_NAME is cordoned"`,
        replace: "true ||",
        tests: ["scripts/rollout"],
        title: "leaves a node closed to pods that somebody else",
    },
    {
        name: "a host without dnf's versionlock cannot tell which packages are on hold",
        file: `${HOST}/packages-redhat.sh`,
        search: `    [[ -e $locks ]] || return 0\n`,
        replace: "",
        tests: ["scripts/foreignPackages"],
        title: "are none where dnf has no versionlock",
    },
    {
        name: "a release takes its own package with an epoch for another's",
        file: `${HOST}/packages-redhat.sh`,
        search: `rpm --query --queryformat '%{NEVRA}\\n'`,
        replace: "rpm --query",
        tests: ["scripts/redhat"],
        title: "is given back: packages",
    },
    {
        name: "nginx is told of its healthy backends once, whether it listens or not",
        file: NGINX,
        search: "if write_list && reload_if_changed; then",
        replace: "if write_list && { reload_if_changed || true; }; then",
        tests: ["scripts/loadBalancer"],
        title: "tells nginx again until nginx has the list",
    },
    {
        name: "a list of backends that could not be written replaces the last one",
        file: NGINX,
        search: 'done >"$FILE.new" || return',
        replace: 'done >"$FILE.new" || : >"$FILE"',
        tests: ["scripts/loadBalancer"],
        title: "keeps its list where no other can be written",
    },
    {
        name: "the host's own apt does not hear of our installations",
        file: `${HOST}/packages-debian.sh`,
        search: `[[ -z $history ]] || cat`,
        replace: `[[ -n $history ]] || cat`,
        tests: ["scripts/packages"],
        title: "stand in the history of the host's apt",
    },
    {
        name: "an installation that was cut leaves no list of its packages",
        file: `${HOST}/packages-debian.sh`,
        search: `-oDir::Log::History="$UNRECORDED" `,
        replace: "",
        tests: ["scripts/packages"],
        title: "are also those of an installation that was cut",
    },
];
