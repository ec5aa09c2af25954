import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { EtcdCluster } from "../../components/etcd/etcdCluster";
import { ClusterArgs } from "../../components/model/cluster";
import { Visit, mapClusterArgs, mapEtcdClusterArgs } from "../../components/model/lateInputs";
import { exampleArgs, exampleConfig, exampleNames } from "../unit/exampleArgs";
import { clusterArgs, everyKindArgs, node, PRIVATE_KEY } from "../unit/fixtures";
import { collectRefusals, Recorded, recordResources, settled, unwrapSecret, waitsFor } from "./mocks";

const refusals = collectRefusals(beforeEach, afterEach);

// No test calls Calico's site.
vi.mock("../../components/addons/manifest", () => ({ readManifest: () => Promise.resolve([]) }));

/** A machine that the program makes. */
class Machine extends pulumi.CustomResource {
    declare public readonly value: pulumi.Output<string>;

    constructor(name: string, value: string) {
        super("test:index:Machine", name, { value });
    }
}

/** Known after a moment. */
const late: Visit = (value) => value && pulumi.output(sleep(20).then(() => value));
/** The output of a resource. */
const made: Visit = (value, path) => value && new Machine(`machine-${path}`, value as string).value;

async function record(create: () => unknown, fails?: (name: string) => boolean): Promise<Recorded[]> {
    const recorded = recordResources(fails);
    create();
    await (fails ? settled().catch(() => {}) : settled());
    return recorded.filter(({ type }) => type !== "test:index:Machine");
}

const byName = (recorded: Recorded[]) =>
    Object.fromEntries(recorded.map(({ name, inputs, dependencies }) => [name, { inputs, dependencies }]));

describe("values that come later make the same cluster", () => {
    it.each(exampleNames)("%s", async (name) => {
        const args = exampleArgs(exampleConfig(name));
        const plain = byName(await record(() => new Cluster("c", args)));
        const later = byName(await record(() => new Cluster("c", mapClusterArgs(args, late))));
        expect(later).toEqual(plain);
        expect(JSON.stringify(later)).not.toMatch(/198\.18\.|2001:db8:ffff|\.invalid/);
    });

    it("and the same etcd cluster", async () => {
        const args = { ssh: { privateKey: PRIVATE_KEY }, members: [node("e1", 31), node("e2", 32), node("e3", 33)] };
        const plain = byName(await record(() => new EtcdCluster("e", args)));
        const later = byName(await record(() => new EtcdCluster("e", mapEtcdClusterArgs(args, late))));
        expect(later).toEqual(plain);
    });
});

describe("machines that are made in the same program", () => {
    const workerNodes = Array.from({ length: 30 }, (_, i) => node(`w${i + 1}`, 120 + i));
    const args = { ...everyKindArgs(), workerNodes };
    let recorded: Recorded[];
    beforeEach(async () => {
        recorded = await record(() => new Cluster("c", mapClusterArgs(args, made)));
    });

    it("are what their own host depends on, and no other host", () => {
        expect(waitsFor(recorded, "c-w2-claim")).toContain("machine-workerNodes[1].address");
        for (const { name, dependencies } of recorded) {
            const workers = dependencies.filter((other) => /workerNodes\[\d+\].address/.test(other));
            const [, number] = /^c-w(\d+)-/.exec(name) ?? [];
            const own = number === undefined ? [] : [`machine-workerNodes[${Number(number) - 1}].address`];
            expect(own, name).toEqual(expect.arrayContaining(workers));
        }
    });

    it("are not all of them what any resource depends on: at most 10, the CAs and their keys apart", () => {
        const many = recorded
            .map(({ name, dependencies }) => ({ name, others: dependencies.filter((other) => !/-pki-/.test(other)) }))
            .filter(({ others }) => others.length > 10);
        expect(many).toEqual([]);
    });
});

describe("a machine that cannot be made", () => {
    it("takes no other host along with --continue-on-error", async () => {
        const fails = (name: string) => name.startsWith("machine-workerNodes[1]");
        const recorded = await record(() => new Cluster("c", mapClusterArgs(everyKindArgs(), made)), fails);
        const names = recorded.map(({ name }) => name);
        const others = ["c-etcd-e3-node", "c-lb-lb2-node", "c-cp3-node", "c-configuration-apply", "c-w1-node"];
        expect(names).toEqual(expect.arrayContaining(["c-checked", ...others]));
        expect(names.filter((name) => /^c-(w2-node|finish)$/.test(name))).toEqual([]);
    });
});

describe("a value that comes later and is none", () => {
    const ssh = { privateKey: PRIVATE_KEY, insecureSkipHostKeyCheck: true };
    const host = { ...node("cp1", 11), privateAddress: undefined, secondaryAddress: undefined, hostKey: undefined };
    const args = { ssh, controlPlaneNodes: [host] };

    it.each([
        "privateAddress",
        "secondaryAddress",
        "hostKey",
        "controlPlaneEndpoint",
        "clientEndpoint",
        "virtualAddress",
    ])("is as if it was left out: %s", async (field) => {
        const plain = byName(await record(() => new Cluster("c", args)));
        for (const none of [undefined, null]) {
            const visit: Visit = (value, path) =>
                path.endsWith(field) ? (pulumi.output(sleep(5).then(() => none)) as never) : value;
            const withNone = mapClusterArgs({ ...args, loadBalancer: {} }, visit);
            expect(byName(await record(() => new Cluster("c", withNone)))).toEqual(plain);
        }
    });
});

describe("a value that comes later and is wrong", () => {
    /** The errors, and the resources that were asked for, when the value at this path is this one. */
    async function said(at: string, wrong: string, args: ClusterArgs = everyKindArgs()): Promise<[string, string[]]> {
        const visit: Visit = (value, path) => late(path === at ? wrong : value, path);
        const recorded = recordResources();
        new Cluster("c", mapClusterArgs(args, visit));
        await settled().catch(() => {});
        // Resources may be asked for after the first error.
        await sleep(500);
        return [refusals.join("\n"), recorded.map(({ name }) => name)];
    }

    it.each([
        ["workerNodes[1].address", "10.0.0.300", 'got "10.0.0.300", expected an IP address or a DNS name'],
        ["controlPlaneNodes[0].hostKey", "SHA256:abc", 'got "SHA256:abc", expected the whole public key'],
        ["workerNodes[1].address", "192.0.2.21", 'got "192.0.2.21", expected an address of its own'],
        [
            "loadBalancer.virtualAddress",
            "192.0.2.11",
            'got "192.0.2.11", expected an unused address; the host cp1 has it',
        ],
    ])("is told with its path before any host is changed: %s %s", async (at, wrong, expected) => {
        const [text, names] = await said(at, wrong);
        expect(text).toContain(`${at}: ${expected}`);
        expect(names.filter((name) => /-(checked|prepare|node)$/.test(name))).toEqual([]);
        expect(names.includes("c-w2-toolkit"), "w2 is called").toBe(
            at !== "workerNodes[1].address" || wrong === "192.0.2.21",
        );
    });

    it("is told where it looks like the placeholder of another one", async () => {
        const [text] = await said("workerNodes[0].address", "198.18.0.1");
        expect(text).toBe("");
        const args = {
            ...everyKindArgs(),
            workerNodes: [node("w1", 21), { ...node("w2", 22), address: "198.18.0.11" }],
        };
        const [twice] = await said("workerNodes[0].address", "198.18.0.11", args);
        expect(twice).toContain('workerNodes[1].address: got "198.18.0.11", expected an address of its own');
    });

    it("stays a secret where it is one", async () => {
        const secret: Visit = (value, path) =>
            value && (path === "loadBalancer.virtualAddress" ? pulumi.secret(value) : value);
        const recorded = await record(() => new Cluster("c", mapClusterArgs(clusterArgs(), secret)));
        const having = recorded.filter(({ inputs }) => JSON.stringify(inputs).includes("192.0.2.100"));
        expect(having.length).toBeGreaterThan(10);
        for (const { name, inputs } of having) {
            const shown = Object.entries(inputs).filter(([, input]) => !unwrapSecret(input).secret);
            expect(JSON.stringify(shown), name).not.toContain("192.0.2.100");
        }
    });

    it("is no fault of an option that goes with another value of it", () => {
        const loadBalancer = {
            ...everyKindArgs().loadBalancer,
            vrrp: { password: "secret" },
        };
        const network = { podSubnet: "fd00:1::/56,10.244.0.0/16", serviceSubnet: "fd00:2::/112,10.96.0.0/16" };
        const twoFamilies = (host: ReturnType<typeof node>, n: number) => ({
            ...host,
            privateAddress: `fd00::${n}`,
            secondaryAddress: host.address,
        });
        const { controlPlaneNodes, workerNodes = [], ...rest } = everyKindArgs();
        const args = {
            ...{ ...rest, loadBalancer, network },
            controlPlaneNodes: controlPlaneNodes.map((host, i) => twoFamilies(host, 11 + i)),
            workerNodes: workerNodes.map((host, i) => twoFamilies(host, 21 + i)),
        };
        recordResources();
        expect(() => new Cluster("c", args)).not.toThrow();
        expect(() => new Cluster("d", mapClusterArgs(args, late))).not.toThrow();
    });

    it("does not hide what is wrong at once", () => {
        const args = mapClusterArgs({ ...everyKindArgs(), clusterName: "a b", kubernetesVersion: "1.2.3" }, late);
        expect(() => new Cluster("c", args)).toThrow(/2 faults[^]*kubernetesVersion: [^]*clusterName: /);
    });
});
