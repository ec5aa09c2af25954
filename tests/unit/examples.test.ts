import { describe, expect, it } from "vitest";
import { clusterFaults } from "../../components/model/cluster";
import { unknownKeys } from "../../components/model/keys";
import { exampleArgs, exampleConfig, exampleNames } from "./exampleArgs";

describe("an example's stack configuration", () => {
    it.each(exampleNames)("%s has no unknown key and no fault", (name) => {
        const config = exampleConfig(name);
        expect(unknownKeys(config)).toEqual([]);
        expect(clusterFaults(exampleArgs(config))).toEqual([]);
    });
});
