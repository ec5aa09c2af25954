import * as pulumi from "@pulumi/pulumi";
import { Provider } from "@pulumi/kubernetes/provider";
import { installCni, installExtras } from "../addons/install";
import { Steps, onceEnded, union } from "../host/dependencies";
import { externalBalancerDuty } from "../load-balancer/external";
import { LoadBalancer } from "../load-balancer/loadBalancer";
import { ClusterArgs, resolveSettings, validateCluster } from "../model/cluster";
import { endpointText } from "../model/controlPlaneEndpoint";
import { privateAddressOf } from "../model/hosts";
import { LoadBalancerPlacement, LoadBalancerType } from "../model/loadBalancer";
import { ClusterConfiguration } from "./configuration";
import { ControlPlaneNode } from "./controlPlaneNode";
import { balancedBy } from "./desiredState";
import { connectEtcd } from "./etcdAccess";
import { Context, Machines, checkMachines } from "./hosts";
import { kubeconfig } from "./kubeconfig";
import { ClusterPki } from "./pki";
import { controlPlaneNodes, workerNodes } from "./turns";

/** A highly available Kubernetes cluster on machines of one's own. */
export class Cluster extends pulumi.ComponentResource {
    /**
     * The administrator's kubeconfig (group kubeadm:cluster-admins), known when every node is Ready. Where a node failed and
     * the others went on (`--continue-on-error`), it is known all the same, to look into the cluster with. A secret.
     */
    public readonly kubeconfig: pulumi.Output<string>;
    /** `https://host:port`, as those call it who are on no node. */
    public readonly endpoint: pulumi.Output<string>;
    /** The Kubernetes CA's certificate, PEM. */
    public readonly caCertificate: pulumi.Output<string>;
    /** Node name to the address that the cluster uses; known when the kubeconfig is. */
    public readonly nodes: pulumi.Output<Record<string, string>>;

    constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:Cluster", name, {}, opts);
        validateCluster(args);
        const settings = resolveSettings(args);
        const child = { parent: this };

        const pki = new ClusterPki(`${name}-pki`, {}, child);
        const context: Context = { name, args, settings, pki, child };

        const machines = checkMachines(context);
        const loadBalancer = balance(context, machines);
        const etcd = connectEtcd(context, machines);
        const controlPlane = controlPlaneNodes(context, machines, etcd);
        etcd?.cluster?.removeDeparted(controlPlane.nodes.map((node) => node.rollout));
        const configuration = configure(
            context,
            machines,
            controlPlane.nodes,
            union([controlPlane.changed, loadBalancer]),
        );
        const admin = adminKubeconfig(context);
        const api = kubernetesApi(context, configuration, admin);
        const network = pulumi.output(installCni[settings.cni.plugin](name, settings, api));
        const workers = workerNodes(context, machines, configuration, network);
        const settled = configuration.settle(`${name}-settle`, [...controlPlane.nodes, ...workers], network);
        installExtras(name, settings, { ...api, dependsOn: settled });

        this.kubeconfig = pulumi.secret(onceEnded(settled, admin, admin));
        this.endpoint = pulumi.output(`https://${endpointText(settings.clientEndpoint)}`);
        this.caCertificate = pki.ca.certificate;
        this.nodes = onceEnded(settled, nodeAddresses(args), nodeAddresses(args));
        this.registerOutputs({
            kubeconfig: this.kubeconfig,
            endpoint: this.endpoint,
            caCertificate: this.caCertificate,
            nodes: this.nodes,
        });
    }
}

// On control planes and on every node, the nodes' own steps bring it.
function balance({ name, args, settings, pki, child }: Context, machines: Machines): Steps {
    const { type, placement, port, virtualAddress, proxy, vrrp } = settings.loadBalancer;
    if (type === LoadBalancerType.External) pulumi.log.info(externalBalancerDuty(settings));
    if (placement !== LoadBalancerPlacement.Dedicated) return pulumi.output([]);
    const { hosts, backends } = balancedBy(settings);
    const where = { hosts, machines: machines.loadBalancer, barrier: machines.allPassed, owner: pki.id };
    const shape = { type, port, virtualAddress, proxy, vrrp, backends, firewall: args.firewall };
    return new LoadBalancer(`${name}-lb`, { ...shape, ...where }, child).changed;
}

const configure = (
    { name, args, settings, pki, child }: Context,
    machines: Machines,
    controlPlane: ControlPlaneNode[],
    after: Steps,
): ClusterConfiguration =>
    new ClusterConfiguration(
        `${name}-configuration`,
        {
            settings,
            pki,
            workerNodes: args.workerNodes ?? [],
            machines: machines.controlPlane,
            controlPlane,
            after,
        },
        child,
    );

/** How what runs on the cluster is applied. */
function kubernetesApi(
    { name, pki, child }: Context,
    configuration: ClusterConfiguration,
    admin: pulumi.Output<string>,
): pulumi.CustomResourceOptions {
    // It is the same cluster while its CA is, by whichever address it is reached.
    const known = { kubeconfig: admin, clusterIdentifier: pki.id };
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
            endpoint: endpointText(settings.clientEndpoint),
            caCertificate,
            userName: "kubernetes-admin",
            credentials,
        }),
    );

const nodeAddresses = ({
    controlPlaneNodes: leaders,
    workerNodes: workers = [],
}: ClusterArgs): Record<string, string> =>
    Object.fromEntries([...leaders, ...workers].map((node) => [node.name, privateAddressOf(node)]));
