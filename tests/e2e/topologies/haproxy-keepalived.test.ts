import { testTopology } from "../topology";
import { apiserverLost, holderLost } from "./failures";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];
const balancers = ["lb1", "lb2"];

testTopology("haproxy-keepalived", {
    hosts: [...balancers, ...nodes],
    nodes,
    failures: [holderLost(balancers, 8), apiserverLost(async () => "cp1", 3)],
});
