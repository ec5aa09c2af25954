import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { controlPlaneDesired } from "./desired";
import { Sandbox } from "./sandbox";

const parameters = {
    NODE_NAME: "cp3",
    NODES: "cp1 w1 w2",
    NODE_OBJECTS: '{"kind":"List"}',
    TOKEN_IDS: "w1 aaaaaa\nw2 bbbbbb",
    WAIT_FOR_READY: true,
};

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.ok("prepare", "create", controlPlaneDesired());
    host.write("fake/bound", "");
    host.write("fake/nodes", "cp1\nw1\n");
    host.calls();
});
afterEach(() => host.remove());

const settle = (): string[] => {
    host.ok("settle", "update", parameters);
    return host.calls().filter((call) => call.startsWith("kubectl"));
};

describe("settle", () => {
    it("labels nodes, waits for them, and drops the credentials of those that have joined", () => {
        const calls = settle();
        expect(calls.some((call) => call.includes("apply --server-side"))).toBe(true);
        expect(calls.some((call) => /wait --for condition=Ready .*node\/cp1 node\/w1 node\/w2/.test(call))).toBe(true);
        expect(calls.flatMap((call) => call.match(/delete secret (\S+)/)?.[1] ?? [])).toEqual([
            "bootstrap-token-aaaaaa",
        ]);
    });

    it("asks again when a request is lost with the balancer or the apiserver that had it", () => {
        host.write("fake/away", "once\n");
        const calls = settle();
        expect(calls.filter((call) => call.includes("apply --server-side"))).toHaveLength(2);
        expect(calls.some((call) => call.includes("delete secret bootstrap-token-aaaaaa"))).toBe(true);
    });
});
