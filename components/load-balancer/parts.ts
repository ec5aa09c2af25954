import * as pulumi from "@pulumi/pulumi";
import { ScriptParameters } from "../host/contract";
import { PORTS } from "../lib/ports";
import { HostArgs, privateAddressOf } from "../model/hosts";
import {
    LoadBalancerPlacement as Placement,
    LoadBalancerSettings,
    LoadBalancerType as Type,
    isProxy,
} from "../model/loadBalancer";
import { KUBE_VIP_IMAGE, PROXY_IMAGES } from "../versions/versions";
import { haproxyConfig } from "./haproxy";
import { keepalivedConfig } from "./keepalived";
import { kubeVipManifest } from "./kubeVip";
import { nginxBackends, nginxConfig } from "./nginx";
import { nodeLocalManifest } from "./nodeLocal";
import { Backend, ProxyConfig } from "./proxy";

/** What stands behind a balancer, and beside it. */
export interface Balanced {
    balancer: LoadBalancerSettings;
    /** All hosts that balance alike. */
    hosts: HostArgs[];
    backends: Backend[];
}

/**
 * What a host of the balancer needs to know, for its scripts. LOAD_BALANCER names the parts that shall run there
 * (scripts/lib has a file for each); what is not named is stopped and removed.
 */
export function balancerParameters(balanced: Balanced, host: HostArgs): ScriptParameters {
    const { type, placement, virtualAddress } = balanced.balancer;
    if (type === Type.External) return { LOAD_BALANCER: "" };
    if (type === Type.KubeVip) return { LOAD_BALANCER: "kube-vip", ...kubeVip(balanced, host) };
    if (placement === Placement.NodeLocal) return { LOAD_BALANCER: "node-local", ...nodeLocal(balanced) };
    const proxy = isProxy(type) ? PROXIES[type as Proxy](proxyConfig(balanced)) : {};
    const parts = [...(isProxy(type) ? [type] : []), ...(virtualAddress ? ["keepalived"] : [])];
    return { LOAD_BALANCER: parts.join(" "), ...proxy, ...(virtualAddress ? keepalived(balanced, host) : {}) };
}

/** Of those, the ones that are secrets: they take the place of marks in the documents, on the host. */
export function balancerSecrets({ proxy, vrrp }: LoadBalancerSettings): pulumi.Output<ScriptParameters> {
    const given: Record<string, pulumi.Output<string>> = {};
    if (proxy.stats?.password !== undefined) given.STATS_PASSWORD = pulumi.secret(proxy.stats.password);
    if (vrrp.password !== undefined) given.VRRP_PASSWORD = pulumi.secret(vrrp.password);
    return pulumi.output(given).apply((secrets) => ({ ...secrets }));
}

type Proxy = keyof typeof PROXY_IMAGES;

const PROXIES: Record<Proxy, (config: ProxyConfig) => ScriptParameters> = {
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

const proxyConfig = ({ balancer, backends }: Balanced): ProxyConfig => ({
    port: balancer.port,
    backends,
    settings: balancer.proxy,
});

const others = (hosts: HostArgs[], host: HostArgs): string[] =>
    hosts.filter((other) => other.name !== host.name).map(privateAddressOf);

const keepalived = ({ balancer, hosts }: Balanced, host: HostArgs): ScriptParameters => ({
    VIRTUAL_ADDRESS: balancer.virtualAddress!,
    KEEPALIVED_CONFIG: keepalivedConfig({
        address: privateAddressOf(host),
        peers: others(hosts, host),
        rank: hosts.findIndex(({ name }) => name === host.name),
        virtualAddress: balancer.virtualAddress!,
        // Without a proxy, the local apiserver itself is what clients are led to.
        port: isProxy(balancer.type) ? balancer.port : PORTS.apiServer,
        vrrp: balancer.vrrp,
    }),
});

const kubeVip = ({ balancer, hosts }: Balanced, host: HostArgs): ScriptParameters => ({
    VIRTUAL_ADDRESS: balancer.virtualAddress!,
    KUBE_VIP_PEERS: others(hosts, host).join(" "),
    BALANCER_IMAGE: KUBE_VIP_IMAGE,
    BALANCER_POD: kubeVipManifest({
        nodeName: host.name,
        virtualAddress: balancer.virtualAddress!,
        lease: balancer.kubeVip,
    }),
});

function nodeLocal(balanced: Balanced): ScriptParameters {
    const proxy = balanced.balancer.type as Proxy;
    return {
        NODE_LOCAL_PROXY: proxy,
        BALANCER_IMAGE: PROXY_IMAGES[proxy],
        BALANCER_POD: nodeLocalManifest(proxy, balanced.balancer.port),
        CONTROL_PLANE_ADDRESSES: balanced.backends.map(({ address }) => address).join(" "),
        ...PROXIES[proxy]({ ...proxyConfig(balanced), address: "127.0.0.1", inPod: true }),
    };
}
