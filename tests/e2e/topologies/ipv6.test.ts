import { expect, it } from "vitest";
import { Config, onHost } from "../stack";
import { powerCut, testTopology } from "../topology";
import { testFirstNodeStays } from "./change";
import { testApiserverAt, testFamilies } from "./families";
import { holderLost } from "./failures";

const leaders = ["cp1", "cp2", "cp3"];
const nodes = [...leaders, "w1", "w2"];

/** The lab's mirror, as hosts without IPv4 reach it. */
const byIPv6 = (config: Config): Config => JSON.parse(JSON.stringify(config).replaceAll("10.88.0.2", "[fd00:88::2]"));

testTopology("ipv6", {
    hostsFile: "ipv6.yaml",
    hosts: nodes,
    nodes,
    change: byIPv6,
    failures: [powerCut("cp2", 15), holderLost(leaders, 15, "fd00:88::100")],
    looks: (stack) => {
        it("no host has an address of IPv4 but its own loopback's", async () => {
            expect(await onHost("cp1", "ip -4 -o address show scope global")).toBe("");
        });

        testFamilies(stack, {
            nodes: [/^fd00:88::21$/],
            pods: [/^fd00:10:244:/],
            services: [/^fd00:10:96::/],
            flags: ["-6"],
        });
        testApiserverAt(["[fd00:88::11]", "[fd00:88::12]", "[fd00:88::13]"]);
    },
    changes: (stack) => testFirstNodeStays(stack, ["w1", "w2"]),
});
