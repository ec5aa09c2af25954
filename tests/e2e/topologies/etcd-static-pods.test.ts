import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { memberPowerCut, membersSeenBy, voters } from "../etcdMembers";
import { expectReady } from "../looks";
import { Config, onHost, said, Stack } from "../stack";
import { exampleConfig } from "../example";
import { testTopology } from "../topology";

/** External etcd once more, its members run by a kubelet: on hosts of their own one that knows no API server, else the node's. */
const asPods = (config: Config): Config => ({ ...config, etcd: { ...config.etcd, runtime: "staticPod" } });
const workers = ["w1", "w2"];

async function up(stack: Stack, nodes: string[]): Promise<void> {
    const outcome = await stack.up();
    expect(outcome.code, said(outcome)).toBe(0);
    await expectReady(nodes);
}

const members = ["etcd1", "etcd2", "etcd3"];
const two = ["cp1", "cp2", ...workers];
testTopology("external-etcd-dedicated", {
    hosts: [...two, ...members],
    nodes: two,
    change: asPods,
    failures: [memberPowerCut("etcd2", members, 15)],
    looks(stack) {
        it("a kubelet without an API server runs the member", async () => {
            expect(
                await onHost("etcd1", "crictl ps --name etcd --quiet | wc -l; systemctl is-active etcd || true"),
            ).toBe("1\ninactive");
            expect(await onHost("etcd1", "ls /etc/kubernetes")).toBe("manifests");
        });

        it("an option is rolled out, and a lost disk comes back with it", async () => {
            await lab.reset("etcd3");
            const config = asPods(exampleConfig("external-etcd-dedicated"));
            await up(new Stack({ ...config, etcd: { ...config.etcd, snapshotCount: 5000 } }), two);
            for (const host of members) {
                expect(await onHost(host, "grep -c 'snapshot-count: 5000' /etc/etcd/etcd.yaml")).toBe("1");
                expect(await membersSeenBy(host)).toEqual(voters(...members));
            }
            await up(stack, two);
        });
    },
});

const three = ["cp1", "cp2", "cp3"];
const nodes = [...three, ...workers];
testTopology("external-etcd-colocated", {
    hosts: nodes,
    nodes,
    change: asPods,
    failures: [memberPowerCut("cp2", three, 15)],
    looks(stack) {
        it("the member is a static pod that kubeadm did not make, and a node that lost its disk brings it back", async () => {
            expect(await onHost("cp1", "grep -c config-file=/etc/etcd /etc/kubernetes/manifests/etcd.yaml")).toBe("1");
            expect(await onHost("cp1", "grep etcd-servers /etc/kubernetes/manifests/kube-apiserver.yaml")).toContain(
                "https://10.88.0.11:2379,https://10.88.0.12:2379,https://10.88.0.13:2379",
            );
            await lab.reset("cp1");
            await up(stack, nodes);
            expect(await membersSeenBy("cp1")).toEqual(voters(...three));
        });
    },
});
