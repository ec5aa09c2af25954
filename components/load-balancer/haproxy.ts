import { hostPort } from "../lib/addresses";
import { CheckKind, ProxyLog, ProxySettings } from "../model/proxy";
import { BalancerServerArgs } from "../model/proxyServers";
import { ProxyConfig, isIPv6, milliseconds as ms } from "./proxy";

/**
 * haproxy.cfg: TCP straight through (TLS ends at kube-apiserver), each backend asked for /readyz. A backend that stops
 * answering has its open connections closed, so that clients dial a living one. `@STATS_PASSWORD@` stands for the secret.
 */
export function haproxyConfig(config: ProxyConfig): string {
    const { backends, settings, inPod = false } = config;
    const { balance, maxConnections, timeouts, check, log, servers } = settings;
    const lines = backends.map(
        ({ name, address, port }) =>
            `    server ${name} ${hostPort(address, port)}${serverOptions(servers[name] ?? {})}`,
    );
    const level = log === ProxyLog.Connections ? "info" : "notice";
    return `global
${inPod ? POD : SERVICE} ${level}${inPod ? "" : USER}
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
${hasQueue(settings) ? QUEUE : ""}${statsPage(settings)}
frontend kube-apiserver
    bind ${listenAt(config)}
    default_backend kube-apiservers
${log === ProxyLog.Connections ? "    option tcplog\n" : ""}
backend kube-apiservers
    balance ${balance}
${CHECKS[check.kind].directives}
    default-server ${CHECKS[check.kind].options} ${checkOptions(settings)}${serverOptions(settings.server)} on-marked-down shutdown-sessions
${lines.join("\n")}
`;
}

// Without this timeout a connection waits for as long as one may be opened, which is too short for a place to become free.
const QUEUE = "    timeout queue 60s\n";

const hasQueue = ({ server, servers }: ProxySettings): boolean =>
    [server, ...Object.values(servers)].some(({ maxConnections }) => maxConnections !== undefined);

function listenAt(config: ProxyConfig): string {
    if (config.address) return hostPort(config.address, config.port);
    return isIPv6(config) ? `:::${config.port} v4v6` : `:${config.port}`;
}

const SERVICE = "    log /dev/log local0";
const USER = "\n    user haproxy\n    group haproxy";

const POD = "    log stdout format raw local0";

const CHECKS: Record<CheckKind, { directives: string; options: string }> = {
    [CheckKind.Readyz]: {
        directives: `    option httpchk
    http-check send meth GET uri /readyz hdr Host kube-apiserver
    http-check expect status 200`,
        options: "check check-ssl verify none",
    },
    [CheckKind.Tcp]: { directives: "    option tcp-check", options: "check" },
};

function checkOptions({ check }: ProxySettings): string {
    const intervals = `inter ${ms(check.interval)} fastinter ${ms(check.fastInterval)} downinter ${ms(check.downInterval)}`;
    const slowStart = check.slowStart > 0 ? ` slowstart ${ms(check.slowStart)}` : "";
    return `${intervals} rise ${check.rise} fall ${check.fall}${slowStart}`;
}

/** The options of haproxy's keyword `server` or `default-server`. */
function serverOptions({ maxConnections, maxQueue, weight }: BalancerServerArgs): string {
    const options = { maxconn: maxConnections, maxqueue: maxQueue, weight };
    return Object.entries(options)
        .filter(([, value]) => value !== undefined)
        .map(([keyword, value]) => ` ${keyword} ${value}`)
        .join("");
}

function statsPage({ stats }: ProxySettings): string {
    if (stats === undefined) return "";
    const password = stats.hasPassword ? `    stats auth ${stats.user}:@STATS_PASSWORD@\n` : "";
    return `
frontend stats
    bind ${hostPort(stats.address, stats.port)}
    mode http
    no log
    timeout client 10s
    stats enable
    stats uri /
    stats refresh 10s
    stats hide-version
${password}`;
}
