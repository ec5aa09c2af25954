import type { Mutation } from "./mutation";

const VERIFY = "components/scripts/lib/cluster/verify.sh";
const CALICO = "components/scripts/lib/cluster/calico.sh";
const LAST_ERRORS = "components/scripts/lib/host/last-errors.sh";

/** Defects of what a failed step tells, and of what every node needs before it works. */
export const REASONS: Mutation[] = [
    {
        name: "a node that is not Ready has no reason",
        file: "components/scripts/phases/finish.sh",
        search: "if .message then",
        replace: "if false then",
        tests: ["scripts/finish"],
    },
    {
        name: "a change that leaves the Node not Ready has no reason",
        file: "components/scripts/lib/cluster/health.sh",
        search: '        echo "the Node is: $status"\n',
        replace: "",
        tests: ["scripts/refusals"],
        title: "a worker whose Node",
    },
    {
        name: "verify does not say why an image cannot be pulled",
        file: VERIFY,
        search: `if .message and .reason != "CrashLoopBackOff"`,
        replace: "if false",
        tests: ["scripts/verify"],
    },
    {
        name: "a CoreDNS without a node has no reason",
        file: VERIFY,
        search: "        missing_name_servers\n",
        replace: "",
        tests: ["scripts/verify"],
    },
    {
        name: "a join that ends in vain does not say what the kubelet said",
        file: "components/scripts/lib/cluster/bootstrap.sh",
        search: "with_last_errors quietly kubeadm join",
        replace: "quietly kubeadm join",
        tests: ["scripts/phases"],
        title: "waits for in vain",
    },
    {
        name: "a refused flag is no error",
        file: LAST_ERRORS,
        search: "|^(Error|panic): ",
        replace: "",
        tests: ["scripts/refusals"],
        title: "a controller that does not run",
    },
    {
        name: "flannel leaves out a node with a taint NoExecute",
        file: "components/addons/flannel.ts",
        search: `tolerations: [{ operator: "Exists" }]`,
        replace: `tolerations: [{ operator: "Exists", effect: "NoSchedule" }]`,
        tests: ["unit/flannel"],
    },
    {
        name: "a repository of images that lacks the scheduler's passes preflight",
        file: "components/cluster/hostChecks.ts",
        search: `, "kube-scheduler"]`,
        replace: "]",
        tests: ["unit/sources"],
    },
    {
        name: "Calico's pool changes before BIRD runs on every node",
        file: CALICO,
        search: `[[ $2 == *" Never" ]]`,
        replace: "false",
        tests: ["scripts/calicoPools"],
    },
    {
        name: "Felix cannot replace the routes that BIRD leaves behind",
        file: "components/addons/calico.ts",
        search: "DeleteConflictingRoutes=enabled",
        replace: "DeleteConflictingRoutes=disabled",
        tests: ["unit/network"],
    },
    {
        name: "a pool of Calico's that somebody has set otherwise is overwritten",
        file: CALICO,
        search: `"Never CrossSubnet" | "Never Never" | "Always Never") change`,
        replace: "*) change",
        tests: ["scripts/calicoPools"],
    },
];
