import { generateKeyPairSync } from "crypto";
import type { KnownClusterArgs } from "../../components/model/cluster";
import { controlPlaneConfig, workerConfig } from "../../components/cluster/kubeadm";
import { controlPlaneParameters, kubernetesParameters, workerParameters } from "../../components/cluster/desiredState";
import { ScriptParameters } from "../../components/host/contract";
import { resolveSettings } from "../../components/model/cluster";
import { SourcesArgs } from "../../components/model/sources";
import { clusterArgs, node, resolvedNode, resolvedLeader } from "../unit/fixtures";
import { Sandbox } from "./sandbox";

/** A signing key that is there, and need not be fetched. */
export const KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\ntest\n-----END PGP PUBLIC KEY BLOCK-----";
const repository = { uri: "http://192.0.2.2/packages", suite: "/", key: KEY };

/** Package repositories whose key is there and need not be fetched. */
export const REPOSITORIES: SourcesArgs = { kubernetes: repository, containerd: repository };

const CLUSTER_ID = "this-cluster";

/** The sandbox has one address. */
const identity = (name: string, role: string): ScriptParameters => ({
    NODE_NAME: name,
    NODE_ADDRESS: "192.0.2.11",
    ROLE: role,
});

/** What `prepare` stages on the first control plane node of a cluster, as the program would send it. */
export function controlPlaneDesired(changes: Partial<KnownClusterArgs> = {}): ScriptParameters {
    const args = clusterArgs({ sources: REPOSITORIES, ...changes });
    const settings = resolveSettings(args);
    const [cp1] = args.controlPlaneNodes;
    return {
        ...kubernetesParameters(settings, resolvedLeader(cp1), controlPlaneConfig),
        ...controlPlaneParameters(settings, resolvedLeader(cp1)),
        ...identity("cp1", "control-plane"),
        CLUSTER_ID,
        CLAIM: "first",
    };
}

/** The same of a worker, on a host at the address that the sandbox has. */
export function workerDesired(changes: Partial<KnownClusterArgs> = {}): ScriptParameters {
    const settings = resolveSettings(clusterArgs({ sources: REPOSITORIES, ...changes }));
    const worker = node("w1", 11);
    return {
        ...kubernetesParameters(settings, resolvedNode(worker), workerConfig),
        ...workerParameters(settings, resolvedNode(worker)),
        ...identity("w1", "worker"),
        CLUSTER_ID,
        CLAIM: "first",
    };
}

/** What the rollout of the first control plane node is given. */
export const ROLLOUT: ScriptParameters = { NODE_NAME: "cp1", CERTIFICATE_GENERATION: "first", CERTIFICATES_UNTIL: 0 };

/** What the release of a host is sent that was prepared with these parameters. */
export const releaseOf = (desired: ScriptParameters): ScriptParameters =>
    Object.fromEntries(
        ["NODE_NAME", "ROLE", "NODE_ADDRESS", "CLUSTER_ID", "CLAIM"].map((name) => [name, desired[name] ?? ""]),
    );

/** What `secrets` is sent for the same host. */
export const secretsOf = (desired: ScriptParameters, secrets: ScriptParameters): ScriptParameters => ({
    ...releaseOf(desired),
    ...secrets,
});

/** A real key, because its public half is derived from it; the words before it are in no output. */
export const SERVICE_ACCOUNT_KEY = `SA SECRET-KEY\n${generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
}).privateKey.trim()}`;

/** And its bootstrap, as a founding member, with keys that must not be told to anybody. */
export const BOOTSTRAP: ScriptParameters = {
    ...ROLLOUT,
    ...Object.fromEntries(
        ["CA", "FRONT_PROXY_CA", "ETCD_CA"].flatMap((ca) => [
            [`PKI_${ca}_CERT`, `${ca} CERTIFICATE`],
            [`PKI_${ca}_KEY`, `${ca} SECRET-KEY`],
        ]),
    ),
    PKI_SA_KEY: SERVICE_ACCOUNT_KEY,
    FOUNDER: "0123456789abcdef0123456789abcdef",
    FOUNDERS: ["cp1=192.0.2.11", "cp2=192.0.2.12", "cp3=192.0.2.13"],
};

/** A voting member as etcd's gateway lists it: that of cp1 is at 192.0.2.11. */
export const votingMember = (number: number) => ({
    ID: String(number),
    name: `cp${number}`,
    peerURLs: [`https://192.0.2.${number + 10}:2380`],
    clientURLs: [`https://192.0.2.${number + 10}:2379`],
});

/** A host whose own etcd member answers when it has been started, as the two others do. */
export function sandboxWithMember(): Sandbox {
    const host = new Sandbox();
    host.write("fake/etcd/192.0.2.11/list", JSON.stringify({ members: [1, 2, 3].map(votingMember) }));
    for (const other of [12, 13]) host.write(`fake/etcd/192.0.2.${other}/status`, "{}");
    host.write("fake/etcd/192.0.2.11/alarm", "{}");
    host.write("fake/etcd/192.0.2.11/when", "/var/lib/kubelet/config.yaml");
    return host;
}
