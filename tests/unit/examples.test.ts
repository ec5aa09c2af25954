import { existsSync, readdirSync, readFileSync } from "fs";
import * as path from "path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { ClusterArgs } from "../../components/clusterArgs";
import { clusterFaults } from "../../components/validation/cluster";
import { unknownKeys } from "../../components/validation/keys";

const EXAMPLES = path.resolve(__dirname, "../../examples");
const file = (name: string) => path.join(EXAMPLES, name, `Pulumi.${name}.yaml`);
const names = readdirSync(EXAMPLES).filter((name) => existsSync(file(name)));

/** What a person's known_hosts and key would bring. */
const args = (config: Record<string, unknown>): ClusterArgs =>
    ({ ...config, ssh: { privateKey: "-----BEGIN TEST KEY-----", insecureSkipHostKeyCheck: true } }) as ClusterArgs;

describe("an example's stack configuration", () => {
    it.each(names)("%s has no unknown key and no fault", (name) => {
        const { config } = parse(readFileSync(file(name), "utf8"));
        const plain = Object.fromEntries(
            Object.entries(config).map(([key, value]) => [key.replace("pulumi-kubeadm:", ""), value]),
        );
        expect(unknownKeys(plain)).toEqual([]);
        expect(clusterFaults(args(plain))).toEqual([]);
    });
});
