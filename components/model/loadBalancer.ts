import * as pulumi from "@pulumi/pulumi";
import { Fault, fault } from "../lib/faults";
import { PORTS } from "../lib/ports";
import { isPort } from "../lib/forms";
import { HostArgs, HostDefaults, HostSettings, KnownHostArgs, resolveHost } from "./hosts";
import { Known } from "../lib/known";
import { KubeVipArgs, leaseFaults, resolveKubeVip } from "./kubeVip";
import {
    BalancerChoices,
    LoadBalancerPlacement,
    LoadBalancerType,
    choiceFaults,
    isProxy,
    resolveChoices,
    runsKeepalived,
    sharesApiServersHost,
} from "./loadBalancerType";
import { BalancerProxyArgs, ProxySettings, resolveProxy } from "./proxy";
import { haproxyOnlyFaults, proxyFaults, unusedFaults } from "./proxyFaults";
import { AroundBalancer, virtualAddressFaults } from "./virtualAddress";
import { VrrpArgs, VrrpSettings, resolveVrrp, vrrpFaults } from "./vrrp";

export interface LoadBalancerTopologyArgs {
    /**
     * `haproxy`, `nginx`, `keepalived`, `kube-vip`, `lvs` or `external`. `lvs` is keepalived's `virtual_server` with direct
     * routing: dedicated hosts pass packets on to healthy kube-apiservers, which answer clients directly. Each control
     * plane node also holds the virtual address, on its loopback interface, and does not announce it. All these hosts are
     * on one network segment; the dedicated ones have a kernel with `ip_vs`, and no firewall.
     * @default "haproxy"
     * @change Rolled out host by host where address and port stay the same; otherwise refused, as is a change from or to `lvs`.
     */
    type?: LoadBalancerType;
    /**
     * Where haproxy or nginx runs: on the control plane nodes, on `dedicated` hosts, or on every node for itself
     * (`nodeLocal`). `lvs` requires `dedicated`: two hosts that both forward and run kube-apiserver would pass packets on
     * to each other in a loop.
     * @default "controlPlane"
     * @change Refused.
     */
    placement?: LoadBalancerPlacement;
    /**
     * The dedicated hosts, with the fields of `<host>`.
     * @change A new host is installed; a removed host is released.
     */
    hosts?: HostArgs[];
    /**
     * The address that one healthy host holds. Required where more than one host balances, and always with `keepalived`, `kube-vip` and `lvs`.
     * @kind IP address
     * @change Refused where it is the endpoint; unsupported where `controlPlaneEndpoint` is another name.
     */
    virtualAddress?: pulumi.Input<string>;
    /**
     * The port of the endpoint.
     * @asType integer
     * @otherwise `6443`; `8443` for a proxy on the nodes
     * @change Refused.
     */
    port?: number;
    /** How haproxy or nginx balances and looks at the apiservers. A change is a reload: no connection is cut. */
    proxy?: BalancerProxyArgs;
    /** How keepalived's hosts agree on the holder. A change is rolled out host by host. */
    vrrp?: VrrpArgs;
    /** kube-vip's lease. A change is rolled out node by node. */
    kubeVip?: KubeVipArgs;
}

/** The balancer's arguments with every value known. */
export type KnownLoadBalancerArgs = Known<Omit<LoadBalancerTopologyArgs, "hosts">, "virtualAddress"> & {
    hosts?: KnownHostArgs[];
};

/** One apiserver behind the balancer. */
export interface Backend {
    name: string;
    address: string;
    port: number;
}

/** The balancer's arguments with every default filled in. */
export interface LoadBalancerSettings extends BalancerChoices {
    /** The dedicated hosts; none with another placement. */
    hosts: HostSettings[];
    /** All hosts that balance alike and may hold the virtual address: the dedicated ones, or the control plane nodes. */
    balancers: HostSettings[];
    backends: Backend[];
    virtualAddress?: string;
    port: number;
    proxy: ProxySettings;
    vrrp: VrrpSettings;
    kubeVip: Required<KubeVipArgs>;
}

export function resolveLoadBalancer(
    args: KnownLoadBalancerArgs = {},
    controlPlaneNodes: HostSettings[],
    defaults: HostDefaults,
): LoadBalancerSettings {
    const choices = resolveChoices(args);
    const hosts = (args.hosts ?? []).map((host) => resolveHost(host, defaults));
    return {
        ...choices,
        hosts,
        balancers: choices.placement === LoadBalancerPlacement.Dedicated ? hosts : controlPlaneNodes,
        backends: controlPlaneNodes.map(({ name, privateAddress }) => ({
            name,
            address: privateAddress,
            port: PORTS.apiServer,
        })),
        virtualAddress: args.virtualAddress,
        port: args.port ?? (sharesApiServersHost(choices) ? PORTS.besideApiServer : PORTS.apiServer),
        proxy: resolveProxy(args.proxy),
        vrrp: resolveVrrp(args.vrrp),
        kubeVip: resolveKubeVip(args.kubeVip),
    };
}

const path = "loadBalancer";

export function loadBalancerFaults(
    given: KnownLoadBalancerArgs,
    settings: LoadBalancerSettings,
    around: AroundBalancer,
): Fault[] {
    const choices = choiceFaults(given);
    if (choices.length > 0) return choices;
    return [
        ...hostFaults(settings),
        ...virtualAddressFaults(settings, around),
        ...portFaults(settings, around),
        ...optionFaults(given, settings),
    ];
}

function hostFaults({ hosts, placement }: LoadBalancerSettings): Fault[] {
    const dedicated = placement === LoadBalancerPlacement.Dedicated;
    if (dedicated && hosts.length === 0) {
        return [fault(`${path}.hosts`, undefined, "at least one host (placement is 'dedicated')")];
    }
    if (dedicated || hosts.length === 0) return [];
    return [fault(`${path}.hosts`, hosts.length, "none: only placement 'dedicated' has hosts of its own")];
}

function portFaults(settings: LoadBalancerSettings, around: AroundBalancer): Fault[] {
    const { port, type, proxy } = settings;
    const at = `${path}.port`;
    if (!isPort(port)) return [fault(at, port, "a port, 1 to 65535")];
    if (type === LoadBalancerType.External) return [];
    if (!isProxy(type)) {
        return port === PORTS.apiServer
            ? []
            : [fault(at, port, `6443, because without a proxy clients connect to kube-apiserver's own port`)];
    }
    const taken = takenPorts(settings, around);
    const free = (place: string, wanted: number, ports: TakenPort[]): Fault[] =>
        ports
            .filter(({ first, last }) => wanted >= first && wanted <= last)
            .slice(0, 1)
            .map(({ whose }) => fault(place, wanted, `a port other than ${wanted}, which is ${whose} on these hosts`));
    const endpoint = { first: port, last: port, whose: "the endpoint's" };
    return [
        ...free(at, port, taken),
        ...(proxy.stats ? free(`${path}.proxy.stats.port`, proxy.stats.port, [endpoint, ...taken]) : []),
    ];
}

interface TakenPort {
    first: number;
    last: number;
    whose: string;
}

/** The ports that others listen on where the proxy runs. */
function takenPorts(
    { type, placement, balancers }: LoadBalancerSettings,
    { metricsUrls, nodePorts }: AroundBalancer,
): TakenPort[] {
    const ssh = balancers.map((host) => ({ first: host.port, last: host.port, whose: "sshd's" }));
    if (!sharesApiServersHost({ type, placement })) return ssh;
    const [first, last] = nodePorts.split("-").map(Number);
    return [
        ...ssh,
        ...Object.entries(PORTS)
            .filter(([name]) => name !== "besideApiServer")
            .map(([name, port]) => {
                const whose = name === "apiServer" ? "kube-apiserver's own" : `${name}'s`;
                return { first: port, last: port, whose };
            }),
        ...metricsUrls.map((url) => {
            const port = Number(url.split(":").pop());
            return { first: port, last: port, whose: "etcd's, for metrics" };
        }),
        { first, last, whose: "in the range of NodePort Services" },
    ];
}

/** The options of haproxy, nginx, keepalived and kube-vip: where they have a meaning, and what they may be. */
function optionFaults(given: KnownLoadBalancerArgs, settings: LoadBalancerSettings): Fault[] {
    const { type, placement, backends, balancers } = settings;
    const nodeLocal = placement === LoadBalancerPlacement.NodeLocal;
    return [
        ...section(`${path}.proxy`, given.proxy, isProxy(type), "haproxy or nginx", (at, proxy) => [
            ...proxyFaults(
                at,
                proxy,
                backends.map(({ name }) => name),
                balancers.length,
            ),
            ...(type === LoadBalancerType.Nginx ? haproxyOnlyFaults(at, proxy) : unusedFaults(at, proxy)),
            ...(nodeLocal && proxy.stats ? [fault(`${at}.stats`, proxy.stats, NO_STATS)] : []),
        ]),
        ...section(`${path}.vrrp`, given.vrrp, runsKeepalived({ type, placement }), "keepalived", (at, vrrp) =>
            lacksHolder(settings)
                ? [fault(at, vrrp, "none, because no keepalived runs without virtualAddress")]
                : vrrpFaults(at, vrrp, given.virtualAddress),
        ),
        ...section(`${path}.kubeVip`, given.kubeVip, type === LoadBalancerType.KubeVip, "kube-vip", leaseFaults),
    ];
}

/** A proxy on one host needs no virtual address; elsewhere `virtualAddressFaults` tells that it is missing. */
const lacksHolder = ({ type, virtualAddress, balancers }: LoadBalancerSettings): boolean =>
    isProxy(type) && virtualAddress === undefined && balancers.length === 1;

const NO_STATS = "none with placement 'nodeLocal': a password would have to be readable in every node's pod";

function section<T>(
    at: string,
    value: T | undefined,
    used: boolean,
    by: string,
    faults: (at: string, value: T) => Fault[],
): Fault[] {
    if (value === undefined) return [];
    return used ? faults(at, value) : [fault(at, value, `none, because no ${by} runs with this type and placement`)];
}
