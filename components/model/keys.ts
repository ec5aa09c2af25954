import { Fault, fault } from "../lib/faults";
import { BINARY_NAMES } from "./binaries";

/** The keys of a stack's configuration. All entries of a list have the same keys; `true` is a value of any shape, "*" any key. */
interface Keys {
    [key: string]: true | Keys | [Keys];
}

const HOST: Keys = {
    name: true,
    address: true,
    privateAddress: true,
    hostKey: true,
    user: true,
    port: true,
    onRemoval: true,
};
const ARGUMENT: [Keys] = [{ name: true, value: true }];
const COMPONENT: Keys = {
    extraArgs: ARGUMENT,
    extraVolumes: [{ name: true, hostPath: true, mountPath: true, readOnly: true, pathType: true }],
    extraEnvs: ARGUMENT,
};
const NODE: Keys = {
    ...HOST,
    secondaryAddress: true,
    labels: true,
    annotations: true,
    taints: [{ key: true, value: true, effect: true }],
    kubeletConfiguration: true,
    kubeletExtraArgs: ARGUMENT,
};
const REPOSITORY: Keys = { uri: true, suite: true, key: true, keyFile: true };

const AUTHORITY: Keys = { certificate: true, privateKey: true };

const BINARY: Keys = { uri: true, sha256: true };

const REGISTRY: Keys = { username: true, password: true, caFile: true, caCertificate: true };
const BALANCER_PROXY: Keys = {
    balance: true,
    maxConnections: true,
    check: {
        interval: true,
        fastInterval: true,
        downInterval: true,
        timeout: true,
        rise: true,
        fall: true,
        slowStart: true,
    },
    timeouts: { connect: true, client: true, server: true },
    stats: { port: true, address: true, user: true, password: true },
};

const CONFIG: Keys = {
    ssh: {
        user: true,
        port: true,
        privateKeyFile: true,
        privateKey: true,
        knownHostsFile: true,
        insecureSkipHostKeyCheck: true,
    },
    controlPlaneNodes: [NODE],
    workerNodes: [NODE],
    osFamily: true,
    onRemoval: true,
    kubernetesVersion: true,
    clusterName: true,
    controlPlaneEndpoint: true,
    certSANs: true,
    loadBalancer: {
        type: true,
        placement: true,
        hosts: [HOST],
        virtualAddress: true,
        port: true,
        proxy: BALANCER_PROXY,
        vrrp: { virtualRouterId: true, advertInterval: true, multicast: true, password: true },
        kubeVip: { leaseDuration: true, renewDeadline: true, retryPeriod: true },
    },
    etcd: {
        topology: true,
        placement: true,
        hosts: [HOST],
        runtime: true,
        endpoints: true,
        caFile: true,
        certFile: true,
        keyFile: true,
        caCertificate: true,
        clientCertificate: true,
        clientKey: true,
        quotaBackendBytes: true,
        heartbeatInterval: true,
        electionTimeout: true,
        autoCompactionMode: true,
        autoCompactionRetention: true,
        snapshotCount: true,
        dataDir: true,
        listenMetricsUrls: true,
    },
    network: { podSubnet: true, serviceSubnet: true, dnsDomain: true, kubeProxy: true },
    cni: {
        plugin: true,
        mode: true,
        mtu: true,
        manifest: { uri: true, sha256: true },
        chart: { repository: true, version: true },
        values: true,
    },
    firewall: { mode: true, hostSubnets: true, nodePorts: true },
    coreDns: {
        replicas: true,
        resources: { requests: true, limits: true },
        spread: true,
        maxUnavailable: true,
        nodeLocalCache: { address: true, image: true },
    },
    metricsServer: true,
    storage: { provisioner: true, path: true, server: true, defaultClass: true },
    sources: {
        kubernetes: REPOSITORY,
        containerd: REPOSITORY,
        binaries: { mirror: true, ...Object.fromEntries(BINARY_NAMES.map((name) => [name, BINARY])) },
        etcd: { uri: true, sha256: true, package: true },
        registryMirrors: true,
        registries: { "*": REGISTRY },
        proxy: { http: true, https: true, no: true },
        imageRepository: true,
    },
    pki: { folder: true, ca: AUTHORITY, frontProxyCa: AUTHORITY, etcdCa: AUTHORITY, serviceAccountKey: true },
    apiServer: COMPONENT,
    controllerManager: COMPONENT,
    scheduler: COMPONENT,
    kubeletConfiguration: true,
    kubeProxyConfiguration: true,
    restrictOomScoreAdj: true,
    maxUnavailable: true,
    drainTimeoutSeconds: true,
};

/** A mistyped key would silently be a default; so each one that is not known is a fault. */
export const unknownKeys = (value: unknown, keys: Keys = CONFIG, path = ""): Fault[] => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return path ? [fault(path, value, "an object")] : [];
    }
    return Object.entries(value).flatMap(([key, inner]) => {
        const at = path ? `${path}.${key}` : key;
        const allowed = keys[key] ?? keys["*"];
        if (allowed === undefined) {
            return [{ propertyPath: at, reason: `unknown key, expected one of ${Object.keys(keys).join(", ")}` }];
        }
        if (allowed === true) return [];
        if (!Array.isArray(allowed)) return unknownKeys(inner, allowed, at);
        if (!Array.isArray(inner)) return [fault(at, inner, "a list")];
        return inner.flatMap((entry, i) => unknownKeys(entry, allowed[0], `${at}[${i}]`));
    });
};
