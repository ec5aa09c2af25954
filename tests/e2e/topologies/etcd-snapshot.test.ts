import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { membersSeenBy, STACKED, voters } from "../etcdMembers";
import { expectReady } from "../looks";
import { commandsOf, runOn } from "../runbook";
import { eventually, kubectl, onHost, said } from "../stack";
import { testTopology } from "../topology";

const controlPlane = ["cp1", "cp2", "cp3"];
const nodes = [...controlPlane, "w1", "w2"];

const [save] = commandsOf("Back up etcd");
const [setAside, restore] = commandsOf("Restore etcd from a snapshot");
const [stopMember] = commandsOf("Stop etcd and kube-apiserver on a node");

const restoreOn = (host: string, address: string): Promise<string> =>
    runOn(host, restore.replace("name=cp1 address=10.0.0.11", `name=${host} address=${address}`));

testTopology("stacked", {
    title: "an etcd that is restored from a snapshot",
    hosts: nodes,
    nodes,
    failures: [],
    looks(stack) {
        let snapshot: string;
        const expectStateOfSnapshot = async () => {
            expect(await membersSeenBy("cp2", STACKED)).toEqual(voters(...controlPlane));
            await eventually(120, "every node is Ready again", () => expectReady(nodes));
            expect(await kubectl("get", "configmaps", "-o", "name")).toContain("configmap/kept");
            expect(await kubectl("get", "configmaps", "-o", "name")).not.toContain("configmap/later");
        };

        it("gets a member back whose data alone is lost", async () => {
            await runOn("cp3", `${stopMember}rm -r /var/lib/etcd/member`);
            const outcome = await stack.up("--replace", "**-cp3-node");
            expect(outcome.code, said(outcome)).toBe(0);
            expect(await membersSeenBy("cp3", STACKED)).toEqual(voters(...controlPlane));
            await expectReady(nodes);
        });

        it("is saved on a control plane node", async () => {
            await kubectl("create", "configmap", "kept");
            await runOn("cp1", save);
            snapshot = await onHost("cp1", "base64 --wrap 0 /root/snapshot.db && rm /root/snapshot.db");
            await kubectl("create", "configmap", "later");
        });

        it("is restored on the control plane nodes that run", async () => {
            await onHost("cp2", "base64 --decode >/root/snapshot.db", snapshot);
            await Promise.all(controlPlane.map((host) => runOn(host, stopMember + setAside)));
            await restoreOn("cp2", "10.88.0.12");
            const outcome = await stack.up(...controlPlane.flatMap((host) => ["--replace", `**-${host}-node`]));
            expect(outcome.code, said(outcome)).toBe(0);
            await expectStateOfSnapshot();
            await onHost("cp2", "rm /root/snapshot.db");
        });

        it("is restored on new machines, when the disks of all control plane nodes are lost", async () => {
            await kubectl("create", "configmap", "later");
            for (const host of controlPlane) await lab.kill(host);
            for (const host of controlPlane) await lab.startHost(host, { blank: true });
            expect(said(await stack.up())).toContain("this host may not form a new cluster");

            await onHost("cp1", "base64 --decode >/root/snapshot.db", snapshot);
            await restoreOn("cp1", "10.88.0.11");
            const outcome = await stack.up();
            expect(outcome.code, said(outcome)).toBe(0);
            await stack.useKubeconfig();
            await expectStateOfSnapshot();
            await onHost("cp1", "rm /root/snapshot.db");
        });
    },
});
