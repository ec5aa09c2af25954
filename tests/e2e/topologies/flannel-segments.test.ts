import { powerCut, testTopology } from "../topology";
import { onTwoSegments, testWrapped } from "./router";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];

testTopology("stacked", {
    title: "flannel over two segments",
    ...onTwoSegments,
    hosts: nodes,
    nodes,
    failures: [powerCut("cp3", 15)],
    looks: () => testWrapped("10.244.0.0/16", 8472),
});
