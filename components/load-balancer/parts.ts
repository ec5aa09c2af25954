import { Table, ValuesOf, list, number, required, text } from "../host/parameters";
import { SecretsOf } from "../host/secretParameters";
import { PORTS } from "../lib/ports";
import { HostSettings } from "../model/hosts";
import { LoadBalancerSettings } from "../model/loadBalancer";
import { LoadBalancerPlacement as Placement, LoadBalancerType as Type, isProxy } from "../model/loadBalancerType";
import { BalancerPasswords } from "../model/secrets";
import { KUBE_VIP_IMAGE, PROXY_IMAGES } from "../versions/versions";
import { haproxyConfig } from "./haproxy";
import { keepalivedConfig } from "./keepalived";
import { kubeVipManifest } from "./kubeVip";
import { nginxBackends, nginxConfig } from "./nginx";
import { nodeLocalManifest } from "./nodeLocal";
import { ProxyConfig } from "./proxy";

/** Of every host. */
export const ANY_HOST = {
    LOAD_BALANCER: list(
        "The parts of the load balancer that run on this host (lib/load-balancer has a file for each). Any other is removed.",
        [],
    ),
    VIRTUAL_ADDRESS: text("The virtual address that this host may hold; empty: none.", ""),
    BALANCER_IMAGE: text("The image of the part that runs as a static pod; empty: no part does.", ""),
} satisfies Table;

/** Of a host that may run a load balancer. */
export const BALANCER = { ...ANY_HOST, LOAD_BALANCER: required(ANY_HOST.LOAD_BALANCER) } satisfies Table;

const BALANCER_POD = { BALANCER_POD: text("The manifest of the load balancer's static pod.") } satisfies Table;

const HAPROXY = {
    HAPROXY_CONFIG: text("haproxy.cfg, with a mark for the password of the statistics."),
} satisfies Table;

const NGINX = {
    NGINX_CONFIG: text("nginx.conf."),
    NGINX_BACKENDS: list("The kube-apiservers: `address:port`."),
    NGINX_CHECK_INTERVAL: number("The pause between two health checks, in seconds."),
    NGINX_CHECK_TIMEOUT: number("The seconds in which a kube-apiserver must answer a health check."),
    NGINX_CHECK_RISE: number("The answers in a row after which a kube-apiserver is healthy."),
    NGINX_CHECK_FALL: number("The failures in a row after which a kube-apiserver is unhealthy."),
} satisfies Table;

const KEEPALIVED = {
    KEEPALIVED_CONFIG: text("keepalived.conf, with marks for the interface and the password."),
} satisfies Table;

const KUBE_VIP = {
    ...BALANCER_POD,
    KUBE_VIP_PEERS: list("The addresses of the other control plane nodes."),
} satisfies Table;

const NODE_LOCAL = {
    ...BALANCER_POD,
    NODE_LOCAL_PROXY: text("The proxy in the node's own load balancer: `haproxy` or `nginx`."),
    CONTROL_PLANE_ADDRESSES: list(
        "The addresses of kube-apiservers. A worker joins at one of them, because its own load balancer does not run yet.",
    ),
} satisfies Table;

/** Of a host that runs the part. */
export const BALANCER_PARTS = { ...HAPROXY, ...NGINX, ...KEEPALIVED, ...KUBE_VIP, ...NODE_LOCAL } satisfies Table;

/** They take the place of marks in the documents. */
export const BALANCER_SECRETS = {
    STATS_PASSWORD: text("The password of haproxy's statistics; secret.", ""),
    VRRP_PASSWORD: text("The password of VRRP; secret.", ""),
} satisfies Table;

export type BalancerParameters = ValuesOf<typeof BALANCER> & Partial<ValuesOf<typeof BALANCER_PARTS>>;

/** The balancer's parameters of one host: what LOAD_BALANCER does not name is stopped and removed. */
export function balancerParameters(balancer: LoadBalancerSettings, host: HostSettings): BalancerParameters {
    const { type, placement, virtualAddress } = balancer;
    if (type === Type.External) return { LOAD_BALANCER: [] };
    if (type === Type.KubeVip) return { LOAD_BALANCER: ["kube-vip"], ...kubeVip(balancer, host) };
    if (placement === Placement.NodeLocal) return { LOAD_BALANCER: ["node-local"], ...nodeLocal(balancer) };
    const proxy = isProxy(type) ? PROXIES[type as Proxy](proxyConfig(balancer)) : {};
    const parts = [...(isProxy(type) ? [type] : []), ...(virtualAddress ? ["keepalived"] : [])];
    return { LOAD_BALANCER: parts, ...proxy, ...(virtualAddress ? keepalived(balancer, host) : {}) };
}

export const balancerSecrets = ({ stats, vrrp }: BalancerPasswords): SecretsOf<typeof BALANCER_SECRETS> => ({
    ...(stats === undefined ? {} : { STATS_PASSWORD: stats }),
    ...(vrrp === undefined ? {} : { VRRP_PASSWORD: vrrp }),
});

type Proxy = keyof typeof PROXY_IMAGES;

const PROXIES: Record<Proxy, (config: ProxyConfig) => Partial<ValuesOf<typeof HAPROXY & typeof NGINX>>> = {
    [Type.Haproxy]: (config) => ({ HAPROXY_CONFIG: haproxyConfig(config) }),
    [Type.Nginx]: (config) => ({
        NGINX_CONFIG: nginxConfig(config),
        NGINX_BACKENDS: nginxBackends(config.backends),
        NGINX_CHECK_INTERVAL: config.settings.check.interval,
        NGINX_CHECK_TIMEOUT: config.settings.check.timeout,
        NGINX_CHECK_RISE: config.settings.check.rise,
        NGINX_CHECK_FALL: config.settings.check.fall,
    }),
};

const proxyConfig = ({ port, backends, proxy }: LoadBalancerSettings): ProxyConfig => ({
    port,
    backends,
    settings: proxy,
});

const otherAddresses = (hosts: HostSettings[], host: HostSettings): string[] =>
    hosts.filter((other) => other.name !== host.name).map(({ privateAddress }) => privateAddress);

const keepalived = (
    balancer: LoadBalancerSettings,
    host: HostSettings,
): ValuesOf<typeof ANY_HOST & typeof KEEPALIVED> => ({
    VIRTUAL_ADDRESS: balancer.virtualAddress!,
    KEEPALIVED_CONFIG: keepalivedConfig({
        address: host.privateAddress,
        peers: otherAddresses(balancer.balancers, host),
        rank: balancer.balancers.findIndex(({ name }) => name === host.name),
        virtualAddress: balancer.virtualAddress!,
        // Without a proxy, the local apiserver itself is what clients are led to.
        port: isProxy(balancer.type) ? balancer.port : PORTS.apiServer,
        vrrp: balancer.vrrp,
    }),
});

const kubeVip = (balancer: LoadBalancerSettings, host: HostSettings): ValuesOf<typeof ANY_HOST & typeof KUBE_VIP> => ({
    VIRTUAL_ADDRESS: balancer.virtualAddress!,
    KUBE_VIP_PEERS: otherAddresses(balancer.balancers, host),
    BALANCER_IMAGE: KUBE_VIP_IMAGE,
    BALANCER_POD: kubeVipManifest({
        nodeName: host.name,
        virtualAddress: balancer.virtualAddress!,
        lease: balancer.kubeVip,
    }),
});

function nodeLocal(balancer: LoadBalancerSettings): ValuesOf<typeof ANY_HOST & typeof NODE_LOCAL> {
    const proxy = balancer.type as Proxy;
    return {
        NODE_LOCAL_PROXY: proxy,
        BALANCER_IMAGE: PROXY_IMAGES[proxy],
        BALANCER_POD: nodeLocalManifest(proxy, balancer.port),
        CONTROL_PLANE_ADDRESSES: balancer.backends.map(({ address }) => address),
        ...PROXIES[proxy]({ ...proxyConfig(balancer), address: "127.0.0.1", inPod: true }),
    };
}
