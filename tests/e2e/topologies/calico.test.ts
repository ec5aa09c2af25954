import { expect, it } from "vitest";
import { powerCut, testTopology } from "../topology";
import { serverAddresses, testPolicies } from "./policies";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];

testTopology("calico", {
    hosts: nodes,
    nodes,
    images: "all",
    failures: [powerCut("cp3", 15)],
    looks: (stack) => {
        it("pods have addresses of the configured subnet", async () => {
            expect(await serverAddresses()).toEqual([expect.stringMatching(/^10\.250\./)]);
        });

        testPolicies(stack);
    },
});
