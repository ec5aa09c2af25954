import { beforeAll, describe, expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { EtcdCluster } from "../../components/etcd/etcdCluster";
import { SshArgs } from "../../components/model/ssh";
import { PRIVATE_KEY, clusterArgs, node } from "../unit/fixtures";
import { Recorded, assignments, recordResources, settled, stdinOf, unwrapSecret } from "./mocks";

const PASSWORD = `it's "one" $HOME`;
const LINE = `SUDO_PASSWORD='it'\\''s "one" $HOME'\n`;

/** w2 is reached as root. */
async function build(changes: Partial<SshArgs>): Promise<Recorded[]> {
    const recorded = recordResources();
    const ssh = { user: "ops", privateKey: PRIVATE_KEY, ...changes };
    const workerNodes = [node("w1", 21), { ...node("w2", 22), user: "root" }];
    new Cluster("c", clusterArgs({ ssh, workerNodes }));
    new EtcdCluster("e", { ssh, members: [node("e1", 31), node("e2", 32), node("e3", 33)] });
    await settled();
    return recorded;
}

const steps = (recorded: Recorded[]) => recorded.filter(({ type }) => type === "command:remote:Command");
const isSecret = (recorded: Recorded[], name: string) =>
    unwrapSecret(recorded.find((resource) => resource.name === name)!.inputs.stdin).secret;
const isDesired = ({ name }: Recorded) => name.endsWith("-desired");

describe("with the password of sudo", () => {
    let recorded: Recorded[];
    beforeAll(async () => void (recorded = await build({ sudoPassword: PASSWORD })));

    it("every step of a login that is not root sends it as its first line, in a secret", () => {
        const sent = steps(recorded).filter(({ name }) => !name.startsWith("c-w2-"));
        expect(sent.length).toBeGreaterThan(20);
        for (const { name, inputs } of sent) {
            expect(isSecret(recorded, name), name).toBe(true);
            expect(stdinOf(recorded, name).split(LINE), name).toEqual(["", expect.stringContaining("NODE_NAME=")]);
            expect(inputs.create, name).toMatch(/; bash \.pulumi-kubeadm\/sudo\.sh [a-z-]+ create$/);
            expect(inputs.update, name).toMatch(/; bash \.pulumi-kubeadm\/sudo\.sh [a-z-]+ update$/);
        }
    });

    it("a root login gets none, and its inputs can be read", () => {
        const sent = steps(recorded).filter(({ name }) => name.startsWith("c-w2-"));
        expect(sent.map(({ name }) => name)).toContain("c-w2-prepare");
        for (const { name, inputs } of sent) {
            expect(stdinOf(recorded, name), name).not.toContain("SUDO_PASSWORD");
            expect(inputs.create, name).toMatch(/; bash \.pulumi-kubeadm\/run\.sh [a-z-]+ create$/);
        }
        expect(isSecret(recorded, "c-w2-prepare")).toBe(false);
        expect(recorded.filter(isDesired).map(({ name }) => name)).not.toContain("c-w2-desired");
    });

    it("releases and the questions of the formation send it too", () => {
        const claim = (host: string) => assignments(stdinOf(recorded, `c-${host}-claim`));
        expect(claim("w1").get("STDIN")).toContain(LINE);
        expect(claim("w1").get("RUN")).toContain("|| bash .pulumi-kubeadm/sudo.sh release delete");
        expect(claim("w2").get("STDIN")).not.toContain("SUDO_PASSWORD");
        expect(claim("w2").get("RUN")).toContain("|| bash .pulumi-kubeadm/run.sh release delete");
        for (const formation of ["c-formation", "e-formation"]) {
            const question = assignments(assignments(stdinOf(recorded, formation)).get("HOST_1")!);
            expect(question.get("STDIN"), formation).toContain(LINE);
            expect(question.get("RUN"), formation).toMatch(/; bash \.pulumi-kubeadm\/sudo\.sh formation create$/);
        }
    });

    it("is readable in no resource, and the desired state of every host is", () => {
        const hosts = ["c-cp1", "c-cp2", "c-cp3", "c-w1", "e-e1", "e-e2", "e-e3"];
        expect(
            recorded
                .filter(isDesired)
                .map(({ name }) => name.replace(/-desired$/, ""))
                .sort(),
        ).toEqual(hosts);
        for (const host of hosts) {
            expect(isSecret(recorded, `${host}-desired`), host).toBe(false);
            const desired = `\n\n${stdinOf(recorded, `${host}-desired`)}`;
            expect(stdinOf(recorded, `${host}-prepare`).endsWith(desired), host).toBe(true);
        }
        const readable = recorded.map(({ inputs }) =>
            JSON.stringify(inputs, (_, value: unknown) => (unwrapSecret(value).secret ? "[secret]" : value)),
        );
        expect(readable.filter((inputs) => inputs.includes("$HOME"))).toEqual([]);
    });

    it("the desired state that can be read is the one that `prepare` has brought", () => {
        const desired = recorded.find(({ name }) => name === "c-w1-desired")!;
        expect(desired.dependencies).toContain("c-w1-prepare");
        expect(desired.inputs.create).toBe(":");
    });
});

it("without it sudo must not ask, and the inputs can be read", async () => {
    const recorded = await build({});
    for (const { name } of steps(recorded).filter(({ name }) => !name.startsWith("c-w2-"))) {
        expect(stdinOf(recorded, name), name).toMatch(/^SUDO_PASSWORD=''\n/);
    }
    for (const step of ["preflight", "prepare"]) expect(isSecret(recorded, `c-w1-${step}`), step).toBe(false);
    expect(recorded.filter(isDesired)).toEqual([]);
});
