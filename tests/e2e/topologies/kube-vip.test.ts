import { testTopology } from "../topology";
import { testExchange } from "./change";
import { apiserverLost, holder, holderLost } from "./failures";

const leaders = ["cp1", "cp2", "cp3"];
const nodes = [...leaders, "w1", "w2"];

testTopology("kube-vip", {
    hosts: nodes,
    nodes,
    images: "all",
    looks: (stack) => testExchange(stack, "keepalived", nodes, 15),
    // The lease of a host without power runs out before another node may take the address.
    failures: [apiserverLost(() => holder(leaders), 5), holderLost(leaders, 20)],
});
