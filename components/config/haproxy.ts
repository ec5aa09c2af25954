/** One apiserver behind the balancer. */
export interface Backend {
    name: string;
    address: string;
    port: number;
}

export interface HaproxyConfig {
    /** The port of the endpoint. */
    port: number;
    backends: Backend[];
}

/**
 * haproxy.cfg: TCP straight through (TLS ends at kube-apiserver), each backend asked for /readyz every second. A backend
 * that stops answering is out after two checks, and its open connections are closed, so that clients dial a living one.
 */
export function haproxyConfig({ port, backends }: HaproxyConfig): string {
    const servers = backends.map(({ name, address, port: to }) => `    server ${name} ${address}:${to}`);
    return `global
    log /dev/log local0 notice
    user haproxy
    group haproxy
    maxconn 8192

defaults
    mode tcp
    log global
    option dontlognull
    option redispatch
    retries 2
    timeout connect 2s
    timeout client 1h
    timeout server 1h
    timeout tunnel 1h
    timeout check 2s

frontend kube-apiserver
    bind :${port}
    default_backend kube-apiservers

backend kube-apiservers
    balance leastconn
    option httpchk
    http-check send meth GET uri /readyz hdr Host kube-apiserver
    http-check expect status 200
    default-server check check-ssl verify none inter 1s fastinter 500ms downinter 500ms rise 1 fall 2 on-marked-down shutdown-sessions
${servers.join("\n")}
`;
}
