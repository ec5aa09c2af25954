import { expect, it } from "vitest";
import { expectReady } from "../looks";
import { eventually, kubectl, onHost, said } from "../stack";
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
    changes: (stack) => {
        /** What one of the output's lines prints, run on its control plane node: the words after the login. */
        const printed = async (kind: string): Promise<string> => {
            const line = (JSON.parse(await stack.output("joinCommands")) as Record<string, string>)[kind];
            expect(line).toMatch(/^ssh -p 22 ops@10\.88\.0\.11 /);
            return onHost("cp1", `eval ${line.replace(/^ssh -p 22 \S+ /, "")}`);
        };

        it.each([
            ["w3", "worker"],
            ["cp3", "controlPlane"],
        ])("%s is joined by hand, by the printed command for a %s", async (host, kind) => {
            const command = await printed(kind);
            expect(command).toContain(`kubeadm join ${NAME}:6443`);
            await onHost(host, "kubeadm reset --force >/dev/null 2>&1");
            await kubectl("delete", "node", host);
            await onHost(host, command);
            await eventually(120, `${host} is Ready`, () => expectReady(nodes));
        });

        it("and the program still brings it to its declared state", async () => {
            const outcome = await stack.up();
            expect(outcome.code, said(outcome)).toBe(0);
        });
    },
});
