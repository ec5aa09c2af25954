import type { apps, core, policy } from "@pulumi/kubernetes/types/input";
import { CoreDnsSettings } from "../model/coreDns";
import { KubernetesObject } from "./objects";

const SELECTOR = { "k8s-app": "kube-dns" };

/**
 * What kubeadm's own CoreDNS gets over its manifest, as a kubeadm patch (`corednsdeployment+strategic`): so that kubeadm
 * itself, which writes the Deployment anew at every upgrade, keeps it.
 */
export function coreDnsPatch({ replicas, resources, spread }: CoreDnsSettings): string {
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
