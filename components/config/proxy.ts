import type { ProxySettings } from "../loadBalancerSettings";

/** One apiserver behind the balancer. */
export interface Backend {
    name: string;
    address: string;
    port: number;
}

/** What haproxy's and nginx's configurations are made from. */
export interface ProxyConfig {
    /** The address to listen on. @default every address of the host */
    address?: string;
    /** The port of the endpoint. */
    port: number;
    backends: Backend[];
    settings: ProxySettings;
    /** It runs as a static pod: its log is its output, its user the pod's. */
    inPod?: boolean;
}

/** `address:port`, an IPv6 address in brackets. */
export const at = (address: string, port: number): string =>
    `${address.includes(":") ? `[${address}]` : address}:${port}`;

/** Seconds in the unit that both proxies read without a fraction. */
export const milliseconds = (seconds: number): string => `${Math.round(seconds * 1000)}ms`;
