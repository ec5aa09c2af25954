import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { memberPowerCut, membersSeenBy, voters } from "../etcdMembers";
import { expectReady } from "../looks";
import { onHost, said } from "../stack";
import { testTopology } from "../topology";

const controlPlane = ["cp1", "cp2", "cp3"];
const nodes = [...controlPlane, "w1", "w2"];

testTopology("external-etcd-colocated", {
    hosts: nodes,
    nodes,
    failures: [memberPowerCut("cp2", controlPlane, 15)],
    looks(stack) {
        it("etcd is a unit beside the node, with a user of its own, and the key of its CA is nowhere", async () => {
            expect(await onHost("cp1", "systemctl is-active etcd; ps -o user= -C etcd; stat -c %a /var/lib/etcd")).toBe(
                "active\netcd\n700",
            );
            expect(await onHost("cp1", "ls /etc/kubernetes/manifests")).not.toContain("etcd.yaml");
            // find fails where a file of a container goes while it looks.
            const keys = await onHost("cp1", "find / -xdev -name ca.key 2>/dev/null || true");
            expect(keys).toBe("/etc/kubernetes/pki/ca.key");
            const [, line] = (await stack.secret("cluster-pki-etcd-ca-key", "privateKeyPem")).split("\n");
            const folders = "/etc /root /home /tmp /var/tmp /var/lib/pulumi-kubeadm /var/lib/etcd";
            for (const host of controlPlane) {
                expect(await onHost(host, `grep -rlF -f - ${folders} || true`, line), host).toBe("");
            }
            expect(await membersSeenBy("cp1")).toEqual(voters(...controlPlane));
        });

        it("a node that lost its disk is back with its member after one up, the first included", async () => {
            await lab.reset("cp1");
            const outcome = await stack.up();
            expect(outcome.code, said(outcome)).toBe(0);
            expect(await membersSeenBy("cp1")).toEqual(voters(...controlPlane));
            await expectReady(nodes);
        });
    },
});
