import { Fault, fault } from "../lib/faults";
import { PORTS } from "../lib/ports";
import { HostArgs, HostDefaults, HostSettings, isPort, resolveHost } from "./hosts";
import { KubeVipArgs, leaseFaults, resolveKubeVip } from "./kubeVip";
import {
    BalancerChoices,
    LoadBalancerPlacement,
    LoadBalancerType,
    choiceFaults,
    isProxy,
    resolveChoices,
    sharesApiServersHost,
} from "./loadBalancerType";
import { BalancerProxyArgs, ProxySettings, haproxyOnlyFaults, proxyFaults, resolveProxy } from "./proxy";
import { virtualAddressFaults } from "./virtualAddress";
import { VrrpArgs, VrrpSettings, resolveVrrp, vrrpFaults } from "./vrrp";

export interface LoadBalancerTopologyArgs {
    /**
     * `haproxy`, `nginx`, `keepalived`, `kube-vip` or `external`.
     * @default "haproxy"
     * @change Rolled out host by host where address and port stay the same; otherwise refused.
     */
    type?: LoadBalancerType;
    /**
     * Where haproxy or nginx runs: on the control plane nodes, on `dedicated` hosts, or on every node for itself
     * (`nodeLocal`).
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
     * The address that one healthy host holds. Required where more than one host balances.
     * @kind IP address
     * @change Refused where it is the endpoint; unsupported where `controlPlaneEndpoint` is another name.
     */
    virtualAddress?: string;
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
    args: LoadBalancerTopologyArgs = {},
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

/** The rest of the cluster, as far as the balancer's rules need it. */
export interface AroundBalancer {
    controlPlaneEndpoint?: string;
    /** Every host of the cluster. */
    hosts: HostSettings[];
}

const path = "loadBalancer";

export function loadBalancerFaults(
    given: LoadBalancerTopologyArgs,
    settings: LoadBalancerSettings,
    around: AroundBalancer,
): Fault[] {
    const choices = choiceFaults(given);
    if (choices.length > 0) return choices;
    return [
        ...hostFaults(settings),
        ...virtualAddressFaults(settings, around),
        ...portFaults(settings),
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

function portFaults({ port, type, placement }: LoadBalancerSettings): Fault[] {
    const at = `${path}.port`;
    if (!isPort(port)) return [fault(at, port, "a port, 1 to 65535")];
    if (type === LoadBalancerType.Keepalived || type === LoadBalancerType.KubeVip) {
        return port === PORTS.apiServer
            ? []
            : [fault(at, port, `6443, because without a proxy clients connect to kube-apiserver's own port`)];
    }
    if (!sharesApiServersHost({ type, placement })) return [];
    const taken = Object.entries(PORTS).find(([name, used]) => name !== "besideApiServer" && used === port)?.[0];
    if (taken === undefined) return [];
    const whose = taken === "apiServer" ? "kube-apiserver's own" : `${taken}'s`;
    return [fault(at, port, `a port other than ${port}, which is ${whose} on these hosts`)];
}

/** The options of haproxy, nginx, keepalived and kube-vip: where they have a meaning, and what they may be. */
function optionFaults(given: LoadBalancerTopologyArgs, { type, placement }: BalancerChoices): Fault[] {
    const nodeLocal = placement === LoadBalancerPlacement.NodeLocal;
    const hasKeepalived = type === LoadBalancerType.Keepalived || (isProxy(type) && !nodeLocal);
    return [
        ...section(`${path}.proxy`, given.proxy, isProxy(type), "haproxy or nginx", (at, proxy) => [
            ...proxyFaults(at, proxy),
            ...(type === LoadBalancerType.Nginx ? haproxyOnlyFaults(at, proxy) : []),
            ...(nodeLocal && proxy.stats ? [fault(`${at}.stats`, proxy.stats, NO_STATS)] : []),
        ]),
        ...section(`${path}.vrrp`, given.vrrp, hasKeepalived, "keepalived", (at, vrrp) =>
            vrrpFaults(at, vrrp, given.virtualAddress),
        ),
        ...section(`${path}.kubeVip`, given.kubeVip, type === LoadBalancerType.KubeVip, "kube-vip", leaseFaults),
    ];
}

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
