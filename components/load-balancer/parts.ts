import { ValuesOf } from "../host/parameters";
import { SecretsOf } from "../host/secretParameters";
import { PORTS } from "../lib/ports";
import { HostSettings } from "../model/hosts";
import { LoadBalancerSettings } from "../model/loadBalancer";
import {
    LoadBalancerPlacement as Placement,
    LoadBalancerType as Type,
    forwards,
    isProxy,
} from "../model/loadBalancerType";
import { BalancerPasswords } from "../model/secrets";
import { KUBE_VIP_IMAGE, PROXY_IMAGES } from "../versions/versions";
import { haproxyConfig } from "./haproxy";
import { keepalivedConfig } from "./keepalived";
import { kubeVipManifest } from "./kubeVip";
import { nginxBackends, nginxConfig } from "./nginx";
import { nodeLocalManifest } from "./nodeLocal";
import {
    BALANCER_SECRETS,
    BalancerParameters,
    HAPROXY,
    KEEPALIVED,
    KUBE_VIP,
    NGINX,
    NODE_LOCAL,
} from "./partParameters";
import { ProxyConfig } from "./proxy";

/** The services of a balancer host, as LOAD_BALANCER names them. */
export const balancerServices = ({
    type,
    placement,
    virtualAddress,
}: Pick<LoadBalancerSettings, "type" | "placement" | "virtualAddress">): string[] =>
    type === Type.External || type === Type.KubeVip || placement === Placement.NodeLocal
        ? []
        : [...(forwards(type) ? [type] : []), ...(virtualAddress ? ["keepalived"] : [])];

/** The images of the static pods by which a node balances. */
export const balancerImages = (
    { type, placement }: Pick<LoadBalancerSettings, "type" | "placement">,
    onControlPlane: boolean,
): string[] => {
    if (placement === Placement.NodeLocal) return [PROXY_IMAGES[type as Proxy]];
    return type === Type.KubeVip && onControlPlane ? [KUBE_VIP_IMAGE] : [];
};

/** The balancer's parameters of one host: what LOAD_BALANCER does not name is stopped and removed. */
export function balancerParameters(balancer: LoadBalancerSettings, host: HostSettings): BalancerParameters {
    const { type, placement, virtualAddress } = balancer;
    if (type === Type.External) return { LOAD_BALANCER: [] };
    if (type === Type.KubeVip) return { LOAD_BALANCER: ["kube-vip"], ...kubeVip(balancer, host) };
    if (placement === Placement.NodeLocal) return { LOAD_BALANCER: ["node-local"], ...nodeLocal(balancer) };
    const proxy = isProxy(type) ? PROXIES[type as Proxy](proxyConfig(balancer)) : {};
    return {
        LOAD_BALANCER: balancerServices(balancer),
        ...proxy,
        ...(virtualAddress ? keepalived(balancer, host) : {}),
    };
}

/** The balancer's parameters of a control plane node when the balancer runs on other hosts: behind LVS the node holds the virtual address too. */
export const realServerParameters = ({ type, virtualAddress }: LoadBalancerSettings): BalancerParameters =>
    type === Type.Lvs ? { LOAD_BALANCER: ["real-server"], VIRTUAL_ADDRESS: virtualAddress } : { LOAD_BALANCER: [] };

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

const keepalived = (balancer: LoadBalancerSettings, host: HostSettings): ValuesOf<typeof KEEPALIVED> => ({
    VIRTUAL_ADDRESS: balancer.virtualAddress!,
    KEEPALIVED_CONFIG: keepalivedConfig({
        address: host.privateAddress,
        peers: otherAddresses(balancer.balancers, host),
        rank: balancer.balancers.findIndex(({ name }) => name === host.name),
        virtualAddress: balancer.virtualAddress!,
        // Without a proxy, the local apiserver itself is what clients are led to.
        port: isProxy(balancer.type) ? balancer.port : PORTS.apiServer,
        passOnTo: balancer.type === Type.Lvs ? balancer.backends : undefined,
        vrrp: balancer.vrrp,
    }),
});

const kubeVip = (balancer: LoadBalancerSettings, host: HostSettings): ValuesOf<typeof KUBE_VIP> => ({
    VIRTUAL_ADDRESS: balancer.virtualAddress!,
    KUBE_VIP_PEERS: otherAddresses(balancer.balancers, host),
    BALANCER_IMAGE: KUBE_VIP_IMAGE,
    BALANCER_POD: kubeVipManifest({
        nodeName: host.name,
        virtualAddress: balancer.virtualAddress!,
        lease: balancer.kubeVip,
    }),
});

function nodeLocal(balancer: LoadBalancerSettings): ValuesOf<typeof NODE_LOCAL> {
    const proxy = balancer.type as Proxy;
    return {
        NODE_LOCAL_PROXY: proxy,
        BALANCER_IMAGE: PROXY_IMAGES[proxy],
        BALANCER_POD: nodeLocalManifest(proxy, balancer.port),
        CONTROL_PLANE_ADDRESSES: balancer.backends.map(({ address }) => address),
        ...PROXIES[proxy]({ ...proxyConfig(balancer), address: "127.0.0.1", inPod: true }),
    };
}
