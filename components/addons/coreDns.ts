import type { apps, core, policy } from "@pulumi/kubernetes/types/input";
import { digest } from "../host/contract";
import { Table, ValuesOf, text } from "../host/parameters";
import { CoreDnsSettings } from "../model/coreDns";
import { corefile, kubeadmCorefile } from "./corefile";
import { KubernetesObject } from "./objects";

const SELECTOR = { "k8s-app": "kube-dns" };

/** The parameters of the phase `cluster` for CoreDNS. */
export const CORE_DNS = {
    COREDNS_PATCH: text("kubeadm's patch of CoreDNS' Deployment, JSON."),
    COREFILE: text(
        "CoreDNS' Corefile with the program's options. Empty without any: kubeadm's or an administrator's stays.",
    ),
    KUBEADM_COREFILE: text("kubeadm's own Corefile."),
} satisfies Table;

export function coreDnsParameters(coreDns: CoreDnsSettings, dnsDomain: string): ValuesOf<typeof CORE_DNS> {
    const own = corefile(coreDns, dnsDomain);
    return {
        COREDNS_PATCH: coreDnsPatch(coreDns, own),
        COREFILE: own,
        KUBEADM_COREFILE: kubeadmCorefile(dnsDomain),
    };
}

/**
 * What kubeadm's own CoreDNS gets over its manifest, as a kubeadm patch (`corednsdeployment+strategic`): so that kubeadm
 * itself, which writes the Deployment anew at every upgrade, keeps it. An annotation has the digest of the program's Corefile,
 * so that a change of the Corefile is a rolling update, which stops where a pod does not start.
 */
export function coreDnsPatch({ replicas, resources, spread }: CoreDnsSettings, ownCorefile = ""): string {
    const constraint = {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: SELECTOR },
        // Of one rollout's pods: with the old ones counted, the new ones would find no place.
        matchLabelKeys: ["pod-template-hash"],
    } satisfies core.v1.TopologySpreadConstraint;
    const spec = {
        replicas,
        template: {
            metadata: ownCorefile ? { annotations: { "pulumi-kubeadm/corefile": digest({ ownCorefile }) } } : undefined,
            spec: {
                topologySpreadConstraints: spread ? [constraint] : undefined,
                containers: resources ? [{ name: "coredns", resources }] : undefined,
            },
        },
    } satisfies apps.v1.DeploymentSpecPatch;
    return JSON.stringify({ spec });
}

export const coreDnsObjects = ({ maxUnavailable }: CoreDnsSettings): KubernetesObject[] =>
    maxUnavailable === undefined
        ? []
        : [
              {
                  apiVersion: "policy/v1",
                  kind: "PodDisruptionBudget",
                  metadata: { name: "coredns", namespace: "kube-system" },
                  spec: { maxUnavailable, selector: { matchLabels: SELECTOR } },
              } satisfies policy.v1.PodDisruptionBudget,
          ];
