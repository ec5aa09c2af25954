import { expect } from "vitest";
import { onHost } from "./stack";

const pair = (name: string): string[] => [`${name}.crt`, `${name}.key`];

/** What every control plane node has: the keys that the hosts share, and the certificates made on each. */
const CONTROL_PLANE = [
    ...pair("ca"),
    ...pair("front-proxy-ca"),
    ...["sa.key", "sa.pub"],
    ...["apiserver", "apiserver-etcd-client", "apiserver-kubelet-client", "front-proxy-client"].flatMap(pair),
];

/** The members' own certificates. */
const MEMBER = ["server", "peer", "healthcheck-client"].flatMap(pair);

/** The files below /etc/kubernetes/pki and /etc/etcd/pki by the kind of a host, as kubeadm's documents list them. */
export const PKI_FILES = {
    /** A control plane node with kubeadm's etcd member. */
    stacked: [...CONTROL_PLANE, ...pair("etcd/ca"), ...MEMBER.map((file) => `etcd/${file}`)],
    /** A control plane node whose etcd is not kubeadm's: without the key of etcd's CA. */
    externalEtcd: [...CONTROL_PLANE, "etcd/ca.crt"],
    worker: ["ca.crt"],
    /** A member that is not kubeadm's, below /etc/etcd/pki. */
    member: ["ca.crt", ...MEMBER],
    none: [],
};

const FOLDERS = { kubernetes: "/etc/kubernetes/pki", etcd: "/etc/etcd/pki" };

/** Each of these hosts has these files and no other below the folder. */
export async function expectPkiFiles(
    hosts: string[],
    folder: keyof typeof FOLDERS,
    kind: keyof typeof PKI_FILES,
): Promise<void> {
    for (const host of hosts) {
        const found = await onHost(
            host,
            `find ${FOLDERS[folder]} -mindepth 1 ! -type d -printf '%P\\n' 2>/dev/null || true`,
        );
        const files = found.split("\n").filter((file) => file !== "");
        expect(files.sort(), `${host}: ${FOLDERS[folder]}`).toEqual([...PKI_FILES[kind]].sort());
    }
}
