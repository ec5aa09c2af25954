import * as pulumi from "@pulumi/pulumi";
import { Release } from "@pulumi/kubernetes/helm/v3/release";
import { calicoObjects } from "../config/calico";
import { ciliumValues } from "../config/cilium";
import { flannelObjects } from "../config/flannel";
import { ClusterSettings } from "../settings";
import { CniPlugin } from "../types";
import { CALICO, CILIUM } from "../versions";
import { readManifest } from "./manifest";
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

function cilium(name: string, settings: ClusterSettings, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const { repository, version } = settings.cni.chart ?? CILIUM;
    return new Release(
        name,
        {
            name: "cilium",
            chart: "cilium",
            version,
            repositoryOpts: { repo: repository },
            namespace: "kube-system",
            values: ciliumValues(settings),
            // As every CNI plugin's, its pods are well when all nodes have joined.
            skipAwait: true,
        },
        opts,
    );
}
