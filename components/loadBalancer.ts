import * as pulumi from "@pulumi/pulumi";
import { Backend, haproxyConfig } from "./config/haproxy";
import { keepalivedConfig } from "./config/keepalived";
import { LOAD_BALANCER_DEFAULTS } from "./constants";
import { Machine } from "./machine";
import { privateAddressOf } from "./remote/connection";
import { rolloutParameters, ScriptParameters } from "./remote/parameters";
import { HostArgs } from "./types";

export interface LoadBalancerArgs {
    /** Where it runs. */
    hosts: HostArgs[];
    /**
     * The machines of `hosts`, in their order, when it runs on hosts of its own. Left out when they are control plane
     * nodes, which carry its configuration (`parametersFor`) with their own.
     */
    machines?: Machine[];
    /** What must have ended before the first of these machines is changed. @default its own preflight */
    barrier?: pulumi.Resource;
    /** Whose machines they are; see `Machine`. */
    owner: pulumi.Input<string>;
    /** The port that clients use. */
    port: number;
    /** What stands behind it. A change reloads haproxy, and cuts no connection. */
    backends: Backend[];
    /** The address that keepalived keeps on one healthy host. Changing it moves the endpoint: clients must follow. */
    virtualAddress?: string;
    /** Seconds between VRRP advertisements. @default 1 */
    advertInterval?: number;
    /** VRRP's id. @default 51 */
    virtualRouterId?: number;
}

/** One stable endpoint in front of several servers: haproxy, and keepalived where there is a virtual address. */
export class LoadBalancer extends pulumi.ComponentResource {
    /** `host:port` */
    public readonly endpoint: pulumi.Output<string>;

    constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:LoadBalancer", name, {}, opts);
        (args.machines ?? []).forEach((machine, i) => {
            this.install(`${name}-${args.hosts[i].name}`, machine, args.hosts[i], args);
        });
        this.endpoint = pulumi.output(`${args.virtualAddress ?? privateAddressOf(args.hosts[0])}:${args.port}`);
        this.registerOutputs({ endpoint: this.endpoint });
    }

    private install(name: string, machine: Machine, host: HostArgs, args: LoadBalancerArgs): void {
        const parameters = pulumi.output(args.owner).apply((owner) => ({
            ROLE: "load-balancer",
            NODE_NAME: host.name,
            NODE_ADDRESS: privateAddressOf(host),
            CLUSTER_ID: owner,
            ...loadBalancerParameters(args, host),
        }));
        const prepare = machine.run(`${name}-prepare`, "prepare", parameters, {
            parent: this,
            dependsOn: args.barrier ?? machine.preflight,
        });
        // Its own input is the change alone; on a new host it finds nothing left to do.
        machine.run(
            `${name}-rollout`,
            "rollout",
            parameters.apply((desired) => rolloutParameters(host.name, desired)),
            {
                parent: this,
                dependsOn: prepare,
            },
        );
    }
}

/** What a host of the balancer needs to know; a control plane node carries it with its own parameters. */
export function loadBalancerParameters(
    args: Omit<LoadBalancerArgs, "owner" | "machines" | "barrier">,
    host: HostArgs,
): ScriptParameters {
    const haproxy = { HAPROXY_CONFIG: haproxyConfig(args) };
    if (!args.virtualAddress) return haproxy;
    const keepalived = keepalivedConfig({
        address: privateAddressOf(host),
        peers: args.hosts.filter((other) => other.name !== host.name).map(privateAddressOf),
        virtualAddress: args.virtualAddress,
        virtualRouterId: args.virtualRouterId ?? LOAD_BALANCER_DEFAULTS.virtualRouterId,
        advertInterval: args.advertInterval ?? LOAD_BALANCER_DEFAULTS.advertInterval,
        port: args.port,
    });
    return { ...haproxy, KEEPALIVED_CONFIG: keepalived };
}
