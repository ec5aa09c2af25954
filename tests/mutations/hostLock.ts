import type { Mutation } from "./mutation";

const CORE = "components/scripts/lib/core";
const TESTS = ["scripts/hostLock"];

/** Defects of the lock of a host, and of waits that outlive their step and keep it. */
export const HOST_LOCK: Mutation[] = [
    {
        name: "nothing locks the host",
        file: `${CORE}/host-lock.sh`,
        search: "if ! flock --nonblock 9; then",
        replace: "if false; then",
        tests: TESTS,
    },
    {
        name: "a step that was killed while it waited for the host begins",
        file: `${CORE}/host-lock.sh`,
        search: `            log "the other run has left this host"\n`,
        replace: "",
        tests: TESTS,
        title: "begins nothing",
    },
    {
        name: "a step works with the lock of a file that is deleted",
        file: `${CORE}/host-lock.sh`,
        search: "if [[ ! /proc/self/fd/9 -ef $HOST_LOCK ]]; then",
        replace: "if false; then",
        tests: TESTS,
        title: "has deleted the lock's file",
    },
    {
        name: "a step that only waits counts as one that holds the host",
        file: `${CORE}/host-lock.sh`,
        search: "if (!(id[i] in waits)) print",
        replace: "print",
        tests: TESTS,
        title: "names the step",
    },
    {
        name: "a subshell of a step that was killed waits on",
        file: `${CORE}/log.sh`,
        search: `        if ! kill -0 "$$" 2>/dev/null; then exit "$REPORTED"; fi\n`,
        replace: "",
        tests: TESTS,
        title: "the signal missed a subshell",
    },
    {
        name: "a long wait says nothing",
        file: `${CORE}/log.sh`,
        search: "told >= PROGRESS_SECONDS",
        replace: "told > seconds",
        tests: TESTS,
        title: "nobody reads any more",
    },
];
