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
import { applyObjects } from "./objects";

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

const STORAGE = { [StorageProvisioner.LocalPath]: localPathObjects, [StorageProvisioner.Nfs]: nfsObjects };

/** Applies the add-ons besides the network, once the nodes are Ready, and waits for each. */
export function installExtras(name: string, shape: ClusterShape, opts: pulumi.CustomResourceOptions): void {
    const { coreDns, metricsServer, storage, kubeletConfiguration } = shape;
    const install = (what: string, objects: Parameters<typeof applyObjects>[1]) =>
        applyObjects(`${name}-${what}`, objects, opts, { awaited: true });
    install("coredns", coreDnsObjects(coreDns));
    install("node-local-dns", nodeLocalDnsObjects(shape));
    if (metricsServer) {
        install("metrics-server", metricsServerObjects(kubeletConfiguration.serverTLSBootstrap === true));
    }
    if (storage) install("storage", STORAGE[storage.provisioner](storage));
}
