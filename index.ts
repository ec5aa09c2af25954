import * as pulumi from "@pulumi/pulumi";
import { Cluster, clusterArgsFromConfig } from "./components";

const args = clusterArgsFromConfig(new pulumi.Config());
const cluster = new Cluster("cluster", args);

/** For kubectl: `pulumi stack output kubeconfig --show-secrets`. */
export const kubeconfig = cluster.kubeconfig;
export const endpoint = cluster.endpoint;
export const caCertificate = cluster.caCertificate;
export const nodes = cluster.nodes;
