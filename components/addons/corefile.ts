import { CorefileArgs } from "../model/corefile";
import { Upstreams } from "../model/upstreams";

const HOST_SERVERS = "/etc/resolv.conf";

/** A directive of a Corefile with its options, one a line. */
const directive = (line: string, options: string[]): string[] =>
    options.length === 0 ? [line] : [`${line} {`, ...options.map((option) => `   ${option}`), "}"];

/** The directive that asks name servers for the names of a domain. */
export const forwardTo = (domain: string, { upstreams, tlsServerName }: Upstreams, more: string[] = []): string[] =>
    directive(`forward ${domain} ${(upstreams ?? [HOST_SERVERS]).join(" ")}`, [
        ...(tlsServerName === undefined ? [] : [`tls_servername ${tlsServerName}`]),
        ...more,
    ]);

/** kubeadm's own Corefile (cmd/kubeadm/app/phases/addons/dns/manifests.go, CoreDNSConfigMap; the same in 1.35 and 1.36). */
export const kubeadmCorefile = (dnsDomain: string): string => render({}, dnsDomain);

/** The Corefile that the options ask for; empty without any of them, because then it is not the program's. */
export const corefile = (options: CorefileArgs, dnsDomain: string): string =>
    options.cache || options.forward || options.stubDomains || options.serverBlocks ? render(options, dnsDomain) : "";

/**
 * kubeadm's Corefile with the options filled in. The plugin `kubernetes` answers before any `forward`, so no stub domain takes a name of
 * the cluster: not a domain above the cluster's own, and not one of addresses. CoreDNS asks the first `forward` whose domain fits.
 */
function render(
    { cache = {}, forward = {}, stubDomains = [], serverBlocks = [] }: CorefileArgs,
    dnsDomain: string,
): string {
    const limit = [`max_concurrent ${forward.maxConcurrent ?? 1000}`];
    const { capacity, ttlSeconds = 30 } = cache;
    const sizes = capacity === undefined ? [] : [`success ${capacity}`, `denial ${capacity}`];
    const lines = [
        "errors",
        ...directive("health", ["lameduck 5s"]),
        "ready",
        ...directive(`kubernetes ${dnsDomain} in-addr.arpa ip6.arpa`, [
            "pods insecure",
            "fallthrough in-addr.arpa ip6.arpa",
            "ttl 30",
        ]),
        "prometheus :9153",
        ...innermostFirst(stubDomains).flatMap((stub) => forwardTo(stub.domain, stub, limit)),
        ...forwardTo(".", forward, limit),
        ...directive(`cache ${ttlSeconds}`, [...sizes, `disable success ${dnsDomain}`, `disable denial ${dnsDomain}`]),
        "loop",
        "reload",
        "loadbalance",
    ];
    return [
        ...serverBlock(".", lines),
        ...serverBlocks.flatMap(({ domain, plugins }) => serverBlock(domain, plugins.trimEnd().split("\n"))),
    ].join("\n");
}

const serverBlock = (domain: string, lines: string[]): string[] => [
    `${domain}:53 {`,
    ...lines.map((line) => `    ${line}`.trimEnd()),
    "}",
];

const innermostFirst = <Stub extends { domain: string }>(stubs: Stub[]): Stub[] =>
    [...stubs].sort((a, b) => labels(b) - labels(a));

const labels = ({ domain }: { domain: string }): number => domain.split(".").length;
