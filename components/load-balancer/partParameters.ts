import { BALANCER_HOST } from "../host/balancerHost";
import { Table, ValuesOf, list, number, required, text } from "../host/parameters";

/** The parameters that the scripts read on every host. */
export const ANY_HOST = {
    ...BALANCER_HOST,
    BALANCER_IMAGE: text("The image of the part that runs as a static pod; empty: no part does.", ""),
} satisfies Table;

/** The parameters of a host that may run a load balancer. */
export const BALANCER = { ...ANY_HOST, LOAD_BALANCER: required(ANY_HOST.LOAD_BALANCER) } satisfies Table;

const POD = {
    BALANCER_IMAGE: required(ANY_HOST.BALANCER_IMAGE),
    BALANCER_POD: text("The manifest of the load balancer's static pod."),
} satisfies Table;

export const HAPROXY = {
    HAPROXY_CONFIG: text("haproxy.cfg, with a mark for the password of the statistics."),
} satisfies Table;

export const NGINX = {
    NGINX_CONFIG: text("nginx.conf."),
    NGINX_BACKENDS: list("The kube-apiservers: `address:port`."),
    NGINX_CHECK_INTERVAL: number("The pause between two health checks, in seconds."),
    NGINX_CHECK_TIMEOUT: number("The seconds in which a kube-apiserver must answer a health check."),
    NGINX_CHECK_RISE: number("The answers in a row after which a kube-apiserver is healthy."),
    NGINX_CHECK_FALL: number("The failures in a row after which a kube-apiserver is unhealthy."),
} satisfies Table;

const ADDRESS = { VIRTUAL_ADDRESS: required(ANY_HOST.VIRTUAL_ADDRESS) } satisfies Table;

export const KEEPALIVED = {
    ...ADDRESS,
    KEEPALIVED_CONFIG: text("keepalived.conf, with marks for the interface and the password."),
} satisfies Table;

/** The host of a kube-apiserver behind LVS. */
export const REAL_SERVER = ADDRESS;

export const KUBE_VIP = {
    ...ADDRESS,
    ...POD,
    KUBE_VIP_PEERS: list("The addresses of the other control plane nodes."),
} satisfies Table;

export const NODE_LOCAL = {
    ...POD,
    NODE_LOCAL_PROXY: text("The proxy in the node's own load balancer: `haproxy` or `nginx`."),
    CONTROL_PLANE_ADDRESSES: list(
        "The addresses of kube-apiservers. A worker joins at one of them, because its own load balancer does not run yet.",
    ),
} satisfies Table;

/** The parameters of each part of a load balancer. */
export const BALANCER_PARTS = {
    haproxy: HAPROXY,
    nginx: NGINX,
    lvs: {},
    keepalived: KEEPALIVED,
    "real-server": REAL_SERVER,
    "kube-vip": KUBE_VIP,
    "node-local": NODE_LOCAL,
} satisfies Record<string, Table>;

/** The passwords of a load balancer, which take the place of marks in its documents. */
export const BALANCER_SECRETS = {
    STATS_PASSWORD: text("The password of haproxy's statistics; secret.", ""),
    VRRP_PASSWORD: text("The password of VRRP; secret.", ""),
} satisfies Table;

type PartParameters = ValuesOf<typeof HAPROXY & typeof NGINX & typeof KEEPALIVED & typeof KUBE_VIP & typeof NODE_LOCAL>;

export type BalancerParameters = ValuesOf<typeof BALANCER> & Partial<PartParameters>;
