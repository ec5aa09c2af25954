import { describe, expect, it } from "vitest";
import { capture, must, waitFor } from "../../tools/process";

describe("capture", () => {
    it("collects output and exit code", async () => {
        const outcome = await capture(["sh", "-c", "cat; echo no >&2; exit 3"], { input: "yes" });
        expect(outcome).toEqual({ code: 3, stdout: "yes", stderr: "no\n" });
    });

    it("ends everything the command started when time runs out", async () => {
        const start = Date.now();
        const outcome = await capture(["sh", "-c", "sleep 30 & sleep 30"], { timeoutMs: 100 });
        expect(outcome.code).toBe(124);
        expect(Date.now() - start).toBeLessThan(5000);
    });

    it("survives a command that does not read its input", async () => {
        expect((await capture(["true"], { input: "x".repeat(1_000_000) })).code).toBe(0);
    });

    it("says which program is missing", async () => {
        await expect(capture(["/no/such/program"])).rejects.toThrow("/no/such/program");
    });
});

describe("must", () => {
    it("names the step, the program and what it said", async () => {
        const step = must("frobbing", ["sh", "-c", "echo why >&2; exit 2"]);
        await expect(step).rejects.toThrow("frobbing failed (sh, exit 2): why");
    });
});

describe("waitFor", () => {
    it("names what it waited for", async () => {
        await expect(waitFor("Godot", 10, () => false, 1)).rejects.toThrow("waited 0.01 s for Godot");
    });
});
