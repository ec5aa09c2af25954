import type { Mutation } from "./mutation";

const VERIFY = "components/scripts/lib/cluster/verify.sh";
const VERIFIED = ["scripts/verify"];
const RESTARTS = "components/scripts/lib/host/restarts.sh";

/** Defects of what proves that a cluster works. */
export const PROOF: Mutation[] = [
    {
        name: "a pod that does not answer passes",
        file: VERIFY,
        search: `    said=$(timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/9"' "$1" 2>&1) || [[ $said == *"Connection refused"* ]]`,
        replace: "    local said=",
        tests: VERIFIED,
    },
    {
        name: "an answer without an address passes",
        file: VERIFY,
        search: " (00\\ 0[1-9]|00\\ [1-9]) ]]",
        replace: " ]]",
        tests: VERIFIED,
    },
    {
        name: "a node that does not reach CoreDNS's Service passes",
        file: VERIFY,
        search: `any(.status.conditions[]?; .type == "Ready" and .status == "True") | not)`,
        replace: `.status.phase == "Running" | not)`,
        tests: VERIFIED,
    },
    {
        name: "the pods of the verification stay when it fails",
        file: "components/scripts/run.sh",
        search: "    remove_verify_pods\n",
        replace: "",
        tests: VERIFIED,
    },
    {
        name: "a crash loop of somebody's pod stops an up",
        file: VERIFY,
        search: `then "critical" else "other" end`,
        replace: `then "critical" else "critical" end`,
        tests: VERIFIED,
    },
    {
        name: "a service that restarts again and again passes",
        file: RESTARTS,
        search: `elif ! grep -qxF "$line"`,
        replace: `elif false && ! grep -qxF "$line"`,
        tests: ["scripts/restarts"],
    },
];
