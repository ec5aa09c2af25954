import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { KnownClusterArgs } from "../../components/model/cluster";
import { clusterArgsFromConfig } from "../../components/stack/stackConfig";
import { publicKey } from "./fixtures";
import { ACCEPTED, GOOD, REFUSED, apiServerFlag, balancer, worker } from "./inputs";
import { ACCEPTED_SETUPS, REFUSED_SETUPS } from "./setupInputs";
import { ACCEPTED_SOURCES, REFUSED_SOURCES, repository } from "./sourceInputs";

/** The arguments of a stack's configuration: GOOD with these keys. */
async function readArgs(changes: Record<string, unknown>): Promise<KnownClusterArgs> {
    const texts = Object.entries({ ...GOOD, ...changes })
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => [`test:${key}`, typeof value === "string" ? value : JSON.stringify(value)]);
    pulumi.runtime.setAllConfig(Object.fromEntries(texts));
    return clusterArgsFromConfig(new pulumi.Config("test"));
}

/** The message of such a configuration; undefined when it is accepted. */
async function refusal(changes: Record<string, unknown>): Promise<string | undefined> {
    try {
        await readArgs(changes);
        return undefined;
    } catch (error) {
        if (!(error instanceof pulumi.RunError)) throw error;
        return error.message;
    }
}

describe("a configuration with one mistake", () => {
    it.each([...REFUSED, ...REFUSED_SETUPS, ...REFUSED_SOURCES])("%j names %s", async (given, path) => {
        const message = await refusal(typeof given === "string" ? (parse(given) as Record<string, unknown>) : given);
        expect(message?.split("\n").map((line) => line.slice(0, line.indexOf(": ", 3)).trim())).toContain(path);
    });

    it.each([...ACCEPTED, ...ACCEPTED_SETUPS, ...ACCEPTED_SOURCES])("is not one of them: %j", async (given) => {
        expect(await refusal(given)).toBeUndefined();
    });
});

describe("a refusal", () => {
    it.each([
        { sources: { proxy: { http: "http://user:HUSH@192.0.2.1:3128" } } },
        { sources: { registryMirrors: { "a.b": "http://user:HUSH@ c" } } },
        { sources: { registries: { "a.b": "user:HUSH" } } },
        { loadBalancer: { proxy: { stats: "admin:HUSH" } } },
        { ssh: { privateKeyFile: "-----BEGIN OPENSSH PRIVATE KEY-----\nHUSH" } },
        { ssh: "HUSH" },
        { ssh: { ...(GOOD.ssh as object), privateKeyPassphrase: "HUSH" } },
        { ssh: { ...(GOOD.ssh as object), bastion: { privateKey: "HUSH", privateKeyPassphrase: "HUSH" } } },
        { pki: { ca: "HUSH" } },
    ])("of %j shows no secret", async (given) => {
        const message = await refusal(given);
        expect(message).toContain("got ");
        expect(message).not.toContain("HUSH");
    });

    it("takes the name of what every object has for a name like others", async () => {
        expect(await refusal(apiServerFlag("constructor", "x"))).toContain("a flag of kube-apiserver");
        expect(await refusal({ kubeletConfiguration: { toString: "x" } })).toContain("kubeletConfiguration.toString");
        const labels = { constructor: "x" };
        const read = await readArgs(worker(`labels: ${JSON.stringify(labels)}`));
        expect(read.workerNodes?.[0].labels).toEqual(labels);
    });
});

describe("any configuration", () => {
    const value = fc.oneof(
        fc.constantFrom<unknown>(
            null,
            "",
            5,
            -1,
            true,
            [],
            {},
            [null],
            { a: null },
            "a b",
            ["x"],
            [{}],
            "10.0.0.1",
            "fd00::1/200",
            "1.36",
        ),
        fc.string(),
        fc.jsonValue({ maxDepth: 2 }),
    );

    /** The value with another one somewhere inside it. */
    function changed(whole: unknown, way: number[], other: unknown): unknown {
        if (way.length === 0 || typeof whole !== "object" || whole === null) return other;
        const keys = Object.keys(whole);
        const key = keys[way[0] % Math.max(1, keys.length)] ?? "x";
        const copy = structuredClone(whole) as Record<string, unknown>;
        copy[key] = changed(copy[key], way.slice(1), other);
        return copy;
    }

    const full = {
        ...GOOD,
        ...worker(
            "{ labels: { a: b }, taints: [{ key: a, effect: NoSchedule }], kubeletExtraArgs: [{ name: v, value: '2' }] }",
        ),
        ...balancer("{ proxy: { check: { rise: 1 }, stats: { port: 9000 } }, vrrp: { multicast: true } }"),
        ...apiServerFlag("v", "2"),
        ...repository({}),
        network: { podSubnet: "10.244.0.0/16", serviceSubnet: "10.96.0.0/12" },
        etcd: { topology: "external", hosts: [{ name: "e1", address: "192.0.2.31", hostKey: publicKey(31) }] },
        coreDns: { resources: { limits: { cpu: "1" } }, nodeLocalCache: {} },
        cni: { plugin: "flannel", mode: "vxlan" },
        storage: { provisioner: "local-path" },
        kubeletConfiguration: { maxPods: 50 },
        certSANs: ["api.example.com"],
        firewall: { hostSubnets: ["192.0.2.0/24"] },
        pki: {},
    };

    it("is accepted, or refused with the path of each fault", async () => {
        expect(await refusal(full)).toBeUndefined();
        await fc.assert(
            fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 5 }), value, async (way, other) => {
                const given = changed(full, way, other);
                if (typeof given !== "object" || given === null || Array.isArray(given)) return;
                const message = await refusal(given as Record<string, unknown>);
                const lines = (message?.split("\n") ?? []).slice(1);
                expect(lines.filter((line) => !/^ {2}\S.*: /.test(line))).toEqual([]);
            }),
            { numRuns: 1000 },
        );
    }, 120_000);
});
