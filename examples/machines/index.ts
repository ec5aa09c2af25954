import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { Cluster, ClusterArgs, NodeArgs } from "pulumi-kubeadm";

const config = new pulumi.Config();
const tool = config.require("tool");

/**
 * A machine that this program makes. In a real program it is a resource of your provider; here your own command makes it, and prints its address
 * and its public SSH host key as JSON.
 */
function machine(name: string, options: pulumi.CustomResourceOptions): NodeArgs {
    const made = new local.Command(
        `machine-${name}`,
        { create: `${tool} create ${name}`, delete: `${tool} delete ${name}` },
        options,
    );
    const { address, hostKey } = made.stdout.apply((text) => JSON.parse(text) as { address: string; hostKey: string });
    return { name, address, hostKey };
}

const cluster = new Cluster("cluster", {
    ssh: { privateKey: config.requireSecret("privateKey") },
    // A replaced machine of the control plane joins before the former one is released: see README, "Replacing a machine".
    controlPlaneNodes: config
        .requireObject<string[]>("controlPlaneNodes")
        .map((name) => machine(name, { ignoreChanges: ["create"] })),
    workerNodes: config
        .requireObject<string[]>("workerNodes")
        .map((name) => machine(name, { deleteBeforeReplace: true })),
    ...config.getObject<Partial<ClusterArgs>>("options"),
});

export const { kubeconfig, nodes } = cluster;
