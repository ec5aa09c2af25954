import { expect, it } from "vitest";
import { kubectl, onHost } from "../stack";
import { testTopology } from "../topology";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];

/** As virtual machines behind NAT have it: a second card with the same address everywhere and the default route. */
const ADD_NAT = [
    "ip link add nat0 type veth peer name nat0p",
    "ip link set nat0 up",
    "ip link set nat0p up",
    "ip address add 10.0.2.15/24 dev nat0",
    "ip route replace default via 10.0.2.2 dev nat0",
].join(" && ");

testTopology("keepalived-only", {
    title: "hosts with two networks, the default route on the other one",
    hosts: nodes,
    nodes,
    prepare: async () => {
        for (const node of nodes) await onHost(node, ADD_NAT);
    },
    looks: () => {
        it("flannel tells each node the address at which the other nodes reach it", async () => {
            const key = String.raw`flannel\.alpha\.coreos\.com/public-ip`;
            const told = await kubectl("get", "nodes", "-o", `jsonpath={.items[*].metadata.annotations.${key}}`);
            expect(told.split(" ")).toEqual(["10.88.0.11", "10.88.0.12", "10.88.0.13", "10.88.0.21", "10.88.0.22"]);
        });
    },
    failures: [],
});
