import * as pulumi from "@pulumi/pulumi";
import * as k8s from "@pulumi/kubernetes";
import { flannelObjects } from "../config/flannel";
import { ClusterSettings } from "../settings";

/** Applies flannel; what is returned is applied last. */
export function installFlannel(
    name: string,
    settings: ClusterSettings,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    const objects = flannelObjects(settings);
    const namespace = new k8s.core.v1.Namespace(`${name}-namespace`, objects.namespace, opts);
    const inside = pulumi.mergeOptions(opts, { dependsOn: namespace });
    const before = [
        new k8s.core.v1.ServiceAccount(`${name}-account`, objects.account, inside),
        new k8s.rbac.v1.ClusterRole(`${name}-role`, objects.role, opts),
        new k8s.rbac.v1.ClusterRoleBinding(`${name}-binding`, objects.binding, opts),
        new k8s.core.v1.ConfigMap(`${name}-config`, objects.config, inside),
    ];
    const last = pulumi.mergeOptions(opts, { dependsOn: before });
    return new k8s.apps.v1.DaemonSet(`${name}-daemonset`, objects.daemonSet, last);
}
