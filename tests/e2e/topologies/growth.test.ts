import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { membersSeenBy, STACKED, voters } from "../etcdMembers";
import { expectReady } from "../looks";
import { eventually, said, Stack } from "../stack";
import { testTopology } from "../topology";
import { expectWritesDuring } from "../writes";

const all = ["cp1", "cp2", "cp3", "cp4", "cp5"];
const workers = ["w1", "w2"];
const controlPlaneNodes = (names: string[]) =>
    names.map((name) => ({ name, address: `10.88.0.${10 + Number(name.slice(2))}` }));

/** The live cluster gets these control plane nodes, while writes go on. */
function testBecomes(what: string, stack: Stack, names: string[]): void {
    it(`${what}: no acknowledged write is lost`, async () => {
        stack.config = { ...stack.config, controlPlaneNodes: controlPlaneNodes(names) };
        await expectWritesDuring(15, async () => {
            const outcome = await stack.up();
            expect(outcome.code, said(outcome)).toBe(0);
        });
        await expectReady([...names, ...workers]);
        expect(await membersSeenBy(names[names.length - 1], STACKED)).toEqual(voters(...names));
    });
}

testTopology("stacked", {
    title: "one, three and five control planes",
    hosts: [...all, ...workers],
    nodes: ["cp1", ...workers],
    change: (config) => ({ ...config, controlPlaneNodes: controlPlaneNodes(["cp1"]) }),
    failures: [],
    looks(stack) {
        testBecomes("grows to three", stack, all.slice(0, 3));
        testBecomes("grows to five", stack, all);

        it("two of five lose their power, the first included: no acknowledged write is lost", async () => {
            const lost = ["cp1", "cp4"];
            try {
                await expectWritesDuring(15, async () => {
                    await Promise.all(lost.map((host) => lab.kill(host)));
                    await new Promise((resolve) => setTimeout(resolve, 20_000));
                });
            } finally {
                await Promise.all(lost.map((host) => lab.startHost(host)));
            }
            await eventually(120, "every node is Ready again", () => expectReady([...all, ...workers]));
        });

        testBecomes("the first two leave", stack, all.slice(2));
    },
});
