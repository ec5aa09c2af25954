import * as pulumi from "@pulumi/pulumi";
import { rolloutParameters } from "../host/contract";
import { Steps, Turn, afterTurns, oneMade, union } from "../host/dependencies";
import { firewallParameters } from "../host/firewall";
import { Machine } from "../host/host";
import { balancerOpenings } from "../host/openings";
import { at } from "../lib/addresses";
import { FirewallArgs, resolveFirewall } from "../model/firewall";
import { HostArgs, privateAddressOf } from "../model/hosts";
import { LoadBalancerPlacement, LoadBalancerType, resolveLoadBalancer } from "../model/loadBalancer";
import { BalancerProxyArgs } from "../model/proxy";
import { VrrpArgs } from "../model/vrrp";
import { Balanced, balancerParameters, balancerSecrets } from "./parts";
import { Backend } from "./proxy";

export interface LoadBalancerArgs {
    /** `haproxy` or `nginx`. A change is rolled out host by host. @default "haproxy" */
    type?: LoadBalancerType;
    /** Where it runs. */
    hosts: HostArgs[];
    /** The machines of `hosts`, in their order. */
    machines: Machine[];
    /** What must have ended before the first of these machines is changed. @default its own preflight */
    barrier?: pulumi.Resource;
    /** Whose machines they are; see `Machine`. */
    owner: pulumi.Input<string>;
    /** The port that clients use. */
    port: number;
    /** What stands behind it. A change is a reload, and cuts no connection. */
    backends: Backend[];
    /** The address that keepalived keeps on one healthy host. Changing it moves the endpoint: clients must follow. */
    virtualAddress?: string;
    proxy?: BalancerProxyArgs;
    vrrp?: VrrpArgs;
    /** The hosts' own firewalls. */
    firewall?: FirewallArgs;
}

/** One stable endpoint on hosts of its own: haproxy or nginx, and keepalived where there is a virtual address. */
export class LoadBalancer extends pulumi.ComponentResource {
    /** `host:port` */
    public readonly endpoint: pulumi.Output<string>;
    /** Ends when its hosts are as the program says. Of several, one that does not come up is not waited for. */
    public readonly changed: Steps;

    constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:LoadBalancer", name, {}, opts);
        const turns: Turn[] = [];
        let changed: Steps = pulumi.output([]);
        args.machines.forEach((machine, i) => {
            const host = args.hosts[i];
            const turn = this.install(`${name}-${host.name}`, machine, host, args, changed);
            turns.push(turn);
            changed = afterTurns([turn], changed);
        });
        this.changed = union([oneMade(turns.map((turn) => turn.bootstrap)), changed]);
        this.endpoint = pulumi.output(at(args.virtualAddress ?? privateAddressOf(args.hosts[0]), args.port));
        this.registerOutputs({ endpoint: this.endpoint });
    }

    // Installed side by side; changed one after the other, so that there is always one that answers.
    private install(name: string, machine: Machine, host: HostArgs, args: LoadBalancerArgs, after: Steps): Turn {
        const balanced = balancedBy(args);
        const parameters = pulumi.all([args.owner, balancerSecrets(balanced.balancer)]).apply(([owner, secrets]) => ({
            ROLE: "load-balancer",
            NODE_NAME: host.name,
            NODE_ADDRESS: privateAddressOf(host),
            CLUSTER_ID: owner,
            ...balancerParameters(balanced, host),
            ...firewallParameters(
                resolveFirewall(args.firewall),
                host,
                balancerOpenings(balanced.balancer, args.hosts, host),
            ),
            ...secrets,
        }));
        const bootstrap = machine.prepare(`${name}-prepare`, parameters, {
            parent: this,
            dependsOn: machine.passed(args.barrier),
        });
        // Its own input is the change alone; on a new host it finds nothing left to do.
        const rollout = machine.run(
            `${name}-rollout`,
            "rollout",
            parameters.apply((desired) => rolloutParameters(host.name, desired)),
            { parent: this, dependsOn: union([[bootstrap], after]) },
        );
        return { bootstrap, rollout };
    }
}

const balancedBy = ({ hosts, backends, ...args }: LoadBalancerArgs): Balanced => ({
    balancer: resolveLoadBalancer({ ...args, hosts, placement: LoadBalancerPlacement.Dedicated }),
    hosts,
    backends,
});
