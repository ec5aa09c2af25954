import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { expiredCertificatesAreRenewed } from "../certificates";
import { memberPowerCut, membersSeenBy, voters } from "../etcdMembers";
import { expectReady } from "../looks";
import { onHost, said, Stack } from "../stack";
import { exampleConfig } from "../example";
import { testTopology } from "../topology";

const controlPlane = ["cp1", "cp2"];
const nodes = [...controlPlane, "w1", "w2"];
const members = ["etcd1", "etcd2", "etcd3"];

async function up(stack: Stack): Promise<void> {
    const outcome = await stack.up();
    expect(outcome.code, said(outcome)).toBe(0);
    await expectReady(nodes);
}

testTopology("external-etcd-dedicated", {
    hosts: [...nodes, ...members],
    nodes,
    failures: [memberPowerCut("etcd2", members, 15)],
    looks(stack) {
        expiredCertificatesAreRenewed(stack, { controlPlane, etcd: members, nodes });

        it("control plane nodes have neither a member nor the key of etcd's CA, and kubeadm knows its way there", async () => {
            for (const host of controlPlane) {
                expect(await onHost(host, "ls /etc/kubernetes/manifests /etc/kubernetes/pki/etcd")).not.toMatch(
                    /etcd\.yaml|ca\.key/,
                );
                expect(await onHost(host, "kubeadm certs check-expiration")).not.toMatch(/etcd.*missing/i);
            }
            expect(await membersSeenBy("etcd1")).toEqual(voters(...members));
        });

        it("a member that lost its disk is back after one up", async () => {
            await lab.reset("etcd2");
            await up(stack);
            expect(await membersSeenBy("etcd2")).toEqual(voters(...members));
        });

        it("members leave the list, one of them powered off, and others come", async () => {
            const { etcd, ...config } = exampleConfig("external-etcd-dedicated");
            await lab.kill("etcd3");
            await up(new Stack({ ...config, etcd: { ...etcd, hosts: etcd.hosts.slice(0, 1) } }));
            expect(await membersSeenBy("etcd1")).toEqual(voters("etcd1"));
            await lab.startHost("etcd3", { blank: true });
            await up(stack);
            expect(await membersSeenBy("etcd3")).toEqual(voters(...members));
        });
    },
});
