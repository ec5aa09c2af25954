import type { Mutation } from "./mutation";

const tests = ["components/lateInputs"];

/** Defects with values that come later, from other resources of the program. */
export const LATE: Mutation[] = [
    {
        name: "a host's value that comes later is not judged",
        file: "components/model/lateArgs.ts",
        search: "if (Object.keys(values).length > 0) refuse(this.rules.what, rules.faults(path, known));",
        replace: "void rules;",
        tests,
        title: "address 10.0.0.300",
    },
    {
        name: "hosts are changed before all values that come later are right together",
        file: "components/cluster/hosts.ts",
        search: "{ hosts, checked: plan.checked, preflight }",
        replace: "{ hosts, preflight }",
        tests,
        title: "address 192.0.2.21",
    },
    {
        name: "a host waits for the machines of all others",
        file: "components/model/lateArgs.ts",
        search: "this.lateAt((at) => at.startsWith(`${path}.`))",
        replace: "this.lateAt(() => true)",
        tests,
        title: "are what their own host depends on",
    },
    {
        name: "every step depends on the machines of the control plane",
        file: "components/model/lateArgs.ts",
        search: "return untracked(\n            pulumi.all(this.lateAt(isAwaited))",
        replace: "return pulumi.output(\n            pulumi.all(this.lateAt(isAwaited))",
        tests,
        title: "are not all of them what any resource depends on",
    },
    {
        name: "a machine that cannot be made stops every host",
        file: "components/lib/outputs.ts",
        search: "() => undefined);",
        replace: "(error) => {\n        throw error;\n    });",
        tests,
        title: "takes no other host along",
    },
    {
        name: "a fault that comes from a placeholder is told",
        file: "components/model/lateArgs.ts",
        search: "return faults.filter((fault) => others.some((other) => isSame(fault, other)));",
        replace: "return others.length > 0 ? faults : isSame.length > 0 ? faults : [];",
        tests,
        title: "is no fault of an option",
    },
    {
        name: "the barrier depends on all hosts",
        file: "components/host/barrier.ts",
        search: "untracked(pulumi.all([settings, facts, checked]))",
        replace: "pulumi.all([settings, facts, checked])",
        tests: ["components/budget", "components/lateInputs"],
        title: "at most 10",
    },
    {
        name: "a worker does not wait for the kubelet of its former machine",
        file: "components/scripts/lib/cluster/bootstrap.sh",
        search: '    wait_for 90 "the kubelet of the former machine to be gone" node_is_not_ready "$credentials"\n',
        replace: "",
        tests: ["scripts/phases"],
        title: "waits until the former machine of its name is gone",
    },
    {
        name: "finish goes on where a node failed",
        file: "components/cluster/configuration.ts",
        search: "unlessFailed(nodes.map(({ node }) => node)), network",
        replace: "network",
        tests: ["components/isolation"],
        title: "a control plane node that does not come up",
    },
];
