import { powerCut, testTopology } from "../topology";
import { testApiserverAt, testFamilies } from "./families";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];

testTopology("dual-stack", {
    hosts: nodes,
    nodes,
    failures: [powerCut("cp2", 15)],
    looks: (stack) => {
        testFamilies(stack, {
            nodes: [/^10\.88\.0\.21$/, /^fd00:88::21$/],
            pods: [/^10\.244\./, /^fd00:10:244:/],
            services: [/^10\.96\./, /^fd00:10:96::/],
            flags: ["-4", "-6"],
        });
        testApiserverAt(["10.88.0.12", "[fd00:88::11]", "[fd00:88::12]", "[fd00:88::13]"]);
    },
});
