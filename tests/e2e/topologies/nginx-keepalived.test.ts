import { testTopology } from "../topology";
import { testExchange, testMoveRefused } from "./change";
import { apiserverLost, holder, holderLost } from "./failures";

const leaders = ["cp1", "cp2", "cp3"];
const nodes = [...leaders, "w1", "w2"];

testTopology("nginx-keepalived", {
    hosts: nodes,
    nodes,
    looks: (stack) => {
        testExchange(stack, "haproxy", nodes, 5);
        testMoveRefused(stack, nodes);
    },
    failures: [apiserverLost(() => holder(leaders), 3), holderLost(leaders, 15)],
});
