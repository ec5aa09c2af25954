import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { clusterArgsFromConfig } from "../../components/stack/stackConfig";
import { GOOD } from "./inputs";

const texts = (namespace: string, keys: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(keys).map(([key, value]) => [`${namespace}:${key}`, JSON.stringify(value)]));

/** Reads the keys of a namespace in a project of this name; the message of the refusal, or undefined. */
async function refusal(namespace: string, config: Record<string, string>, project = namespace) {
    vi.spyOn(pulumi, "getProject").mockReturnValue(project);
    pulumi.runtime.setAllConfig(config);
    try {
        await clusterArgsFromConfig(new pulumi.Config(namespace));
        return undefined;
    } catch (error) {
        expect(error).toBeInstanceOf(pulumi.RunError);
        return (error as Error).message;
    }
}
afterEach(() => void vi.restoreAllMocks());

const NAMES = Object.keys(GOOD).join(", ");

describe("keys of another namespace", () => {
    it("are told in one sentence where the project has another name", async () => {
        expect(await refusal("site-a", texts("pulumi-kubeadm", GOOD))).toBe(
            `Pulumi.stack.yaml: the configuration has keys of pulumi-kubeadm: (${NAMES}), this project is site-a; begin each key with site-a: instead`,
        );
    });

    it("are told where the program reads a namespace of its own", async () => {
        expect(await refusal("cluster", texts("infra", GOOD), "infra")).toContain(
            `keys of infra: (${NAMES}), this program reads those of cluster; begin each key with cluster: instead`,
        );
    });

    it("are told where only some were moved: the others would have no effect", async () => {
        const left = texts("pulumi-kubeadm", { etcd: { topology: "external" } });
        expect(await refusal("site-a", { ...texts("site-a", GOOD), ...left })).toContain(
            "has keys of pulumi-kubeadm: (etcd), this project is site-a",
        );
    });

    it.each([
        ["another cluster's", { ...texts("site-b", GOOD), ...texts("pulumi-kubeadm", GOOD) }],
        ["a provider's", texts("proxmox", { ssh: { username: "root" }, network: "x" })],
        ["nobody's", texts("pulumi-kubeadm", { notes: "x" })],
    ])("are not read where they are %s", async (_whose, others) => {
        expect(await refusal("site-a", { ...texts("site-a", GOOD), ...others })).toBeUndefined();
    });

    it("are no reason to spare a configuration that is empty", async () => {
        expect(await refusal("site-a", texts("kubernetes", { context: "x" }))).toContain(
            "controlPlaneNodes: got nothing",
        );
    });
});
