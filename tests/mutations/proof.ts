import type { Mutation } from "./mutation";

const VERIFY = "components/scripts/lib/cluster/verify.sh";
const NAME_SERVERS = "components/scripts/lib/cluster/name-servers.sh";
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
        name: "large packets that get lost are not told",
        file: "components/scripts/lib/cluster/verify-packets.sh",
        search: '|| packet_passes "$1" "$mtu"',
        replace: "|| true",
        tests: VERIFIED,
        title: "large packets",
    },
    {
        name: "an answer without an address passes",
        file: NAME_SERVERS,
        search: " (00\\ 0[1-9]|00\\ [1-9]) ]]",
        replace: " ]]",
        tests: VERIFIED,
    },
    {
        name: "a node that does not reach CoreDNS's Service passes",
        file: VERIFY,
        search: "$states[] | select(.ready | not)",
        replace: "$states[] | select(false)",
        tests: VERIFIED,
    },
    {
        name: "nodes ask CoreDNS's Service alone",
        file: NAME_SERVERS,
        search: "[unique_by(.node)[:3][] | .addresses[0]] end",
        replace: "[] end",
        tests: VERIFIED,
    },
    {
        name: "a packet filter's last rule that rejects everything passes",
        file: "components/scripts/lib/host/firewall.sh",
        search: "(drop|reject|xt target",
        replace: "(drop|xt target",
        tests: ["scripts/packetFilter"],
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
        name: "a crash loop passes while its container has ended",
        file: VERIFY,
        search: "elif .restartCount > 0 and .state.terminated",
        replace: "elif false and .state.terminated",
        tests: VERIFIED,
        title: "crash loop",
    },
    {
        name: "a cluster whose CNI plugin was deleted passes",
        file: VERIFY,
        search: " && nodes_without_cni &&",
        replace: " &&",
        tests: VERIFIED,
        title: "CNI plugin",
    },
    {
        name: "a service that restarts again and again passes",
        file: RESTARTS,
        search: `elif ! grep -qxF "$line"`,
        replace: `elif false && ! grep -qxF "$line"`,
        tests: ["scripts/restarts"],
    },
];
