import { createHash } from "crypto";
import * as pulumi from "@pulumi/pulumi";
import { CniPlugin, Cluster, EtcdCluster, HostArgs, LoadBalancerPlacement } from "pulumi-kubeadm";

const config = new pulumi.Config();
const ssh = { user: "ops", privateKey: config.requireSecret("privateKey") };

/** An invented host key, derived from a text. */
const keyOf = (text: string): string => {
    const type = Buffer.from("AAAAC3NzaC1lZDI1NTE5AAAAIA==", "base64");
    return `ssh-ed25519 ${Buffer.concat([type, createHash("sha256").update(text).digest()]).toString("base64")}`;
};

// A host as your inventory has it; in a real program the key comes from there too.
const host = (name: string, address: string): HostArgs => ({
    name,
    address,
    hostKey: keyOf(`${name} ${address}`),
});

/** Highly available, the balancer on the control plane nodes. */
const production = new Cluster("production", {
    ssh,
    controlPlaneNodes: [host("cp1", "192.0.2.11"), host("cp2", "192.0.2.12"), host("cp3", "192.0.2.13")],
    workerNodes: [host("w1", "192.0.2.21"), host("w2", "192.0.2.22")],
    loadBalancer: { virtualAddress: "192.0.2.100" },
});

/** Small, the balancer on a host of its own, without a CNI plugin: you install one. */
const staging = new Cluster("staging", {
    ssh,
    controlPlaneNodes: [host("staging1", "192.0.2.31")],
    loadBalancer: { placement: LoadBalancerPlacement.Dedicated, hosts: [host("lb1", "192.0.2.30")] },
    cni: { plugin: CniPlugin.None },
});

/** An etcd cluster for another purpose. */
const etcd = new EtcdCluster("registry", {
    ssh,
    members: [host("etcd1", "192.0.2.41"), host("etcd2", "192.0.2.42"), host("etcd3", "192.0.2.43")],
});

export const endpoints = [production.endpoint, staging.endpoint];
export const kubeconfig = production.kubeconfig;
export const etcdEndpoints = etcd.endpoints;
