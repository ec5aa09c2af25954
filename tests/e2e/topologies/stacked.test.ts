import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { expectReady } from "../looks";
import { eventually, kubectl } from "../stack";
import { powerCut, testTopology } from "../topology";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];
const holder = async (component: string) =>
    (await kubectl("-n", "kube-system", "get", "lease", component, "-o", "jsonpath={.spec.holderIdentity}")).split(
        "_",
    )[0];

testTopology("stacked", {
    hosts: nodes,
    nodes,
    failures: [powerCut("cp2", 15)],
    looks: () => {
        it.each(["kube-scheduler", "kube-controller-manager"])(
            "%s's lease moves when its holder dies",
            async (name) => {
                const before = await holder(name);
                await lab.kill(before);
                try {
                    await eventually(60, "another holds the lease", async () => {
                        expect(await holder(name)).not.toBe(before);
                    });
                } finally {
                    await lab.startHost(before);
                }
                await eventually(120, "every node is Ready again", () => expectReady(nodes));
            },
        );
    },
});
