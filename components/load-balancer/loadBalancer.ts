import * as pulumi from "@pulumi/pulumi";
import { Dependencies, firstSucceeded, mergeDependencies } from "../host/dependencies";
import { FIREWALL_RULES, firewallParameters } from "../host/firewall";
import { Host } from "../host/host";
import { balancerOpenings } from "../host/openings";
import { ValuesOf } from "../host/parameters";
import { HostSteps, hostSteps } from "../host/steps";
import { inTurns } from "../host/turns";
import { hostPort } from "../lib/addresses";
import { FirewallSettings } from "../model/firewall";
import { LoadBalancerSettings } from "../model/loadBalancer";
import { BalancerPasswords } from "../model/secrets";
import { BalancerParameters } from "./partParameters";
import { balancerParameters, balancerSecrets } from "./parts";

/** The desired state of a host that is only a load balancer. */
type DesiredState = BalancerParameters & ValuesOf<typeof FIREWALL_RULES>;

export interface LoadBalancerArgs {
    /** Its `hosts` run it. A change of the backends or of the proxy is a reload, and cuts no connection. */
    settings: pulumi.Input<LoadBalancerSettings>;
    /** The hosts of `settings.hosts`, in their order. */
    hosts: Host[];
    /** The step that must end before the first of these hosts is changed. @otherwise its own preflight */
    barrier?: pulumi.Resource;
    /** For the statistics page and for VRRP. */
    passwords?: BalancerPasswords;
    firewall: FirewallSettings;
}

/** One stable endpoint on hosts of its own: haproxy, nginx or LVS, and keepalived where there is a virtual address. */
export class LoadBalancer extends pulumi.ComponentResource {
    /** `host:port` */
    public readonly endpoint: pulumi.Output<string>;
    /** Ends when its hosts are as the program says. If one of several hosts fails to come up, the others are enough. */
    public readonly changed: Dependencies;

    constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:LoadBalancer", name, {}, opts);
        // Changed one after the other, so that there is always one that answers.
        const installed = inTurns({
            items: args.hosts,
            create: (host, turnAfter) => this.install(`${name}-${host.shape.name}`, host, args, turnAfter),
        });
        const steps = installed.hosts.map(({ node }) => node);
        this.changed = mergeDependencies([firstSucceeded(steps), installed.changed]);
        this.endpoint = pulumi
            .output(args.settings)
            .apply(({ virtualAddress, port, hosts }) => hostPort(virtualAddress ?? hosts[0].privateAddress, port));
        this.registerOutputs({ endpoint: this.endpoint });
    }

    private install(name: string, host: Host, args: LoadBalancerArgs, turnAfter: Dependencies): HostSteps {
        const { settings, passwords = {}, barrier, firewall } = args;
        const desired = pulumi.all([settings, host.settings]).apply(([balancer, itself]): DesiredState => ({
            ...balancerParameters(balancer, itself),
            ...firewallParameters(firewall, itself, balancerOpenings(balancer, itself)),
        }));
        const secrets = balancerSecrets(passwords);
        return hostSteps(name, { host, desired, secrets, barrier, turnAfter }, { parent: this });
    }
}
