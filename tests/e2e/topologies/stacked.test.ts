import { powerCut, testTopology } from "../topology";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];

testTopology("stacked", { hosts: nodes, nodes, failures: [powerCut("cp2", 15)] });
