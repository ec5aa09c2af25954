import { Backend } from "../model/loadBalancer";
import { ProxySettings } from "../model/proxy";

/** The input of haproxy's and nginx's configuration. */
export interface ProxyConfig {
    /** The address to listen on. @otherwise every address of the host */
    address?: string;
    /** The port of the endpoint. */
    port: number;
    backends: Backend[];
    settings: ProxySettings;
    /** It runs as a static pod: its log is its output, its user the pod's. */
    inPod?: boolean;
}

/** Whether a proxy has to listen for IPv6 too; a host may have that switched off, so it is not asked for in vain. */
export const isIPv6 = ({ backends }: ProxyConfig): boolean => backends.some(({ address }) => address.includes(":"));

/** Seconds in the unit that both proxies read without a fraction. */
export const milliseconds = (seconds: number): string => `${Math.round(seconds * 1000)}ms`;
