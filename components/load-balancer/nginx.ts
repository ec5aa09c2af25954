import { hostPort } from "../lib/addresses";
import { Backend } from "../model/loadBalancer";
import { Balance, ProxyLog } from "../model/proxy";
import { ProxyConfig, isIPv6, milliseconds as ms } from "./proxy";

/**
 * nginx.conf: TCP straight through by the stream module. It only sees that a connection fails, and then takes the next
 * backend; which backends are listed is decided by the health service, which asks them for /readyz and writes backends.conf.
 * One worker process, because workers do not share what they know of failed backends.
 */
export function nginxConfig(config: ProxyConfig): string {
    const { settings, inPod = false } = config;
    const { balance, maxConnections, timeouts, log } = settings;
    // Each connection is one of a client and one to a backend.
    const connections = maxConnections * 2;
    return `${inPod ? POD : SERVICE}
error_log ${inPod ? "stderr" : "syslog:server=unix:/dev/log"} notice;
worker_processes 1;
worker_rlimit_nofile ${connections + 1024};

events {
    worker_connections ${connections};
}

stream {
${log === ProxyLog.Connections ? accessLog(inPod) : ""}    upstream kube-apiservers {
${METHOD[balance]}        include backends.conf;
    }

    server {
        listen ${listenAt(config)} so_keepalive=on;
        proxy_pass kube-apiservers;
        proxy_connect_timeout ${ms(timeouts.connect)};
        proxy_timeout ${ms(timeouts.server)};
        proxy_next_upstream on;
        proxy_socket_keepalive on;
    }
}
`;
}

// The fields of haproxy's `option tcplog` that nginx has.
const accessLog = (
    inPod: boolean,
): string => `    log_format connections '$remote_addr:$remote_port [$time_local] $upstream_addr '
        '$upstream_connect_time/$session_time $bytes_sent $status';
    # A probe connects and sends nothing.
    map $bytes_received $logged { 0 0; default 1; }
    access_log ${inPod ? "/dev/stdout" : "syslog:server=unix:/dev/log"} connections if=$logged;

`;

function listenAt(config: ProxyConfig): string {
    if (config.address) return hostPort(config.address, config.port);
    return isIPv6(config) ? `[::]:${config.port} ipv6only=off` : String(config.port);
}

// Distributions have the stream module apart (Debian's folder, RHEL's), and their own user compiled in; upstream's image
// has the module compiled in.
const SERVICE = `pid /run/nginx.pid;
include /etc/nginx/modules-enabled/*.conf;
include /usr/share/nginx/modules/*.conf;`;

const POD = "pid /tmp/nginx.pid;";

const METHOD: Record<Balance, string> = {
    [Balance.LeastConnections]: "        least_conn;\n",
    [Balance.RoundRobin]: "",
    [Balance.Source]: "        hash $remote_addr consistent;\n",
    // Refused by validation: nginx has no such method.
    [Balance.First]: "",
};

/** `address:port`, for the health service. */
export const nginxBackends = (backends: Backend[]): string[] =>
    backends.map(({ address, port }) => hostPort(address, port));
