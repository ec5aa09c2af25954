import { readFileSync } from "fs";
import * as path from "path";
import { KnownClusterArgs } from "../../components/model/cluster";
import { EtcdTopology } from "../../components/model/etcd";
import { CONTROL_PLANE_TAINT, KnownNodeArgs, NodeSettings, resolveNode } from "../../components/model/nodes";
import { LoadBalancerPlacement } from "../../components/model/loadBalancerType";

/** An ed25519 public key: its type, a length, 32 bytes. Nobody has its private key. */
export function publicKey(n: number): string {
    const bytes = Buffer.alloc(32);
    bytes.writeUInt32BE(n);
    const blob = Buffer.concat([Buffer.from("AAAAC3NzaC1lZDI1NTE5AAAAIA==", "base64"), bytes]);
    return `ssh-ed25519 ${blob.toString("base64")}`;
}

/** Of the form that is asked for, and no key. */
export const PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

/** Made with openssl for these tests alone. */
export const pem = (name: string): string => readFileSync(path.join(__dirname, "pki", name), "utf8");

export const node = (name: string, last: number): KnownNodeArgs => ({
    name,
    address: `192.0.2.${last}`,
    hostKey: publicKey(last),
});

/** A worker node, or any other host, as `resolveSettings` has it. */
export const resolvedNode = (args: KnownNodeArgs): NodeSettings => resolveNode(args, {}, []);

/** A control plane node as `resolveSettings` has it. */
export const resolvedLeader = (args: KnownNodeArgs): NodeSettings => resolveNode(args, {}, [CONTROL_PLANE_TAINT]);

export const SIGNING_KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\ntest\n-----END PGP PUBLIC KEY BLOCK-----";

/** Three control plane nodes, two workers, a virtual address: valid as it is. */
export const clusterArgs = (changes: Partial<KnownClusterArgs> = {}): KnownClusterArgs => ({
    ssh: { user: "ops", privateKey: PRIVATE_KEY },
    controlPlaneNodes: [node("cp1", 11), node("cp2", 12), node("cp3", 13)],
    workerNodes: [node("w1", 21), node("w2", 22)],
    loadBalancer: { virtualAddress: "192.0.2.100" },
    ...changes,
});

export const dedicatedArgs = (changes: Partial<KnownClusterArgs> = {}): KnownClusterArgs =>
    clusterArgs({ loadBalancer: { placement: LoadBalancerPlacement.Dedicated, hosts: [node("lb1", 10)] }, ...changes });

/** Load balancers and etcd members on hosts of their own, beside the control plane nodes and workers. */
export const everyKindArgs = (): KnownClusterArgs =>
    clusterArgs({
        etcd: { topology: EtcdTopology.External, hosts: [node("e1", 31), node("e2", 32), node("e3", 33)] },
        loadBalancer: {
            placement: LoadBalancerPlacement.Dedicated,
            hosts: [node("lb1", 9), node("lb2", 10)],
            virtualAddress: "192.0.2.100",
        },
    });
