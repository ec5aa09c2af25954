import { expect, it } from "vitest";
import { onHost } from "../stack";
import { powerCut, testTopology } from "../topology";
import { testPolicies } from "./policies";
import { onTwoSegments, testWrapped } from "./router";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];

testTopology("calico", {
    title: "calico over two segments",
    ...onTwoSegments,
    hosts: nodes,
    nodes,
    images: "all",
    failures: [powerCut("cp3", 15)],
    looks: (stack) => {
        testWrapped("10.250.0.0/16", 4789);

        it("within a segment packets travel as they are", async () => {
            const routes = await onHost("w1", "ip route");
            expect(routes).toMatch(/^10\.250\.[\d./]+ via 10\.88\.0\.11 dev eth0/m);
            expect(routes).toMatch(/^10\.250\.[\d./]+ via 10\.250\.[\d.]+ dev vxlan\.calico/m);
        });

        testPolicies(stack);
    },
});
