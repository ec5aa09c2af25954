import { it } from "vitest";
import { expectPkiFiles } from "../pkiFiles";
import { testTopology } from "../topology";
import { apiserverLost, powerCut } from "./failures";
import { testEndpointByName } from "./namedEndpoint";
import { balancerOfOthers, NAME, testBalancerCheck } from "./tcpBalancer";

const controlPlane = ["cp1", "cp2", "cp3"];
const workers = ["w1", "w2", "w3"];
const nodes = [...controlPlane, ...workers];

testTopology("ha-guide-stacked", {
    hostsFile: "documents.yaml",
    hosts: ["lb1", ...nodes],
    nodes,
    prepare: balancerOfOthers,
    beforehand: testBalancerCheck,
    looks: (stack) => {
        testEndpointByName(stack, NAME, workers);

        it("every host has the keys and certificates of its role, and no other file beside them", async () => {
            await expectPkiFiles(controlPlane, "kubernetes", "stacked");
            await expectPkiFiles(workers, "kubernetes", "worker");
            await expectPkiFiles(["lb1"], "kubernetes", "none");
            await expectPkiFiles([...nodes, "lb1"], "etcd", "none");
        });
    },
    failures: [apiserverLost(async () => "cp1", 5), powerCut("cp2", 15)],
});
