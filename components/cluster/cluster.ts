import * as pulumi from "@pulumi/pulumi";
import { Provider } from "@pulumi/kubernetes/provider";
import { installCni, installExtras } from "../addons/install";
import { Dependencies, NO_DEPENDENCIES, mergeDependencies, whenSettled } from "../host/dependencies";
import { hostPort } from "../lib/addresses";
import { externalBalancerDuty } from "../load-balancer/external";
import { LoadBalancer } from "../load-balancer/loadBalancer";
import { ClusterArgs, ClusterSettings, resolveSettings } from "../model/cluster";
import { validateCluster } from "../model/clusterRules";
import { LoadBalancerPlacement, LoadBalancerType } from "../model/loadBalancerType";
import { NodeSettings } from "../model/nodes";
import { secretsOf } from "../model/secrets";
import { ClusterConfiguration } from "./configuration";
import { ControlPlaneNode } from "./controlPlaneNode";
import { connectEtcd } from "./etcdAccess";
import { ClusterHosts, Context, createHosts } from "./hosts";
import { kubeconfig } from "./kubeconfig";
import { ClusterPki } from "./pki";
import { reportOf } from "./nodeReport";
import { controlPlaneNodes, workerNodes } from "./nodes";

/** One node of a cluster. */
export interface NodeOutput {
    /** `control-plane` or `worker` */
    role: string;
    /** The address that the cluster uses. */
    address: string;
    kubernetesVersion: string;
}

/** A highly available Kubernetes cluster on machines of one's own. */
export class Cluster extends pulumi.ComponentResource {
    /**
     * The administrator's kubeconfig (group kubeadm:cluster-admins), known when every node is Ready. Where a node failed and
     * the others went on (`--continue-on-error`), it is known all the same, to look into the cluster with. A secret.
     */
    public readonly kubeconfig: pulumi.Output<string>;
    /** `https://host:port`, as seen from outside the cluster. */
    public readonly endpoint: pulumi.Output<string>;
    /** The Kubernetes CA's certificate, PEM. */
    public readonly caCertificate: pulumi.Output<string>;
    /** The nodes, by name; known when the kubeconfig is. */
    public readonly nodes: pulumi.Output<Record<string, NodeOutput>>;
    /**
     * Control plane node to the time (RFC 3339) at which the first of its certificates ends. The `up` that renews the
     * administrator's certificate, within its last 30 days, renews these too. A node whose step failed is left out.
     * An existing etcd's client certificate counts too, and is renewed by its owner.
     */
    public readonly certificatesExpire: pulumi.Output<Record<string, string>>;

    constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:Cluster", name, {}, opts);
        validateCluster(args);
        const settings = resolveSettings(args);
        const child = { parent: this };

        const pki = new ClusterPki(`${name}-pki`, args.pki ?? {}, child);
        const context: Context = { name, settings, secrets: secretsOf(args), pki, child };

        const hosts = createHosts(context);
        const loadBalancer = createLoadBalancer(context, hosts);
        const etcd = connectEtcd(context, hosts);
        const controlPlane = controlPlaneNodes(context, hosts, etcd);
        etcd?.members?.removeDeparted(controlPlane.hosts.map(({ node }) => node));
        const after = mergeDependencies([controlPlane.changed, loadBalancer]);
        const configuration = configure(context, hosts, controlPlane.hosts, after);
        const admin = adminKubeconfig(context);
        const api = kubernetesApi(context, configuration, admin);
        const network = pulumi.output(installCni[settings.cni.plugin](name, settings, api));
        const workers = workerNodes(context, hosts, configuration, network);
        const finished = configuration.finish(`${name}-finish`, [...controlPlane.hosts, ...workers], network);
        installExtras(name, settings, { ...api, dependsOn: finished });

        this.kubeconfig = pulumi.secret(whenSettled(finished, { ok: admin, failed: admin }));
        this.endpoint = pulumi.output(`https://${clientEndpoint(settings)}`);
        this.caCertificate = pki.ca.certificate;
        const nodes = nodeOutputs(settings);
        this.nodes = whenSettled(finished, { ok: nodes, failed: nodes });
        this.certificatesExpire = certificateEnds(settings, controlPlane.hosts);
        this.registerOutputs({
            kubeconfig: this.kubeconfig,
            endpoint: this.endpoint,
            caCertificate: this.caCertificate,
            nodes: this.nodes,
            certificatesExpire: this.certificatesExpire,
        });
    }
}

// Only a dedicated balancer is a component; otherwise the nodes install it in their own steps.
function createLoadBalancer({ name, settings, secrets, child }: Context, hosts: ClusterHosts): Dependencies {
    const { loadBalancer, firewall } = settings;
    if (loadBalancer.type === LoadBalancerType.External) void pulumi.log.info(externalBalancerDuty(settings));
    if (loadBalancer.placement !== LoadBalancerPlacement.Dedicated) return NO_DEPENDENCIES;
    const args = {
        settings: loadBalancer,
        hosts: hosts.loadBalancer,
        barrier: hosts.barrier,
        passwords: secrets.balancerPasswords,
        firewall,
    };
    return new LoadBalancer(`${name}-lb`, args, child).changed;
}

const configure = (
    { name, settings, pki, child }: Context,
    hosts: ClusterHosts,
    controlPlane: ControlPlaneNode[],
    after: Dependencies,
): ClusterConfiguration =>
    new ClusterConfiguration(
        `${name}-configuration`,
        { settings, pki, hosts: hosts.controlPlane, controlPlane, after },
        child,
    );

/** How what runs on the cluster is applied. */
function kubernetesApi(
    { name, pki, child }: Context,
    configuration: ClusterConfiguration,
    admin: pulumi.Output<string>,
): pulumi.CustomResourceOptions {
    // Identify the cluster by its CA, so that a changed endpoint does not replace the add-ons.
    const known = { kubeconfig: admin, clusterIdentifier: pki.clusterId };
    // The provider looks at the cluster once, when it starts; before there is one it would take it for unreachable.
    const dependsOn = configuration.applied;
    const provider = new Provider(`${name}-kubernetes`, known, { ...child, dependsOn });
    // With the cluster itself gone there is nobody to ask for the removal of what ran on it.
    return { ...child, provider, dependsOn, deletedWith: dependsOn };
}

const adminKubeconfig = ({ settings, pki }: Context): pulumi.Output<string> =>
    pulumi.all([pki.ca.certificate, pki.admin]).apply(([caCertificate, credentials]) =>
        kubeconfig({
            clusterName: settings.clusterName,
            endpoint: clientEndpoint(settings),
            caCertificate,
            userName: "kubernetes-admin",
            credentials,
        }),
    );

const clientEndpoint = ({ clientEndpoint: { host, port } }: ClusterSettings): string => hostPort(host, port);

function nodeOutputs({
    controlPlaneNodes: controlPlane,
    workerNodes: workers,
    kubernetesVersion,
}: ClusterSettings): Record<string, NodeOutput> {
    const outputs = (nodes: NodeSettings[], role: string) =>
        nodes.map(({ name, privateAddress }) => [name, { role, address: privateAddress, kubernetesVersion }] as const);
    return Object.fromEntries([...outputs(controlPlane, "control-plane"), ...outputs(workers, "worker")]);
}

const certificateEnds = (
    { controlPlaneNodes: nodes }: ClusterSettings,
    made: ControlPlaneNode[],
): pulumi.Output<Record<string, string>> =>
    pulumi
        .all(made.map(({ node }) => reportOf(node)))
        .apply((reports) =>
            Object.fromEntries(
                reports
                    .map(({ certificatesExpire }, i) => [nodes[i].name, certificatesExpire] as const)
                    .filter(([, end]) => end !== ""),
            ),
        );
