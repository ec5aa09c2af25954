import * as path from "path";
import { beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { membersSeenBy, STACKED, voters } from "../etcdMembers";
import { expectReady } from "../looks";
import { footprint } from "../footprint";
import { devConfig, eventually, kubectl, onHost, said, Stack } from "../stack";
import { expectWritesDuring } from "../writes";

/**
 * Edits of a live cluster that would lose it, or its data. Each is refused or harmless, and whatever was acknowledged before
 * and meanwhile is there at the end. One story: each test goes on from the last.
 */
const host = (name: string, address: number) => ({ name, address: `10.88.0.${address}` });
const CP = [host("cp1", 11), host("cp2", 12), host("cp3", 13)];
const W1 = host("w1", 21);
const W2 = host("w2", 22);
const balancedBy = (name: string) => ({ placement: "dedicated", hosts: [host(name, 10)] });

const base = { ...devConfig(), loadBalancer: balancedBy("lb1"), controlPlaneNodes: CP.slice(0, 1), workerNodes: [W1] };
const stack = new Stack(base);
let workers = [W1];
let controlPlane = CP.slice(0, 1);
const written: string[] = [];

/** Every write that was acknowledged so far is there. */
async function writeAndLook(name: string): Promise<void> {
    await eventually(120, `a write: ${name}`, () => kubectl("create", "configmap", name));
    written.push(name);
    const kept = (await kubectl("get", "configmaps", "-o", "name")).split("\n");
    expect(kept).toEqual(expect.arrayContaining(written.map((each) => `configmap/${each}`)));
}

const up = async (changes: object, ...flags: string[]) => {
    stack.config = { ...base, controlPlaneNodes: controlPlane, workerNodes: workers, ...changes };
    return stack.up(...flags);
};
const upWell = async (changes: object = {}, ...flags: string[]) => {
    const outcome = await up(changes, ...flags);
    expect(outcome.code, said(outcome)).toBe(0);
    return said(outcome);
};
const upRefused = async (changes: object, ...sentences: string[]) => {
    const outcome = await up(changes);
    expect(outcome.code).not.toBe(0);
    for (const sentence of sentences) expect(said(outcome)).toContain(sentence);
};

const runsEtcd = (name: string) => onHost(name, "ps -C etcd -o comm= || true");
const NO_SECOND = [
    "may not form a new cluster: it is not a founding member",
    "docs/runbooks.md, 'A node may not form a new cluster'",
];

beforeAll(async () => {
    await lab.down();
    const hosts = ["lb1", "cp1", "cp2", "cp3", "w1", "w2"];
    await lab.up({ hosts, hostsFile: path.join(__dirname, "hosts.yaml") });
});

describe("an etcd of one member", () => {
    it("comes up", async () => {
        await upWell();
        await stack.useKubeconfig();
        await writeAndLook("first");
    });

    it("does not grow to three while it hangs: no second cluster is formed, and the data is there", async () => {
        await onHost("cp1", "pkill -STOP -x etcd");
        await upRefused({ controlPlaneNodes: CP }, ...NO_SECOND);
        for (const name of ["cp2", "cp3"]) expect(await runsEtcd(name)).toBe("");
        await onHost("cp1", "pkill -CONT -x etcd || true");
        await writeAndLook("after-growth-was-refused");
    });

    it("does not grow to three while it is off", async () => {
        await lab.kill("cp1");
        await upRefused({ controlPlaneNodes: CP }, ...NO_SECOND);
        await lab.startHost("cp1");
        await eventually(180, "cp1 is back", () => kubectl("get", "--raw", "/readyz"));
    });

    it("is not followed by an empty one when its only node is replaced by another", async () => {
        await upRefused({ controlPlaneNodes: CP.slice(1, 2) }, ...NO_SECOND);
        expect(await runsEtcd("cp1")).toBe("etcd");
        controlPlane = CP;
        workers = [W1, W2];
        await upWell();
        await writeAndLook("after-the-node-came-back");
        expect(await membersSeenBy("cp3", STACKED)).toEqual(voters("cp1", "cp2", "cp3"));
    });
});

describe("hosts that are renamed, moved or replaced in the configuration", () => {
    const remain = () => expectReady([...controlPlane, ...workers].map(({ name }) => name));

    it.each([
        ["a worker", { workerNodes: [host("w9", 21), W2] }, "10.88.0.21 is worker w1 of this cluster; to rename it"],
        [
            "a control plane node",
            { controlPlaneNodes: [CP[0], CP[1], host("cp9", 13)] },
            "10.88.0.13 is control plane node cp3 of this cluster; to rename it",
        ],
        [
            "the balancer",
            { loadBalancer: balancedBy("lb9") },
            "10.88.0.10 is load balancer lb1 of this cluster; to rename it",
        ],
        [
            "a worker that is moved to the control plane",
            { controlPlaneNodes: [...CP, W1, W2], workerNodes: [] },
            "10.88.0.21 is worker w1 of this cluster; to make it a control plane node",
        ],
    ])("%s: the preflight refuses, and writes go on", async (_, changes, sentence) => {
        await expectWritesDuring(5, () => upRefused(changes, sentence));
        await remain();
    });

    it("a worker whose resources are all replaced stays what it is", async () => {
        const id = await onHost("w1", "stat -c %Y /etc/kubernetes/kubelet.conf");
        await expectWritesDuring(15, async () => {
            expect(await upWell({}, "--replace", "**-w1-*")).toContain("has another claim");
        });
        expect(await onHost("w1", "stat -c %Y /etc/kubernetes/kubelet.conf")).toBe(id);
        await remain();
    });

    it("node steps that are replaced make no second cluster", async () => {
        await expectWritesDuring(15, async () => void (await upWell({}, "--replace", "**-node")));
        expect(await membersSeenBy("cp2", STACKED)).toEqual(voters("cp1", "cp2", "cp3"));
        await writeAndLook("after-node-steps-were-replaced");
    });

    it("a formation that is made again forms no second cluster, and is not made while a member is off", async () => {
        const { urn } = stack.resources().find((resource) => resource.urn.endsWith("::cluster-formation"))!;
        const again = async () => {
            await lab.run(["pulumi", "state", "unprotect", urn, "--yes", "--stack", "dev"]);
            return up({}, "--replace", urn);
        };
        await lab.kill("cp3");
        const refused = await again();
        expect(refused.code).not.toBe(0);
        expect(said(refused)).toContain(
            "(10.88.0.13): error: the host does not answer, so it is unknown whether etcd has run there",
        );
        await lab.startHost("cp3");
        await eventually(180, "cp3 is back", () =>
            kubectl("--server", "https://10.88.0.13:6443", "get", "--raw", "/readyz"),
        );
        await expectWritesDuring(15, async () => {
            const outcome = await again();
            expect(outcome.code, said(outcome)).toBe(0);
            expect(said(outcome)).toContain("etcd has run on this host, so no host may form a new cluster");
        });
        await writeAndLook("after-the-formation-was-made-again");
    });
});

describe("a release", () => {
    it("is a failure where the login is refused, and is done once it is not", async () => {
        workers = [W1];
        await onHost("w2", "mv /home/ops/.ssh/authorized_keys /root/authorized_keys");
        try {
            await upRefused({}, "Permission denied (publickey", "(10.88.0.22): error: ssh could not release the host");
        } finally {
            await onHost("w2", "mv /root/authorized_keys /home/ops/.ssh/authorized_keys");
        }
        expect(await onHost("w2", "ls /etc/kubernetes/kubelet.conf")).toContain("kubelet.conf");
        // Somebody else's, installed since.
        await onHost("w2", "apt-get -qq update && apt-get -qq install -y --no-install-recommends nginx >/dev/null");
        await upWell();
        const { packages } = await footprint("w2");
        expect(packages).toContain(" nginx\n");
        expect(packages).not.toContain(" kubelet");
    });
});

describe("nodes that leave", () => {
    it("two of three at once, one dead and one whose Node was deleted by hand: their members are gone, the data stays", async () => {
        await lab.kill("cp2");
        await eventually(60, "the API without cp2", () => kubectl("delete", "node", "cp3", "--ignore-not-found"));
        controlPlane = CP.slice(0, 1);
        await upWell();
        expect(await membersSeenBy("cp1", STACKED)).toEqual(voters("cp1"));
        await expectReady(["cp1", "w1"]);
        await writeAndLook("after-two-left");
    });
});

describe("destroy", () => {
    it("is refused while the keys are protected, and removes everything once they are not", async () => {
        const refused = await stack.destroyProtected();
        expect(refused.code).not.toBe(0);
        expect(said(refused)).toMatch(/protect/);
        await writeAndLook("after-destroy-was-refused");
        const outcome = await stack.destroy();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(await onHost("cp1", "ls /etc/kubernetes 2>/dev/null || true")).toBe("");
    });
});
