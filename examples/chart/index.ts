import * as pulumi from "@pulumi/pulumi";
import { Provider } from "@pulumi/kubernetes";
import { Chart } from "@pulumi/kubernetes/helm/v4";
import { Cluster } from "pulumi-kubeadm";

const config = new pulumi.Config();

const cluster = new Cluster("cluster", {
    ssh: { user: "ops", privateKey: config.requireSecret("privateKey") },
    controlPlaneNodes: [
        { name: "cp1", address: "192.0.2.11", hostKey: config.require("cp1HostKey") },
        { name: "cp2", address: "192.0.2.12", hostKey: config.require("cp2HostKey") },
        { name: "cp3", address: "192.0.2.13", hostKey: config.require("cp3HostKey") },
    ],
    workerNodes: [{ name: "w1", address: "192.0.2.21", hostKey: config.require("w1HostKey") }],
    loadBalancer: { virtualAddress: "192.0.2.100" },
});

/**
 * By `dependsOn` nothing is applied before every node is Ready, and a `destroy` deletes first what was applied,
 * and then the cluster. Without an identifier of yours, a new endpoint would replace everything that was applied.
 */
const provider = new Provider(
    "kubernetes",
    { kubeconfig: cluster.kubeconfig, clusterIdentifier: "cluster" },
    { dependsOn: cluster },
);

/** kubernetes-csi's driver for NFS, and a StorageClass for one folder of your server. */
const volumes = new Chart(
    "csi-nfs",
    {
        chart: "csi-driver-nfs",
        version: "4.13.4",
        repositoryOpts: { repo: "https://kubernetes-csi.github.io/csi-driver-nfs" },
        namespace: "kube-system",
        values: {
            storageClasses: [
                {
                    name: "nfs-csi",
                    annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
                    parameters: { server: config.require("nfsServer"), share: config.require("nfsShare") },
                    mountOptions: ["nfsvers=4.1"],
                },
            ],
        },
    },
    { provider },
);

export const { kubeconfig } = cluster;
export const installed = volumes.urn;
