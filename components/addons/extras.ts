import * as pulumi from "@pulumi/pulumi";
import { coreDnsObjects } from "../config/coreDns";
import { localPathObjects } from "../config/localPath";
import { metricsServerObjects } from "../config/metricsServer";
import { nfsObjects } from "../config/nfs";
import { nodeLocalDnsObjects } from "../config/nodeLocalDns";
import { ClusterSettings } from "../settings";
import { StorageProvisioner } from "../types";
import { applyObjects } from "./objects";

const STORAGE = { [StorageProvisioner.LocalPath]: localPathObjects, [StorageProvisioner.Nfs]: nfsObjects };

/** What a cluster may have besides its network: each is applied when the nodes are Ready, and waited for. */
export function installExtras(name: string, settings: ClusterSettings, opts: pulumi.CustomResourceOptions): void {
    const { coreDns, metricsServer, storage, kubeletConfiguration } = settings;
    const install = (what: string, objects: Parameters<typeof applyObjects>[1]) =>
        applyObjects(`${name}-${what}`, objects, opts, { awaited: true });
    install("coredns", coreDnsObjects(coreDns));
    install("node-local-dns", nodeLocalDnsObjects(settings));
    if (metricsServer)
        install("metrics-server", metricsServerObjects(kubeletConfiguration.serverTLSBootstrap === true));
    if (storage) install("storage", STORAGE[storage.provisioner](storage));
}
