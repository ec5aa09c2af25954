import * as pulumi from "@pulumi/pulumi";
import { Release } from "@pulumi/kubernetes/helm/v3/release";
import { ClusterSettings } from "../model/cluster";
import { ClusterPlan } from "../model/clusterPlan";
import { KubeProxyMode } from "../model/network";
import { CILIUM } from "../versions/versions";

export function cilium(
    name: string,
    { shape, settings }: ClusterPlan,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const { repository, version } = { ...CILIUM, ...shape.cni.chart };
    return new Release(
        name,
        {
            name: "cilium",
            chart: "cilium",
            version,
            repositoryOpts: { repo: repository },
            namespace: "kube-system",
            values: settings.apply(ciliumValues),
            // As every CNI plugin's, its pods are well when all nodes have joined.
            skipAwait: true,
        },
        opts,
    );
}

/** Values for Cilium's chart that follow from the cluster (docs.cilium.io, "Helm Reference"); the user's come over them. */
export function ciliumValues({ network, cni, endpoint }: ClusterSettings): Record<string, unknown> {
    const replacesKubeProxy = network.kubeProxy === KubeProxyMode.None;
    const { v4, v6 } = network.podSubnets;
    const values = {
        // Pods get their addresses from the node's podCIDR, which kube-controller-manager hands out.
        ipam: { mode: "kubernetes" },
        ipv4: { enabled: v4 !== undefined },
        ipv6: { enabled: v6 !== undefined },
        kubeProxyReplacement: replacesKubeProxy,
        // Without kube-proxy there is no Service yet by which the agent could find the API.
        ...(replacesKubeProxy ? { k8sServiceHost: endpoint.host, k8sServicePort: endpoint.port } : {}),
        ...(cni.mtu ? { MTU: cni.mtu } : {}),
    };
    return merge(values, cni.values ?? {});
}

function merge(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
    const isObject = (value: unknown): value is Record<string, unknown> =>
        typeof value === "object" && value !== null && !Array.isArray(value);
    const merged = Object.entries(over).map(([key, value]): [string, unknown] => {
        const below = base[key];
        return [key, isObject(below) && isObject(value) ? merge(below, value) : value];
    });
    return { ...base, ...Object.fromEntries<unknown>(merged) };
}
