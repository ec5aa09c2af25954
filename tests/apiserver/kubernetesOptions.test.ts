import { expect, it } from "vitest";
import byMinor from "../../components/versions/kubernetesOptions.json";
import { minorOf } from "../../components/versions/versions";
import { optionsOf } from "../../tools/kubernetesOptions";
import { VERSIONS } from "../../tools/versions";

it("the flags and fields are those of the pinned Kubernetes version: npm run generate:kubernetes", async () => {
    const minor = minorOf(VERSIONS.kubernetes);
    expect(await optionsOf(minor, () => undefined)).toEqual((byMinor as Record<string, unknown>)[minor]);
}, 1_800_000);
