import * as pulumi from "@pulumi/pulumi";
import { Provider } from "@pulumi/kubernetes/provider";
import { hasAddons } from "../addons/install";
import { reachEndpoint } from "../host/endpoint";
import { ClusterConfiguration } from "./configuration";
import { Context } from "./hosts";

/** How what runs on the cluster is applied. */
export function kubernetesApi(
    context: Context,
    configuration: ClusterConfiguration,
    admin: pulumi.Output<string>,
): pulumi.CustomResourceOptions {
    const { name, pki, child } = context;
    // Identify the cluster by its CA, so that a changed endpoint does not replace the add-ons.
    const known = { kubeconfig: admin, clusterIdentifier: pki.clusterId };
    // The provider looks at the cluster once, when it starts; before there is one it would take it for unreachable.
    const dependsOn = reachable(context, configuration.applied);
    const provider = new Provider(`${name}-kubernetes`, known, { ...child, dependsOn });
    // With the cluster itself gone there is nobody to ask for the removal of what ran on it.
    return { ...child, provider, dependsOn, deletedWith: configuration.applied };
}

/** Ends when add-ons can be applied from this machine. Without add-ons nothing calls the endpoint from here. */
function reachable({ name, plan, pki, child }: Context, applied: pulumi.Resource): pulumi.Resource {
    if (!hasAddons(plan.shape)) return applied;
    const endpoint = plan.settings.apply((settings) => settings.clientEndpoint);
    const reached = { endpoint, caCertificate: pki.ca.certificate };
    return reachEndpoint(`${name}-endpoint`, reached, { ...child, dependsOn: applied });
}
