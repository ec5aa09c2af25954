import { testTopology } from "../topology";
import { apiserverLost, powerCut } from "./failures";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];

testTopology("haproxy-dedicated", {
    hosts: ["lb1", ...nodes],
    nodes,
    failures: [apiserverLost(async () => "cp1", 3), powerCut("cp2", 15)],
});
