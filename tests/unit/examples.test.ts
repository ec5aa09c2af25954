import { existsSync, readFileSync } from "fs";
import * as path from "path";
import Ajv from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { EXAMPLES, exampleArgs, exampleConfig, exampleNames } from "./exampleArgs";
import * as editorSchema from "../../Pulumi.schema.json";
import { clusterFaults } from "../../components/model/clusterRules";
import { shapeFaults } from "../../components/stack/shape";

const ROOT = path.resolve(EXAMPLES, "..");
const validate = new Ajv({ strict: false, allErrors: true }).compile(editorSchema);

describe("an example's stack configuration", () => {
    it.each(exampleNames)("%s has the right shape and no fault", (name) => {
        const config = exampleConfig(name);
        expect(shapeFaults(config)).toEqual([]);
        expect(clusterFaults(exampleArgs(config))).toEqual([]);
    });
});

describe("the schema for editors", () => {
    const stackFiles = ["Pulumi.dev.yaml", ...exampleNames.map((name) => `examples/${name}/Pulumi.${name}.yaml`)];

    it.each(stackFiles)("is named in the first line of %s, which it accepts", (name) => {
        const file = path.join(ROOT, name);
        const text = readFileSync(file, "utf8");
        const [, schema] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
        expect(existsSync(path.resolve(file, "..", schema))).toBe(true);
        validate(parse(text));
        expect(validate.errors ?? []).toEqual([]);
    });

    it("accepts encrypted secrets, and texts that YAML takes for numbers", () => {
        const vrrp = { password: { secure: "v1:a:b" } };
        const config = {
            "pulumi-kubeadm:controlPlaneNodes": [{ name: "cp1", address: "10.0.0.11" }],
            "pulumi-kubeadm:loadBalancer": { vrrp },
            "pulumi-kubeadm:maxUnavailable": 2,
            "aws:region": "eu-central-1",
        };
        expect(validate({ config, encryptionsalt: "v1:a" })).toBe(true);
    });

    it.each([
        { "pulumi-kubeadm:controlplaneNodes": [] },
        { "pulumi-kubeadm:controlPlaneNodes": ["10.0.0.11"] },
        { "pulumi-kubeadm:controlPlaneNodes": [], "pulumi-kubeadm:cni": { plugin: "calicoo" } },
    ])("refuses %j", (config) => {
        expect(validate({ config })).toBe(false);
    });
});
