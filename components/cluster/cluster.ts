import * as pulumi from "@pulumi/pulumi";
import { installCni, installExtras } from "../addons/install";
import { Dependencies, NO_DEPENDENCIES, mergeDependencies, whenSettled } from "../host/dependencies";
import { hostPort } from "../lib/addresses";
import { allProduced } from "../lib/outputs";
import { externalBalancerDuty } from "../load-balancer/external";
import { LoadBalancer } from "../load-balancer/loadBalancer";
import { ClusterArgs, ClusterSettings, ClusterShape } from "../model/cluster";
import { ClusterPlan, PlannedNode, planCluster } from "../model/clusterPlan";
import { LoadBalancerPlacement, LoadBalancerType } from "../model/loadBalancerType";
import { secretsOf } from "../model/secrets";
import { ClusterConfiguration } from "./configuration";
import { ControlPlaneNode } from "./controlPlaneNode";
import { connectEtcd } from "./etcdAccess";
import { ClusterHosts, Context, createHosts } from "./hosts";
import { kubeconfig } from "./kubeconfig";
import { kubernetesApi } from "./kubernetesApi";
import { ClusterPki } from "./pki";
import { reportOf } from "./nodeReport";
import { JoinCommands, joinCommands } from "./joinCommands";
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
     * An existing etcd's client certificate counts too, and is renewed by its owner. The CAs count too, and no `up` renews them.
     */
    public readonly certificatesExpire: pulumi.Output<Record<string, string>>;
    /**
     * Shell lines that print a `kubeadm join` line, `worker` and `controlPlane`, for a machine that a person joins by hand. Each makes a token of
     * two hours when it runs. The program leaves such a node alone and never upgrades it. `controlPlane` is absent with stacked etcd, whose
     * undeclared members the program removes. Both are absent with a balancer on every node, and with `ssh.sudoPassword`.
     */
    public readonly joinCommands: pulumi.Output<JoinCommands>;

    constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:Cluster", name, {}, opts);
        const plan = planCluster(args);
        const { shape, settings } = plan;
        const child = { parent: this };

        const pki = new ClusterPki(`${name}-pki`, args.pki ?? {}, child);
        const context: Context = { name, plan, secrets: secretsOf(args), pki, child };

        const hosts = createHosts(context);
        const loadBalancer = createLoadBalancer(context, hosts);
        const etcd = connectEtcd(context, hosts);
        const controlPlane = controlPlaneNodes(context, hosts, etcd);
        etcd?.members?.removeDeparted(controlPlane.hosts.map(({ node }) => node));
        const after = mergeDependencies([controlPlane.changed, loadBalancer]);
        const configuration = configure(context, hosts, controlPlane.hosts, after);
        const admin = adminKubeconfig(context);
        const api = kubernetesApi(context, configuration, admin);
        const network = pulumi.output(installCni[shape.cni.plugin](name, plan, api));
        const workers = workerNodes(context, hosts, configuration, network);
        const finished = configuration.finish(`${name}-finish`, [...controlPlane.hosts, ...workers], network);
        installExtras(name, shape, { ...api, dependsOn: finished });

        this.kubeconfig = pulumi.secret(whenSettled(finished, { ok: admin, failed: admin }));
        this.endpoint = settings.apply((known) => `https://${clientEndpoint(known)}`);
        this.caCertificate = pki.ca.certificate;
        const nodes = nodeOutputs(plan);
        this.nodes = whenSettled(finished, { ok: nodes, failed: nodes });
        this.certificatesExpire = certificateEnds(shape, controlPlane.hosts);
        this.joinCommands = joinCommands(settings, args.ssh);
        this.registerOutputs({
            joinCommands: this.joinCommands,
            kubeconfig: this.kubeconfig,
            endpoint: this.endpoint,
            caCertificate: this.caCertificate,
            nodes: this.nodes,
            certificatesExpire: this.certificatesExpire,
        });
    }
}

// Only a dedicated balancer is a component; otherwise the nodes install it in their own steps.
function createLoadBalancer({ name, plan, secrets, child }: Context, hosts: ClusterHosts): Dependencies {
    const { shape, settings } = plan;
    if (shape.loadBalancer.type === LoadBalancerType.External) {
        void tellDuty(settings);
    }
    if (shape.loadBalancer.placement !== LoadBalancerPlacement.Dedicated) return NO_DEPENDENCIES;
    const args = {
        settings: settings.loadBalancer,
        hosts: hosts.loadBalancer,
        barrier: hosts.barrier,
        passwords: secrets.balancerPasswords,
        firewall: shape.firewall,
    };
    return new LoadBalancer(`${name}-lb`, args, child).changed;
}

// The address may be a secret.
async function tellDuty(settings: pulumi.Output<ClusterSettings>): Promise<void> {
    if (await pulumi.isSecret(settings).catch(() => true)) return;
    settings.apply((known) => pulumi.log.info(externalBalancerDuty(known)));
}

const configure = (
    { name, plan, pki, child }: Context,
    hosts: ClusterHosts,
    controlPlane: ControlPlaneNode[],
    after: Dependencies,
): ClusterConfiguration =>
    new ClusterConfiguration(
        `${name}-configuration`,
        { plan, pki, hosts: hosts.controlPlane, controlPlane, after },
        child,
    );

const adminKubeconfig = ({ plan, pki }: Context): pulumi.Output<string> =>
    pulumi.all([plan.settings, pki.ca.certificate, pki.admin]).apply(([settings, caCertificate, credentials]) =>
        kubeconfig({
            clusterName: settings.clusterName,
            endpoint: clientEndpoint(settings),
            caCertificate,
            userName: "kubernetes-admin",
            credentials,
        }),
    );

const clientEndpoint = ({ clientEndpoint: { host, port } }: ClusterSettings): string => hostPort(host, port);

function nodeOutputs(plan: ClusterPlan): pulumi.Output<Record<string, NodeOutput>> {
    const { kubernetesVersion } = plan.shape;
    const outputs = (nodes: PlannedNode[], role: string) =>
        nodes.map(({ shape, settings }) => {
            const output = settings.apply(({ privateAddress }): NodeOutput => ({
                role,
                address: privateAddress,
                kubernetesVersion,
            }));
            return [shape.name, output] as const;
        });
    return allProduced(
        Object.fromEntries([
            ...outputs(plan.controlPlaneNodes, "control-plane"),
            ...outputs(plan.workerNodes, "worker"),
        ]),
    );
}

const certificateEnds = (
    { controlPlaneNodes: nodes }: ClusterShape,
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
