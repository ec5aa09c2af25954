import { readFileSync } from "fs";
import * as path from "path";
import { describe, expect, it } from "vitest";
import { OPTIONAL_CHECKS, REQUIRED_CHECKS } from "../../components/model/checkTexts";
import { preflightFaults } from "../../components/model/preflightChecks";

const dispatch = path.resolve(__dirname, "../../components/scripts/lib/core/dispatch.sh");
const lists = [...readFileSync(dispatch, "utf8").matchAll(/CHECKS="([^"]*)"/g)];
const inPhase = lists.flatMap(([, names]) => names.split(" "));
const described = [...Object.keys(OPTIONAL_CHECKS), ...Object.keys(REQUIRED_CHECKS)];

describe("the checks of preflight", () => {
    it("are those that are described, each once", () => {
        expect([...inPhase].sort()).toEqual([...described].sort());
    });

    it("those that protect a live host cannot be turned off", () => {
        expect(preflightFaults({ warn: ["swap", "keys"], skip: ["remains"] })).toEqual([
            {
                propertyPath: "preflight.warn[1]",
                reason: 'got "keys", expected another check: this one cannot be turned off, because it protects live hosts',
            },
            {
                propertyPath: "preflight.skip[0]",
                reason: 'got "remains", expected another check: this one cannot be turned off, because it protects live hosts',
            },
        ]);
    });

    it("a name that is none of theirs is refused, with the one that was meant", () => {
        expect(preflightFaults({ warn: ["swp"] })).toEqual([
            {
                propertyPath: "preflight.warn[0]",
                reason: `got "swp", expected 'swap', or another one of docs/runbooks.md`,
            },
        ]);
        expect(preflightFaults({ warn: ["everything"] })[0].reason).toContain(
            "expected one of operating-system, capacity",
        );
    });
});
