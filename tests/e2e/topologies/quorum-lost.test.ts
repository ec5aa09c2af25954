import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { membersSeenBy, STACKED, voters } from "../etcdMembers";
import { expectReady } from "../looks";
import { commandsOf, runOn } from "../runbook";
import { eventually, kubectl, onHost, said } from "../stack";
import { testTopology } from "../topology";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];

const [restore] = commandsOf("Quorum lost");
const [stopMember] = commandsOf("Stop etcd and kube-apiserver on a node");

testTopology("stacked", {
    title: "a quorum that is lost",
    hosts: nodes,
    nodes,
    failures: [],
    looks(stack) {
        it("is restored from the one member that is left, and the other nodes join it: what was written is there", async () => {
            await kubectl("create", "configmap", "kept");
            await eventually(30, "cp1 has what was written", async () => {
                const own = ["--server", "https://10.88.0.11:6443", "get", "configmap", "kept"];
                await kubectl(...own);
            });
            // One machine is lost whole, another's etcd alone.
            await lab.kill("cp2");
            await lab.startHost("cp2", { blank: true });
            await runOn("cp3", `${stopMember}rm -r /var/lib/etcd/member`);

            await runOn("cp1", restore);
            expect(await membersSeenBy("cp1", STACKED)).toEqual(voters("cp1"));

            const outcome = await stack.up("--replace", "**-cp3-node");
            expect(outcome.code, said(outcome)).toBe(0);
            expect(await membersSeenBy("cp2", STACKED)).toEqual(voters("cp1", "cp2", "cp3"));
            await kubectl("get", "configmap", "kept");
            await eventually(120, "every node is Ready again", () => expectReady(nodes));
            // The copies that the runbook keeps are the administrator's to remove.
            await onHost("cp1", "rm -rf /root/etcd.yaml /root/etcd-[0-9]*");
        });
    },
});
