import * as pulumi from "@pulumi/pulumi";
import { Cluster, clusterArgsFromConfig } from "./components";

export = async () => {
    const args = await clusterArgsFromConfig(new pulumi.Config());
    const cluster = new Cluster("cluster", args);
    return {
        /** For kubectl: `pulumi stack output kubeconfig --show-secrets`. */
        kubeconfig: cluster.kubeconfig,
        endpoint: cluster.endpoint,
        caCertificate: cluster.caCertificate,
        nodes: cluster.nodes,
    };
};
