import * as pulumi from "@pulumi/pulumi";
import { ClusterShape } from "../model/cluster";
import { ClusterPlan } from "../model/clusterPlan";
import { CniPlugin } from "../model/cni";
import { StorageProvisioner } from "../model/storage";
import { CALICO } from "../versions/versions";
import { calicoObjects } from "./calico";
import { cilium } from "./cilium";
import { coreDnsObjects } from "./coreDns";
import { flannelObjects } from "./flannel";
import { localPathObjects } from "./localPath";
import { readManifest } from "./manifest";
import { metricsServerObjects } from "./metricsServer";
import { nfsObjects } from "./nfs";
import { nodeLocalDnsObjects } from "./nodeLocalDns";
import { KubernetesObject, applyObjects } from "./objects";

type Install = (name: string, plan: ClusterPlan, opts: pulumi.CustomResourceOptions) => pulumi.Input<pulumi.Resource[]>;

/** Applies the pods' network; what is returned is applied last. */
export const installCni: Record<CniPlugin, Install> = {
    [CniPlugin.Flannel]: (name, { shape }, opts) => applyObjects(`${name}-flannel`, flannelObjects(shape), opts),
    [CniPlugin.Calico]: (name, { shape }, opts) =>
        pulumi
            .output(readManifest({ ...CALICO, ...shape.cni.manifest }))
            .apply((manifest) => applyObjects(`${name}-calico`, calicoObjects(manifest, shape), opts)),
    [CniPlugin.Cilium]: (name, plan, opts) => [cilium(`${name}-cilium`, plan, opts)],
    [CniPlugin.None]: () => [],
};

/** The namespace and the label of the pods that each runs on every node. */
export const CNI_PODS: Record<CniPlugin, string> = {
    [CniPlugin.Flannel]: "kube-flannel app=flannel",
    [CniPlugin.Calico]: "kube-system k8s-app=calico-node",
    [CniPlugin.Cilium]: "kube-system k8s-app=cilium",
    [CniPlugin.None]: "",
};

const STORAGE = { [StorageProvisioner.LocalPath]: localPathObjects, [StorageProvisioner.Nfs]: nfsObjects };

/** The objects of each add-on besides the network. */
const extras = (shape: ClusterShape): Record<string, KubernetesObject[]> => ({
    coredns: coreDnsObjects(shape.coreDns),
    "node-local-dns": nodeLocalDnsObjects(shape),
    "metrics-server": shape.metricsServer
        ? metricsServerObjects(shape.kubeletConfiguration.serverTLSBootstrap === true)
        : [],
    storage: shape.storage ? STORAGE[shape.storage.provisioner](shape.storage) : [],
});

/** Whether this program applies any object of Kubernetes. */
export const hasAddons = (shape: ClusterShape): boolean =>
    shape.cni.plugin !== CniPlugin.None || Object.values(extras(shape)).some((objects) => objects.length > 0);

/** Applies the add-ons besides the network, once the nodes are Ready, and waits for each. */
export function installExtras(name: string, shape: ClusterShape, opts: pulumi.CustomResourceOptions): void {
    for (const [addon, objects] of Object.entries(extras(shape))) {
        applyObjects(`${name}-${addon}`, objects, opts, { awaited: true });
    }
}
