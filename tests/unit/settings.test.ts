import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { KnownClusterArgs, resolveSettings } from "../../components/model/cluster";
import { EtcdTopology } from "../../components/model/etcd";
import { maxUnavailableFaults, resolveMaxUnavailable } from "../../components/model/maxUnavailable";
import { KubeProxyMode } from "../../components/model/network";
import { clusterArgs } from "./fixtures";

const SECRET = "the-secret";

/** A secret in every place that takes one, plain or as an output. */
const withSecrets = (secret: pulumi.Input<string>): KnownClusterArgs =>
    clusterArgs({
        ssh: { privateKey: secret, privateKeyPassphrase: secret },
        sources: { registries: { "registry.example": { username: "ops", password: secret } } },
        loadBalancer: {
            virtualAddress: "192.0.2.100",
            proxy: { stats: { port: 8404, user: "ops", password: secret } },
            vrrp: { password: secret },
        },
        etcd: {
            topology: EtcdTopology.Existing,
            endpoints: ["https://192.0.2.31:2379"],
            caCertificate: secret,
            clientCertificate: secret,
            clientKey: secret,
        },
        network: { kubeProxy: KubeProxyMode.Nftables },
    });

/** The path of each value that `found` is true for. */
function pathsWhere(value: unknown, found: (value: unknown) => boolean, at = "settings"): string[] {
    if (found(value)) return [at];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, child]) => pathsWhere(child, found, `${at}.${key}`));
}

const isPlain = (value: unknown) =>
    ["string", "number", "boolean", "undefined"].includes(typeof value) ||
    Array.isArray(value) ||
    (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype);

describe("maxUnavailable", () => {
    it.each([
        [undefined, 1],
        ["3", 3],
        ["10%", 2],
        ["1%", 1],
        ["100%", 25],
    ])("%s is %i of 25 workers", (value, expected) => expect(resolveMaxUnavailable(value, 25)).toBe(expected));

    it.each(["0", "0%", "101%", "1.5", "ten", "-1"])("cannot be %s", (value) => {
        expect(maxUnavailableFaults(value, 2).map(({ reason }) => reason)).toEqual([
            expect.stringContaining("a percentage of them"),
        ]);
    });
});

describe("the settings of a cluster", () => {
    it("hold no secret", () => {
        const settings = resolveSettings(withSecrets(SECRET));
        expect(pathsWhere(settings, (value) => value === SECRET)).toEqual([]);
    });

    it("hold plain values only, no output of a resource and no function", () => {
        const settings = resolveSettings(withSecrets(pulumi.secret(SECRET)));
        expect(pathsWhere(settings, (value) => !isPlain(value))).toEqual([]);
    });

    it("are found to hold a secret where one is left in", () => {
        const settings = { ...resolveSettings(withSecrets(SECRET)), leak: [{ password: SECRET }] };
        expect(pathsWhere(settings, (value) => value === SECRET)).toEqual(["settings.leak.0.password"]);
    });
});
