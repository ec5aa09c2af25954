import { readFileSync } from "fs";
import * as path from "path";
import { describe, expect, it } from "vitest";
import { MUTATIONS } from "../mutations/mutations";

const root = path.resolve(__dirname, "../..");

describe("the text that a mutation replaces", () => {
    it.each(MUTATIONS)("stands in its file once: $name", ({ file, search }) => {
        const text = readFileSync(path.join(root, file), "utf8");
        expect(text.split(search)).toHaveLength(2);
    });
});
