import { hostPort } from "../lib/addresses";
import { ProxySettings } from "../model/proxy";
import { ProxyConfig, isIPv6, milliseconds as ms } from "./proxy";

/**
 * haproxy.cfg: TCP straight through (TLS ends at kube-apiserver), each backend asked for /readyz. A backend that stops
 * answering has its open connections closed, so that clients dial a living one. `@STATS_PASSWORD@` stands for the secret.
 */
export function haproxyConfig(config: ProxyConfig): string {
    const { backends, settings, inPod = false } = config;
    const { balance, maxConnections, timeouts, check } = settings;
    const servers = backends.map((backend) => `    server ${backend.name} ${hostPort(backend.address, backend.port)}`);
    return `global
${inPod ? POD : SERVICE}
    maxconn ${maxConnections}

defaults
    mode tcp
    log global
    option dontlognull
    option redispatch
    retries 2
    timeout connect ${ms(timeouts.connect)}
    timeout client ${ms(timeouts.client)}
    timeout server ${ms(timeouts.server)}
    timeout tunnel ${ms(Math.max(timeouts.client, timeouts.server))}
    timeout check ${ms(check.timeout)}
${statsPage(settings)}
frontend kube-apiserver
    bind ${listenAt(config)}
    default_backend kube-apiservers

backend kube-apiservers
    balance ${balance}
    option httpchk
    http-check send meth GET uri /readyz hdr Host kube-apiserver
    http-check expect status 200
    default-server check check-ssl verify none ${checkOptions(settings)} on-marked-down shutdown-sessions
${servers.join("\n")}
`;
}

function listenAt(config: ProxyConfig): string {
    if (config.address) return hostPort(config.address, config.port);
    return isIPv6(config) ? `:::${config.port} v4v6` : `:${config.port}`;
}

const SERVICE = `    log /dev/log local0 notice
    user haproxy
    group haproxy`;

const POD = "    log stdout format raw local0 notice";

function checkOptions({ check }: ProxySettings): string {
    const intervals = `inter ${ms(check.interval)} fastinter ${ms(check.fastInterval)} downinter ${ms(check.downInterval)}`;
    const slowStart = check.slowStart > 0 ? ` slowstart ${ms(check.slowStart)}` : "";
    return `${intervals} rise ${check.rise} fall ${check.fall}${slowStart}`;
}

function statsPage({ stats }: ProxySettings): string {
    if (stats === undefined) return "";
    const password = stats.hasPassword ? `    stats auth ${stats.user}:@STATS_PASSWORD@\n` : "";
    return `
frontend stats
    bind ${hostPort(stats.address, stats.port)}
    mode http
    timeout client 10s
    stats enable
    stats uri /
    stats refresh 10s
    stats hide-version
${password}`;
}
