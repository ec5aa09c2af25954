import { Backend } from "../model/loadBalancer";
import { PROXY_DEFAULTS } from "../model/proxy";

/**
 * Ends well while the kernel passes packets on to a kube-apiserver: its list names the manner, `Route` for direct
 * routing, of each. A host cannot ask its own endpoint, because kube-apiserver's host takes a packet from the virtual
 * address for its own.
 */
export const PASSES_ON = "/usr/bin/grep --quiet Route /proc/net/ip_vs";

/**
 * keepalived's own balancer (keepalived.conf(5), "LVS configuration"). It lists the kube-apiservers that answer /readyz
 * in the kernel, which passes packets on by direct routing: as they are, in a frame to the kube-apiserver's host. So
 * their ports are the same, clients' addresses stay, and answers go directly to the client. A kube-apiserver is listed
 * once it has answered (`alpha`), and checked as often as by a proxy.
 */
export function virtualServer(virtualAddress: string, port: number, backends: Backend[]): string {
    const { interval, timeout, fall } = PROXY_DEFAULTS.check;
    return `
virtual_server ${virtualAddress} ${port} {
    protocol TCP
    lb_algo wlc
    lb_kind DR
    alpha
    delay_loop ${interval}
    connect_timeout ${timeout}
    retry ${fall - 1}
    delay_before_retry ${interval}
${backends.map(realServer).join("")}}
`;
}

const realServer = (backend: Backend): string => `    real_server ${backend.address} ${backend.port} {
        SSL_GET {
            url {
                path /readyz
                status_code 200
            }
        }
    }
`;
