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
