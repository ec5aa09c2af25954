import type { apps, core, meta } from "@pulumi/kubernetes/types/input";
import { hostPort } from "../lib/addresses";
import { ClusterShape } from "../model/cluster";
import { CorefileArgs } from "../model/corefile";
import { NodeLocalCacheSettings } from "../model/coreDns";
import { NODE_LOCAL_DNS } from "../versions/versions";
import { forwardTo } from "./corefile";
import { KubernetesObject } from "./objects";

const NAMESPACE = "kube-system";
const NAME = "node-local-dns";
const LABELS = { "k8s-app": NAME };
const METADATA = { name: NAME, namespace: NAMESPACE, labels: LABELS } satisfies meta.v1.ObjectMeta;
const CLUSTER_DNS = { "k8s-app": "kube-dns" };
const METRICS_PORT = 9253;
const HEALTH_PORT = 8080;
/** The node-cache itself puts addresses in their place: those of kube-dns-upstream, and the host's name servers. */
const FROM_SERVICE = "__PILLAR__CLUSTER__DNS__";
const FROM_HOST = "__PILLAR__UPSTREAM__SERVERS__";

/** NodeLocal DNSCache, after upstream's nodelocaldns.yaml of Kubernetes 1.36. */
export function nodeLocalDnsObjects(settings: ClusterShape): KubernetesObject[] {
    const { nodeLocalCache: dns } = settings.coreDns;
    if (!dns) return [];
    const { imageRepository } = settings.sources;
    const image = dns.image ?? `${imageRepository}/${NODE_LOCAL_DNS.image}`;
    return [
        { apiVersion: "v1", kind: "ServiceAccount", metadata: METADATA } satisfies core.v1.ServiceAccount,
        upstreamService(),
        metricsService(),
        {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: METADATA,
            data: { Corefile: corefile(dns, settings.network.dnsDomain, settings.coreDns) },
        } satisfies core.v1.ConfigMap,
        {
            apiVersion: "apps/v1",
            kind: "DaemonSet",
            metadata: METADATA,
            spec: {
                updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
                selector: { matchLabels: LABELS },
                template: { metadata: { labels: LABELS, annotations: SCRAPED }, spec: pod(dns, image) },
            },
        } satisfies apps.v1.DaemonSet,
    ];
}

const SCRAPED = { "prometheus.io/port": String(METRICS_PORT), "prometheus.io/scrape": "true" };

// CoreDNS by an address that no cache takes.
const upstreamService = (): KubernetesObject =>
    ({
        apiVersion: "v1",
        kind: "Service",
        metadata: {
            name: "kube-dns-upstream",
            namespace: NAMESPACE,
            labels: { ...CLUSTER_DNS, "kubernetes.io/name": "KubeDNSUpstream" },
        },
        spec: {
            ports: PORTS.map((port): core.v1.ServicePort => ({ ...port, targetPort: port.port })),
            selector: CLUSTER_DNS,
        },
    }) satisfies core.v1.Service;

const PORTS = [
    { name: "dns", port: 53, protocol: "UDP" },
    { name: "dns-tcp", port: 53, protocol: "TCP" },
] satisfies core.v1.ServicePort[];

const metricsService = (): KubernetesObject =>
    ({
        apiVersion: "v1",
        kind: "Service",
        metadata: { ...METADATA, annotations: SCRAPED },
        spec: {
            clusterIP: "None",
            ports: [{ name: "metrics", port: METRICS_PORT, targetPort: METRICS_PORT }],
            selector: LABELS,
        },
    }) satisfies core.v1.Service;

// Over TCP to CoreDNS: a lost packet is sent again, and connection tracking forgets what is closed. CoreDNS knows the servers of stub
// domains and the server blocks, and that the cluster's own names and addresses belong to none of them.
function corefile(
    dns: NodeLocalCacheSettings,
    domain: string,
    { forward, stubDomains = [], serverBlocks = [] }: CorefileArgs,
): string {
    const bind = listening(dns).join(" ");
    const clusterServers = dns.takesService ? FROM_SERVICE : dns.service;
    const zone = (name: string, cache: string, to: string[], more: string[] = []) =>
        [
            `${name}:53 {`,
            ...["errors", cache, "reload", "loop", `bind ${bind}`, ...to, `prometheus :${METRICS_PORT}`, ...more].map(
                (line) => `    ${line.replaceAll("\n", "\n    ")}`,
            ),
            "}\n",
        ].join("\n");
    const toCluster = [`forward . ${clusterServers} {`, "    force_tcp", "}"];
    const answers = "cache {\n    success 9984 30\n    denial 9984 5\n}";
    const others = new Set([
        ...["in-addr.arpa", "ip6.arpa"],
        ...[...stubDomains, ...serverBlocks].map((other) => other.domain),
    ]);
    return [
        zone(domain, answers, toCluster, [`health ${hostPort(dns.local, HEALTH_PORT)}`]),
        ...[...others].map((other) => zone(other, "cache 30", toCluster)),
        zone(".", "cache 30", forwardTo(".", forward?.upstreams ? forward : { upstreams: [FROM_HOST] })),
    ].join("");
}

const listening = ({ local, service, takesService }: NodeLocalCacheSettings): string[] =>
    takesService ? [local, service] : [local];

const pod = (dns: NodeLocalCacheSettings, image: string): core.v1.PodSpec => ({
    priorityClassName: "system-node-critical",
    serviceAccountName: NAME,
    hostNetwork: true,
    // Its own questions go to the host's name servers.
    dnsPolicy: "Default",
    tolerations: [
        { key: "CriticalAddonsOnly", operator: "Exists" },
        { effect: "NoExecute", operator: "Exists" },
        { effect: "NoSchedule", operator: "Exists" },
    ],
    containers: [
        {
            name: "node-cache",
            image,
            resources: { requests: { cpu: "25m", memory: "5Mi" } },
            args: ["-localip", listening(dns).join(","), "-conf", "/etc/Corefile", "-upstreamsvc", "kube-dns-upstream"],
            // It makes an interface, and rules of iptables.
            securityContext: { capabilities: { add: ["NET_ADMIN"] } },
            ports: [
                ...PORTS.map(({ port, ...rest }): core.v1.ContainerPort => ({ containerPort: port, ...rest })),
                { containerPort: METRICS_PORT, name: "metrics", protocol: "TCP" },
            ],
            livenessProbe: {
                httpGet: { host: dns.local, path: "/health", port: HEALTH_PORT },
                initialDelaySeconds: 60,
                timeoutSeconds: 5,
            },
            volumeMounts: [
                { mountPath: "/run/xtables.lock", name: "xtables-lock", readOnly: false },
                { mountPath: "/etc/coredns", name: "config-volume" },
                { mountPath: "/etc/kube-dns", name: "kube-dns-config" },
            ],
        },
    ],
    volumes: [
        { name: "xtables-lock", hostPath: { path: "/run/xtables.lock", type: "FileOrCreate" } },
        { name: "kube-dns-config", configMap: { name: "kube-dns", optional: true } },
        { name: "config-volume", configMap: { name: NAME, items: [{ key: "Corefile", path: "Corefile.base" }] } },
    ],
});
