import { parse } from "yaml";
import { PRIVATE_KEY, clusterArgs, publicKey } from "./fixtures";

/** Configurations of a stack that a person may type. */
export const GOOD = { ...clusterArgs(), ssh: { privateKey: PRIVATE_KEY } } as unknown as Record<string, unknown>;

export const worker = (yaml: string): Record<string, unknown> => ({
    workerNodes: [{ name: "w1", address: "192.0.2.21", hostKey: publicKey(21), ...(parse(yaml) as object) }],
});
/** Workers behind one address, each with the port of it that is forwarded to its sshd. */
const forwarded = (...ports: number[]) => ({
    workerNodes: ports.map((port, i) => ({
        ...{ name: `w${i}`, address: "198.51.100.1", port, privateAddress: `192.0.2.${21 + i}` },
        hostKey: publicKey(21 + i),
    })),
});
export const apiServerFlag = (name: string, value: string) => ({ apiServer: { extraArgs: [{ name, value }] } });
const virtualAddress = (address: string) => ({ loadBalancer: { virtualAddress: address } });
export const balancer = (more: string) => ({
    loadBalancer: { virtualAddress: "192.0.2.100", ...(parse(more) as object) },
});
const stub = (domain: string, upstream = "192.0.2.53") => ({
    coreDns: { stubDomains: [{ domain, upstreams: [upstream] }] },
});
export const repository = (more: object) => {
    const key = `${"0".repeat(40)} https://example.com/key`;
    return { sources: { kubernetes: { uri: "https://example.com", suite: "/", key, ...more } } };
};

const behind = (bastion: object) => ({
    ssh: { privateKey: PRIVATE_KEY, bastion: { address: "192.0.2.1", hostKey: publicKey(1), ...bastion } },
});

const CA_OF_REGISTRY = 'sources.registries["a.example.com"].caCertificate';

/** What a person types, and the property that is named. */
export const REFUSED: [string | Record<string, unknown>, string][] = [
    [{ preflight: { warn: ["memry"] } }, "preflight.warn[0]"],
    [{ preflight: { skip: ["identity"] } }, "preflight.skip[0]"],
    [{ preflight: { skips: [] } }, "preflight.skips"],
    ["{ apiServer: { extraArgs: [{ name: max-requests-inflight, value: 800 }] } }", "apiServer.extraArgs[0].value"],
    [apiServerFlag("no-such-flag", "x"), "apiServer.extraArgs[0].name"],
    [apiServerFlag("--v", "3"), "apiServer.extraArgs[0].name"],
    ["{ apiServer: { extraArgs: [{ name: v }] } }", "apiServer.extraArgs[0].value"],
    [apiServerFlag("secure-port", "7443"), "apiServer.extraArgs[0].name"],
    [apiServerFlag("etcd-servers", "http://192.0.2.99:2379"), "apiServer.extraArgs[0].name"],
    [apiServerFlag("authorization-mode", "AlwaysAllow"), "apiServer.extraArgs[0].value"],
    [apiServerFlag("anonymous-auth", "false"), "apiServer.extraArgs[0].value"],
    [apiServerFlag("request-timeout", "1 minute"), "apiServer.extraArgs[0].value"],
    [apiServerFlag("profiling", "no"), "apiServer.extraArgs[0].value"],
    ["{ scheduler: { extraArgs: [{ name: leader-elect, value: maybe }] } }", "scheduler.extraArgs[0].value"],
    [
        "{ controllerManager: { extraArgs: [{ name: cluster-cidr, value: 10.0.0.0/8 }] } }",
        "controllerManager.extraArgs[0].name",
    ],
    ["{ apiServer: { extraVolumes: [{ name: a_b, hostPath: /a, mountPath: /b }] } }", "apiServer.extraVolumes[0].name"],
    [
        "{ scheduler: { extraVolumes: [{ name: a, hostPath: a, mountPath: /b }] } }",
        "scheduler.extraVolumes[0].hostPath",
    ],
    [
        "{ scheduler: { extraVolumes: [{ name: a, hostPath: /a, mountPath: /b, pathType: Folder }] } }",
        "scheduler.extraVolumes[0].pathType",
    ],
    ["{ apiServer: { extraEnvs: [{ name: a b, value: x }] } }", "apiServer.extraEnvs[0].name"],
    [worker("kubeletExtraArgs: [{ name: v, value: 2 --config=x }]"), "workerNodes[0].kubeletExtraArgs[0].value"],
    ["{ kubeletConfiguration: { maxPod: 50 } }", "kubeletConfiguration.maxPod"],
    ["{ kubeletConfiguration: { maxPods: many } }", "kubeletConfiguration.maxPods"],
    ["{ kubeletConfiguration: [a] }", "kubeletConfiguration"],
    ["{ kubeletConfiguration: maxPods=5 }", "kubeletConfiguration"],
    ["{ kubeletConfiguration: { kind: Foo } }", "kubeletConfiguration.kind"],
    ["{ kubeletConfiguration: { staticPodPath: /x } }", "kubeletConfiguration.staticPodPath"],
    ["{ kubeletConfiguration: { port: 6443 } }", "kubeletConfiguration.port"],
    ["{ kubeletConfiguration: { cgroupDriver: sytemd } }", "kubeletConfiguration.cgroupDriver"],
    ["{ kubeletConfiguration: { shutdownGracePeriod: 30 } }", "kubeletConfiguration.shutdownGracePeriod"],
    [
        "{ kubeletConfiguration: { authentication: { anonymous: { enabled: true } } } }",
        "kubeletConfiguration.authentication.anonymous.enabled",
    ],
    ["{ kubeletConfiguration: { authorization: { mode: AlwaysAllow } } }", "kubeletConfiguration.authorization.mode"],
    ["{ kubeProxyConfiguration: { nope: 1 } }", "kubeProxyConfiguration.nope"],
    ["{ kubeProxyConfiguration: { clusterCIDR: 10.0.0.0/8 } }", "kubeProxyConfiguration.clusterCIDR"],
    [worker("kubeletConfiguration: { maxPods: '5' }"), "workerNodes[0].kubeletConfiguration.maxPods"],
    [
        worker("kubeletExtraArgs: [{ name: hostname-override, value: other }]"),
        "workerNodes[0].kubeletExtraArgs[0].name",
    ],
    ...["10.244.3.4", "10.96.0.10", "10.96.0.0", "127.0.0.1", "0.0.0.0", "224.0.0.18", "255.255.255.255"].map(
        (address): [Record<string, unknown>, string] => [virtualAddress(address), "loadBalancer.virtualAddress"],
    ),
    [balancer("port: 22"), "loadBalancer.port"],
    [balancer("port: 2381"), "loadBalancer.port"],
    [balancer("port: 30443"), "loadBalancer.port"],
    [balancer("proxy: { stats: { port: 8443 } }"), "loadBalancer.proxy.stats.port"],
    [balancer("proxy: { stats: { port: 6443 } }"), "loadBalancer.proxy.stats.port"],
    [balancer("vrrp: { multicast: 'no' }"), "loadBalancer.vrrp.multicast"],
    [balancer("type: ipvs"), "loadBalancer.type"],
    [balancer("type: lvs"), "loadBalancer.placement"],
    [balancer("{ type: lvs, placement: dedicated }"), "loadBalancer.hosts"],
    ["{ etcd: { listenMetricsUrls: ['http://127.0.0.1:2379'] } }", "etcd.listenMetricsUrls[0]"],
    ["{ etcd: { topology: external, placement: controlPlane, dataDir: /var/lib } }", "etcd.dataDir"],
    ["{ etcd: { dataDir: /etc/kubernetes } }", "etcd.dataDir"],
    ["{ etcd: { serverCertSANs: ['a b'] } }", "etcd.serverCertSANs[0]"],
    ["{ etcd: { peerCertSANs: [a.example.com, 'FD00:0::1'] } }", "etcd.peerCertSANs[1]"],
    ["{ etcd: { peerCertSANs: a.example.com } }", "etcd.peerCertSANs"],
    [
        "{ etcd: { topology: existing, endpoints: ['https://192.0.2.99:2379'], serverCertSANs: [a.example.com] } }",
        "etcd.serverCertSANs",
    ],
    ["{ etcd: { dataDir: /srv/../etc/x } }", "etcd.dataDir"],
    ["{ etcd: { quotaBackendBytes: 99999999999999 } }", "etcd.quotaBackendBytes"],
    ["{ etcd: { topology: existing, endpoints: ['https://192.0.2.11:2379'] } }", "etcd.endpoints[0]"],
    [worker("privateAddress: 192.0.2.11"), "workerNodes[0].privateAddress"],
    [worker("address: 127.0.0.1"), "workerNodes[0].address"],
    [worker("address: 0.0.0.0"), "workerNodes[0].address"],
    [worker("{ address: 192.0.2.21, privateAddress: 127.0.0.1 }"), "workerNodes[0].privateAddress"],
    [worker("address: 192.0.2.21:22"), "workerNodes[0].address"],
    [worker("address: ops@192.0.2.21"), "workerNodes[0].address"],
    [worker("privateAddress: 192.0.2.21/24"), "workerNodes[0].privateAddress"],
    [worker("name: 2"), "workerNodes[0].name"],
    [worker("name: localhost"), "workerNodes[0].name"],
    [worker("name: '123'"), "workerNodes[0].name"],
    [worker("labels: { zone: 1 }"), "workerNodes[0].labels.zone"],
    [worker("labels: { zone: true }"), "workerNodes[0].labels.zone"],
    [worker("labels: { zone: a b! }"), "workerNodes[0].labels.zone"],
    [worker("labels: { -x/y/z: '1' }"), "workerNodes[0].labels"],
    [worker("labels: [a=b]"), "workerNodes[0].labels"],
    [worker("labels: { kubernetes.io/hostname: other }"), "workerNodes[0].labels"],
    [worker("annotations: { x: true }"), "workerNodes[0].annotations.x"],
    [worker("taints: [{ key: a b, effect: NoSchedule }]"), "workerNodes[0].taints[0].key"],
    [worker("taints: [{ effect: NoSchedule }]"), "workerNodes[0].taints[0].key"],
    [worker("taints: [{ key: a, value: 1, effect: NoSchedule }]"), "workerNodes[0].taints[0].value"],
    [worker("hostKey: ssh-ed25519 AAAA"), "workerNodes[0].hostKey"],
    [worker(`hostKey: ${publicKey(21).replace("ssh-ed25519", "ssh-rsa")}`), "workerNodes[0].hostKey"],
    [worker("hostKey: SHA256:VlOJ2hPpZb6HOSmVY1xLUzfQm2xXKzrEBbv2w9XkJ0E"), "workerNodes[0].hostKey"],
    ["{ kubernetesVersion: 1.36.03 }", "kubernetesVersion"],
    ["{ kubernetesVersion: 1.36 }", "kubernetesVersion"],
    ["{ network: { serviceSubnet: 10.96.0.0/30 } }", "network.serviceSubnet"],
    ["{ network: { serviceSubnet: 172.0.0.0/8 } }", "network.serviceSubnet"],
    ["{ network: { podSubnet: 10.244.0.0/23 } }", "network.podSubnet"],
    ["{ etcd: { topology: external, hosts: [{ name: e1, address: 10.96.0.9 }] } }", "etcd.hosts[0].address"],
    [{ clusterName: "" }, "clusterName"],
    [{ clusterName: " prod" }, "clusterName"],
    ["{ sources: { imageRepository: 'https://mirror/' } }", "sources.imageRepository"],
    [{ sources: { imageRepository: "a'b" } }, "sources.imageRepository"],
    [{ sources: { registryMirrors: { "../../../tmp/x": "http://a" } } }, 'sources.registryMirrors["../../../tmp/x"]'],
    [{ sources: { registryMirrors: { "a.b": "http://a\nx" } } }, 'sources.registryMirrors["a.b"]'],
    [{ sources: { registries: { "a.b": { username: 'a"b', password: "c" } } } }, 'sources.registries["a.b"].username'],
    [{ sources: { proxy: { http: "http://192.0.2.1:3128", no: ["a\nb"] } } }, "sources.proxy.no[0]"],
    [repository({ uri: "http://x\ndeb [trusted=yes] http://evil /" }), "sources.kubernetes.uri"],
    [repository({ suite: "stable\ndeb" }), "sources.kubernetes.suite"],
    [repository({ key: "-----BEGIN PGP PUBLIC garbage" }), "sources.kubernetes.key"],
    [{ ssh: { privateKey: "not a key" } }, "ssh.privateKey"],
    [{ ssh: { privateKey: publicKey(1) } }, "ssh.privateKey"],
    [{ ssh: { privateKey: PRIVATE_KEY.replaceAll("PRIVATE", "ENCRYPTED PRIVATE") } }, "ssh.privateKey"],
    [{ ssh: { privateKey: PRIVATE_KEY, privateKeyPassphrase: "x" } }, "ssh.privateKeyPassphrase"],
    [{ ssh: { privateKey: PRIVATE_KEY, privateKeyPassphrase: 5 } }, "ssh.privateKeyPassphrase"],
    [{ ssh: { privateKey: PRIVATE_KEY, port: 99999 } }, "ssh.port"],
    [{ ssh: { privateKey: PRIVATE_KEY, agent: true } }, "ssh.agent"],
    [{ ssh: { privateKeyPassphrase: "x", agent: true } }, "ssh.agent"],
    [{ ssh: { agent: "yes" } }, "ssh.agent"],
    [{ ssh: { privateKey: PRIVATE_KEY, sudoPassword: "" } }, "ssh.sudoPassword"],
    [{ ssh: { privateKey: PRIVATE_KEY, sudoPassword: "a\nb" } }, "ssh.sudoPassword"],
    [{ ssh: { privateKey: PRIVATE_KEY, sudoPassword: 5 } }, "ssh.sudoPassword"],
    [behind({ address: undefined }), "ssh.bastion.address"],
    [behind({ address: "ops@192.0.2.1" }), "ssh.bastion.address"],
    [behind({ address: "-oProxyCommand=id" }), "ssh.bastion.address"],
    [behind({ port: 0 }), "ssh.bastion.port"],
    [behind({ user: "-l" }), "ssh.bastion.user"],
    [behind({ hostKey: "SHA256:VlOJ2hPpZb6HOSmVY1xLUzfQm2xXKzrEBbv2w9XkJ0E" }), "ssh.bastion.hostKey"],
    [behind({ privateKey: publicKey(1) }), "ssh.bastion.privateKey"],
    [behind({ privateKeyFile: "/none" }), "ssh.bastion.privateKeyFile"],
    [behind({ privateKey: PRIVATE_KEY, privateKeyFile: "/none" }), "ssh.bastion.privateKeyFile"],
    [behind({ privateKey: PRIVATE_KEY, privateKeyPassphrase: "x" }), "ssh.bastion.privateKeyPassphrase"],
    [behind({ privateKeyPassphrase: "x" }), "ssh.bastion.privateKey"],
    [{ ssh: { privateKey: PRIVATE_KEY, user: "-oProxyCommand=id" } }, "ssh.user"],
    [{ ssh: { privateKey: PRIVATE_KEY, user: "a b" } }, "ssh.user"],
    [{ coreDns: { replicas: 1, maxUnavailable: 5 } }, "coreDns.maxUnavailable"],
    [forwarded(2221, 2221), "workerNodes[1].address"],
    [{ pki: { encryptionAlgorithm: "RSA" } }, "pki.encryptionAlgorithm"],
    [{ pki: { certificateValidityPeriod: "365d" } }, "pki.certificateValidityPeriod"],
    [{ pki: { certificateValidityPeriod: "8761h" } }, "pki.certificateValidityPeriod"],
    [{ pki: { certificateValidityPeriod: "87624h" } }, "pki.certificateValidityPeriod"],
    [{ pki: { caCertificateValidityPeriod: "0h" } }, "pki.caCertificateValidityPeriod"],
    [{ pki: { renewBefore: "90m" } }, "pki.renewBefore"],
    [
        { sources: { registryMirrors: { "docker.io": "https://u:p@a.example.com" } } },
        'sources.registryMirrors["docker.io"]',
    ],
    ["{ cni: { plugin: cilium, chart: { repository: helm.example.com } } }", "cni.chart.repository"],
    ["{ cni: { plugin: calico, mode: ip-in-ip } }", "cni.mode"],
    ["{ cni: { mode: ipip } }", "cni.mode"],
    [{ ...dualStack(), cni: { plugin: "calico", mode: "ipip" } }, "cni.mode"],
    [{ pki: { certificateValidityPeriod: "48h", renewBefore: "48h" } }, "pki.renewBefore"],
    [{ coreDns: { resources: { limits: { memory: "lots" } } } }, "coreDns.resources.limits.memory"],
    [{ coreDns: { resources: { limits: { memory: "64Mi" } } } }, "coreDns.resources.limits.memory"],
    [{ coreDns: { resources: { requests: { memory: "1Gi" } } } }, "coreDns.resources.requests.memory"],
    [{ coreDns: { resources: { requests: { cpu: "1" }, limits: { cpu: "999m" } } } }, "coreDns.resources.requests.cpu"],
    [{ coreDns: { cache: { capacity: 512 } } }, "coreDns.cache.capacity"],
    [{ coreDns: { cache: { ttlSeconds: 0 } } }, "coreDns.cache.ttlSeconds"],
    [{ coreDns: { forward: { maxConcurrent: 0.5 } } }, "coreDns.forward.maxConcurrent"],
    [{ coreDns: { forward: { upstreams: [] } } }, "coreDns.forward.upstreams"],
    [{ coreDns: { forward: { upstreams: ["dns.example.com"] } } }, "coreDns.forward.upstreams[0]"],
    [{ coreDns: { forward: { upstreams: ["10.96.0.10"] } } }, "coreDns.forward.upstreams[0]"],
    [{ coreDns: { forward: { upstreams: ["192.0.2.53", "192.0.2.53:53"] } } }, "coreDns.forward.upstreams[1]"],
    [{ coreDns: { forward: { tlsServerName: "dns.example.com" } } }, "coreDns.forward.tlsServerName"],
    [stub("cluster.local"), "coreDns.stubDomains[0].domain"],
    [stub("Corp.Example.com"), "coreDns.stubDomains[0].domain"],
    [stub("corp.example.com {"), "coreDns.stubDomains[0].domain"],
    [stub("corp.example.com", "192.0.2.53 { }"), "coreDns.stubDomains[0].upstreams[0]"],
    [stub("corp.example.com", "127.0.0.53"), "coreDns.stubDomains[0].upstreams[0]"],
    ["{ coreDns: { stubDomains: [{ domain: a.example.com }] } }", "coreDns.stubDomains[0].upstreams"],
    [
        { sources: { registries: { "a.example.com": { caCertificate: "-----BEGIN CERTIFICATE-----" } } } },
        CA_OF_REGISTRY,
    ],
    ["{ storage: { provisioner: local-path, path: / } }", "storage.path"],
    ["{ storage: { provisioner: local-path, path: /etc/../ } }", "storage.path"],
    [{ certSANs: ["fd00::1", "fd00::1"] }, "certSANs[1]"],
    [{ certSANs: ["FD00:0::1"] }, "certSANs[0]"],
    [{ certSANs: ["*.com"] }, "certSANs[0]"],
    [{ controlPlaneEndpoint: "192.0.2.11" }, "controlPlaneEndpoint"],
    [{ controlPlaneEndpoint: "fd00::5" }, "controlPlaneEndpoint"],
    [{ maxUnavailable: "1000" }, "maxUnavailable"],
    [{ drainTimeoutSeconds: 99999999 }, "drainTimeoutSeconds"],
];

/** The second addresses of a dual-stack cluster. */
function secondAddresses(): Record<string, unknown> {
    const { controlPlaneNodes, workerNodes = [] } = clusterArgs();
    const second = (node: object, i: number) => ({ ...node, secondaryAddress: `2001:db8::${i + 1}` });
    const all = [...controlPlaneNodes, ...workerNodes].map(second);
    return { controlPlaneNodes: all.slice(0, 3), workerNodes: all.slice(3) };
}

function dualStack(): Record<string, unknown> {
    return {
        network: { podSubnet: "10.244.0.0/16, fd01::/56", serviceSubnet: "10.96.0.0/12, fd02::/112" },
        ...secondAddresses(),
    };
}

/** What is right, and close to what is refused. */
export const ACCEPTED: Record<string, unknown>[] = [
    {},
    apiServerFlag("v", "3"),
    apiServerFlag("authorization-mode", "Node,RBAC,Webhook"),
    { ...apiServerFlag("no-such-flag", "x"), passUnknownOptions: true },
    { kubeletConfiguration: { maxPods: 50, evictionHard: { "memory.available": "5%" }, shutdownGracePeriod: "30s" } },
    worker("{ address: 127.0.0.1, port: 2222, privateAddress: 192.0.2.21 }"),
    forwarded(2221, 2222),
    worker("labels: { topology.kubernetes.io/zone: a, empty: '' }"),
    worker("hostKey: ssh-ed25519 " + publicKey(21).split(" ")[1] + " a comment"),
    { etcd: { dataDir: "/mnt/etcd/data", quotaBackendBytes: 2 ** 33 } },
    { certSANs: ["*.example.com", "fd00::1"] },
    { controlPlaneNodes: [clusterArgs().controlPlaneNodes[0]], controlPlaneEndpoint: "192.0.2.11", loadBalancer: {} },
    { sources: { imageRepository: "192.0.2.2:5000/k8s", registryMirrors: { "docker.io": "http://[fd00::2]:5000" } } },
    {
        sources: {
            imageRepository: "Harbor.example.com:8443/k8s",
            registryMirrors: { _default: "http://192.0.2.2/mirror" },
        },
    },
    repository({ key: "-----BEGIN PGP PUBLIC KEY BLOCK-----\r\ntest\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n" }),
    { ssh: { privateKey: PRIVATE_KEY, user: "ops@corp.example.com" } },
    { ssh: { privateKey: PRIVATE_KEY, privateKeyPassphrase: "" } },
    behind({ user: "jump", port: 2222, privateKey: PRIVATE_KEY }),
    behind({ address: "bastion.example.com", hostKey: `${publicKey(1)}\n` }),
    { ssh: { privateKey: PRIVATE_KEY, user: "CORP\\ops" } },
    { etcd: { dataDir: "/var/etcd" } },
    { coreDns: { resources: { requests: { cpu: "1e-1", memory: "128Mi" }, limits: { cpu: "0.1", memory: "0.2Gi" } } } },
    { coreDns: { forward: { upstreams: ["tls://192.0.2.53:853"], tlsServerName: "dns.example.com" } } },
    { ...stub("example.com", "10.96.0.53:8600"), network: { dnsDomain: "k8s.example.com" } },
    { storage: { provisioner: "nfs", server: "192.0.2.9", path: "/" } },
    dualStack(),
    { ...dualStack(), cni: { plugin: "calico", mode: "bgp" } },
    { cni: { plugin: "calico", mode: "ipip", mtu: 1430 } },
    { ...balancer("port: 30443"), ...apiServerFlag("service-node-port-range", "20000-22767") },
    { maxUnavailable: "2" },
    { cni: { plugin: "cilium", chart: { version: "1.19.4" } } },
    { cni: { plugin: "calico", manifest: { uri: "https://example.com/calico.yaml" } } },
    worker('hostKey: "' + publicKey(21).replace(" ", "  ") + '\\n"'),
    {
        pki: {
            encryptionAlgorithm: "RSA-4096",
            certificateValidityPeriod: "43800h",
            caCertificateValidityPeriod: "87600h0m0s",
        },
    },
    { clusterName: "5" },
];
