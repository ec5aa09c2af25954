import { Fault, fault } from "./fault";

/** What may stand where, in a stack's configuration. A list's entries are all alike; `true` is a value of any shape. */
interface Keys {
    [key: string]: true | Keys | [Keys];
}

const HOST: Keys = { name: true, address: true, privateAddress: true, hostKey: true, user: true, port: true };
const NODE: Keys = { ...HOST, labels: true, taints: [{ key: true, value: true, effect: true }] };
const REPOSITORY: Keys = { uri: true, suite: true, key: true, keyFile: true };

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
    kubernetesVersion: true,
    clusterName: true,
    controlPlaneEndpoint: true,
    certSANs: true,
    loadBalancer: {
        placement: true,
        hosts: [HOST],
        virtualAddress: true,
        port: true,
        advertInterval: true,
        virtualRouterId: true,
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
    network: { podSubnet: true, serviceSubnet: true, dnsDomain: true },
    cni: { plugin: true, mtu: true },
    sources: {
        kubernetes: REPOSITORY,
        containerd: REPOSITORY,
        etcd: { uri: true, sha256: true, package: true },
        registryMirrors: true,
        imageRepository: true,
    },
    kubeletConfiguration: true,
    kubeProxyConfiguration: true,
    restrictOomScoreAdj: true,
    maxUnavailable: true,
};

/** A mistyped key would silently be a default; so each one that is not known is a fault. */
export const unknownKeys = (value: unknown, keys: Keys = CONFIG, path = ""): Fault[] => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        return path ? [fault(path, value, "an object")] : [];
    }
    return Object.entries(value).flatMap(([key, inner]) => {
        const at = path ? `${path}.${key}` : key;
        const allowed = keys[key];
        if (allowed === undefined)
            return [{ propertyPath: at, reason: `unknown key, expected one of ${Object.keys(keys).join(", ")}` }];
        if (allowed === true) return [];
        if (!Array.isArray(allowed)) return unknownKeys(inner, allowed, at);
        if (!Array.isArray(inner)) return [fault(at, inner, "a list")];
        return inner.flatMap((entry, i) => unknownKeys(entry, allowed[0], `${at}[${i}]`));
    });
};
