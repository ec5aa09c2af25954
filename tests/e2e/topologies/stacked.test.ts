import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { certificatesAreRenewed, expiredCertificatesAreRenewed } from "../certificates";
import { STACKED } from "../etcdMembers";
import { exampleConfig } from "../example";
import { expectReady } from "../looks";
import { expectRestartedInTurn } from "../order";
import { eventually, kubectl, onHost, said, Stack } from "../stack";
import { powerCut, testTopology } from "../topology";
import { testLeases } from "./leases";

const controlPlane = ["cp1", "cp2", "cp3"];
const nodes = [...controlPlane, "w1", "w2"];

testTopology("stacked", {
    hosts: nodes,
    nodes,
    failures: [powerCut("cp2", 15)],
    looks: (stack) => {
        certificatesAreRenewed(stack, controlPlane, nodes);
        expiredCertificatesAreRenewed(stack, { controlPlane, nodes });

        const etcd = { heartbeatInterval: 150, electionTimeout: 1500 };
        const changed = new Stack({ ...exampleConfig("stacked"), etcd });

        it("a change of etcd's is refused while a member is away, and nothing is taken from the others", async () => {
            await lab.kill("cp3");
            try {
                const outcome = await changed.up();
                expect(outcome.code).not.toBe(0);
                expect(said(outcome)).toContain("etcd's member cp3 does not answer");
                for (const host of ["cp1", "cp2"]) {
                    expect(await onHost(host, "ps -o args= -C etcd"), host).not.toContain("heartbeat-interval");
                }
                expect(await kubectl("get", "nodes", "-o", "jsonpath={.items[*].spec.unschedulable}")).toBe("");
            } finally {
                await lab.startHost("cp3");
            }
            await eventually(120, "every node is Ready again", () => expectReady(nodes));
        });

        it("an option of etcd's is rolled out, one member's node after the other", async () => {
            const outcome = await changed.up();
            expect(outcome.code, said(outcome)).toBe(0);
            for (const host of controlPlane) {
                expect(await onHost(host, "ps -o args= -C etcd")).toContain("--heartbeat-interval=150");
            }
            await expectRestartedInTurn("kubelet", controlPlane);
            await expectReady(nodes);
        });

        testLeases(controlPlane, nodes, STACKED);
    },
});
