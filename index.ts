import * as pulumi from "@pulumi/pulumi";
import { Cluster, clusterArgsFromConfig } from "./components";

// The SDK takes a source-mapped stack for every promise it makes, four for each property of each resource: at V8's ten
// frames, a sixth of an `up` that changes nothing.
Error.stackTraceLimit = 2;

export = async () => {
    const args = await clusterArgsFromConfig(new pulumi.Config());
    const cluster = new Cluster("cluster", args);
    return {
        /** For kubectl: `pulumi stack output kubeconfig --show-secrets`. */
        kubeconfig: cluster.kubeconfig,
        endpoint: cluster.endpoint,
        caCertificate: cluster.caCertificate,
        nodes: cluster.nodes,
        certificatesExpire: cluster.certificatesExpire,
        /** For a machine that is joined by hand: `pulumi stack output --json | jq -r .joinCommands.worker | sh` prints the command. */
        joinCommands: cluster.joinCommands,
    };
};
