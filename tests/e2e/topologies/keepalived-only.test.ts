import { testTopology } from "../topology";
import { apiserverLost, holder, holderLost } from "./failures";

const leaders = ["cp1", "cp2", "cp3"];
const nodes = [...leaders, "w1", "w2"];

testTopology("keepalived-only", {
    hosts: nodes,
    nodes,
    failures: [apiserverLost(() => holder(leaders), 3), holderLost(leaders, 15)],
});
