import { powerCut, testTopology } from "../topology";
import { testFirstNodeStays } from "./change";
import { BOTH_FAMILIES, testApiserverAt, testFamilies } from "./families";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];

testTopology("dual-stack", {
    hosts: nodes,
    nodes,
    failures: [powerCut("cp2", 15)],
    looks: (stack) => {
        testFamilies(stack, BOTH_FAMILIES);
        testApiserverAt(["10.88.0.12", "[fd00:88::11]", "[fd00:88::12]", "[fd00:88::13]"]);
    },
    changes: (stack) => testFirstNodeStays(stack, ["w1", "w2"]),
});
