import * as pulumi from "@pulumi/pulumi";
import { ClusterSettings } from "../model/cluster";
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

type Install = (
    name: string,
    settings: ClusterSettings,
    opts: pulumi.CustomResourceOptions,
) => pulumi.Input<pulumi.Resource[]>;

/** Applies the pods' network; what is returned is applied last. */
export const installCni: Record<CniPlugin, Install> = {
    [CniPlugin.Flannel]: (name, settings, opts) => applyObjects(`${name}-flannel`, flannelObjects(settings), opts),
    [CniPlugin.Calico]: (name, settings, opts) =>
        pulumi
            .output(readManifest(settings.cni.manifest ?? CALICO))
            .apply((manifest) => applyObjects(`${name}-calico`, calicoObjects(manifest, settings), opts)),
    [CniPlugin.Cilium]: (name, settings, opts) => [cilium(`${name}-cilium`, settings, opts)],
    [CniPlugin.None]: () => [],
};

const STORAGE = { [StorageProvisioner.LocalPath]: localPathObjects, [StorageProvisioner.Nfs]: nfsObjects };

/** Applies the add-ons besides the network, once the nodes are Ready, and waits for each. */
export function installExtras(name: string, settings: ClusterSettings, opts: pulumi.CustomResourceOptions): void {
    const { coreDns, metricsServer, storage, kubeletConfiguration } = settings;
    const install = (what: string, objects: Parameters<typeof applyObjects>[1]) =>
        applyObjects(`${name}-${what}`, objects, opts, { awaited: true });
    install("coredns", coreDnsObjects(coreDns));
    install("node-local-dns", nodeLocalDnsObjects(settings));
    if (metricsServer) {
        install("metrics-server", metricsServerObjects(kubeletConfiguration.serverTLSBootstrap === true));
    }
    if (storage) install("storage", STORAGE[storage.provisioner](storage));
}
