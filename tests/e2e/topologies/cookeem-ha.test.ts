import { expect, it } from "vitest";
import { membersSeenBy, voters } from "../etcdMembers";
import { expectPkiFiles } from "../pkiFiles";
import { kubectl, onHost } from "../stack";
import { testTopology } from "../topology";
import { apiserverLost, holder, holderLost } from "./failures";

const ADDRESSES = { cp1: "10.88.0.11", cp2: "10.88.0.12", cp3: "10.88.0.13" };
const controlPlane = Object.keys(ADDRESSES);
const workers = ["w1", "w2"];
const nodes = [...controlPlane, ...workers];
const VIRTUAL = "10.88.0.100";
const ENDPOINT = `https://${VIRTUAL}:8443`;

/** The `server` of kubeconfigs below /etc/kubernetes, by their names. */
async function servers(host: string, names: string[]): Promise<Record<string, string>> {
    const read = names.map((name) => `sed -n 's/^ *server: /${name} /p' /etc/kubernetes/${name}.conf`);
    const lines = (await onHost(host, read.join("; "))).split("\n");
    return Object.fromEntries(lines.map((line) => line.split(" ")));
}

async function certificateNames(host: string): Promise<string[]> {
    const print = "openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -ext subjectAltName";
    const [, names] = (await onHost(host, print)).split("\n");
    return names.trim().split(", ").sort();
}

// Two of the example's eight workers: cookeem-ha-eight.test.ts has all of them.
testTopology("cookeem-ha", {
    hosts: nodes,
    nodes,
    change: (config) => ({ ...config, workerNodes: config.workerNodes.slice(0, workers.length) }),
    looks: () => {
        it("control plane nodes call their own kube-apiserver; everybody else calls the virtual address", async () => {
            for (const [host, address] of Object.entries(ADDRESSES)) {
                const own = `https://${address}:6443`;
                expect(await servers(host, ["admin", "controller-manager", "scheduler", "kubelet"]), host).toEqual({
                    admin: ENDPOINT,
                    "controller-manager": own,
                    scheduler: own,
                    kubelet: own,
                });
            }
            for (const host of workers) expect(await servers(host, ["kubelet"]), host).toEqual({ kubelet: ENDPOINT });
            const read = "jsonpath={.data.kubeconfig\\.conf}";
            const kubeProxy = await kubectl("-n", "kube-system", "get", "configmap", "kube-proxy", "-o", read);
            expect(kubeProxy.match(/server: .*/g)).toEqual([`server: ${ENDPOINT}`]);
        });

        it("each kube-apiserver's certificate has its host's name and address, the virtual address, and no other host's", async () => {
            for (const [host, address] of Object.entries(ADDRESSES)) {
                expect(await certificateNames(host), host).toEqual(
                    [
                        ...[`DNS:${host}`, `IP Address:${address}`, `IP Address:${VIRTUAL}`],
                        ...["", ".default", ".default.svc", ".default.svc.cluster.local"].map(
                            (suffix) => `DNS:kubernetes${suffix}`,
                        ),
                        "IP Address:10.96.0.1",
                    ].sort(),
                );
            }
        });

        it("every host has the keys and certificates of its role, and no other file beside them", async () => {
            await expectPkiFiles(controlPlane, "kubernetes", "externalEtcd");
            await expectPkiFiles(controlPlane, "etcd", "member");
            await expectPkiFiles(workers, "kubernetes", "worker");
            await expectPkiFiles(workers, "etcd", "none");
        });

        it("etcd, nginx and keepalived run on every control plane node, and no etcd is kubeadm's", async () => {
            for (const host of controlPlane) {
                expect(await onHost(host, "systemctl is-active etcd nginx keepalived")).toBe("active\nactive\nactive");
                expect(await onHost(host, "ls /etc/kubernetes/manifests")).not.toContain("etcd");
            }
            expect(await membersSeenBy("cp1")).toEqual(voters(...controlPlane));
        });
    },
    failures: [apiserverLost(() => holder(controlPlane), 3), holderLost(controlPlane, 15)],
});
