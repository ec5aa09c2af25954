import { expect, it } from "vitest";
import { memberPowerCut, membersSeenBy, voters } from "../etcdMembers";
import { expectPkiFiles } from "../pkiFiles";
import { testTopology } from "../topology";
import { apiserverLost } from "./failures";
import { testEndpointByName } from "./namedEndpoint";
import { balancerOfOthers, NAME } from "./tcpBalancer";

const controlPlane = ["cp1", "cp2", "cp3"];
const workers = ["w1", "w2", "w3"];
const members = ["etcd1", "etcd2", "etcd3"];
const nodes = [...controlPlane, ...workers];

testTopology("ha-guide-external", {
    hostsFile: "documents.yaml",
    hosts: ["lb1", ...nodes, ...members],
    nodes,
    prepare: balancerOfOthers,
    looks: (stack) => {
        testEndpointByName(stack, NAME, workers);

        it("every host has the keys and certificates of its role, and no other file beside them", async () => {
            await expectPkiFiles(controlPlane, "kubernetes", "externalEtcd");
            await expectPkiFiles(workers, "kubernetes", "worker");
            await expectPkiFiles(members, "etcd", "member");
            await expectPkiFiles(["lb1", ...members], "kubernetes", "none");
            await expectPkiFiles(["lb1", ...nodes], "etcd", "none");
        });

        it("the three machines are etcd's only members", async () => {
            expect(await membersSeenBy("etcd1")).toEqual(voters(...members));
        });
    },
    failures: [apiserverLost(async () => "cp1", 5), memberPowerCut("etcd2", members, 15)],
});
