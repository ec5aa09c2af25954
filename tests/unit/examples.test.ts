import { describe, expect, it } from "vitest";
import { exampleArgs, exampleConfig, exampleNames } from "./exampleArgs";
import { clusterFaults } from "../../components/model/clusterRules";
import { unknownKeys } from "../../components/model/keys";

describe("an example's stack configuration", () => {
    it.each(exampleNames)("%s has no unknown key and no fault", (name) => {
        const config = exampleConfig(name);
        expect(unknownKeys(config)).toEqual([]);
        expect(clusterFaults(exampleArgs(config))).toEqual([]);
    });
});
