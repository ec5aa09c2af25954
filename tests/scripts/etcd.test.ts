import { spawnSync } from "child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Sandbox } from "./sandbox";

/** A member as etcd's gateway lists it; client URLs come with its first start, and so does the name of one that was added. */
const member = (id: string, name: string, address: string, started = true) => ({
    ID: id,
    ...(name ? { name } : {}),
    ...(started ? { clientURLs: [`https://${address}:2379`] } : {}),
    peerURLs: [`https://${address}:2380`],
});

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
});
afterEach(() => host.remove());

const peerAnswers = (call: string, answer: object) =>
    host.write(`fake/etcd/192.0.2.12/${call}`, JSON.stringify(answer));

function decide(action: string) {
    const script = `
        set -euo pipefail
        PHASE=test ACTION=${action} NODE_NAME=cp1
        ETCD_RUNTIME=kubeadm ETCD_NAME=cp1 ETCD_ADDRESS=192.0.2.11 ETCD_PEERS="cp2=192.0.2.12 cp3=192.0.2.13"
        PATH=/usr/local/sbin:$PATH
        for f in /toolkit/lib/*.sh; do . "$f"; done
        etcd_decide /var/lib/etcd
        echo "$ETCD_STATE $ETCD_INITIAL_CLUSTER"`;
    const { status, stdout, stderr } = spawnSync("chroot", [host.root, "/bin/bash", "-c", script], {
        encoding: "utf8",
    });
    return { code: status, decision: stdout.trim(), stderr, calls: host.calls() };
}

describe("what a member with an empty disk does", () => {
    it("nobody answers and there never was a cluster: starts with all the others", () => {
        expect(decide("create").decision).toBe(
            "new cp1=https://192.0.2.11:2380,cp2=https://192.0.2.12:2380,cp3=https://192.0.2.13:2380",
        );
    });

    it("nobody answers and there was one: stops, and names the way to restore it", () => {
        const { code, stderr } = decide("update");
        expect(code).toBe(1);
        expect(stderr).toMatch(/no etcd quorum answers[^]*docs\/runbooks\.md, 'Quorum lost'/);
    });

    it.each([
        ["was added by a run that was cut", ""],
        ["was slower than the quorum of a cluster that starts", "cp1"],
    ])("a quorum lists it and it never started, since it %s: starts as what it is listed", (_, name) => {
        const members = [
            member("1", name, "192.0.2.11", false),
            member("2", "cp2", "192.0.2.12"),
            member("3", "cp3", "192.0.2.13"),
        ];
        peerAnswers("list", { members });
        const { decision, calls } = decide("create");
        expect(decision).toBe(
            "existing cp1=https://192.0.2.11:2380,cp2=https://192.0.2.12:2380,cp3=https://192.0.2.13:2380",
        );
        expect(calls.filter((call) => /member\/(add|remove)/.test(call))).toEqual([]);
    });

    it("a quorum lists it as started: its stale entry is removed, and it is added as a learner", () => {
        peerAnswers("list", { members: [member("1", "cp1", "192.0.2.11"), member("2", "cp2", "192.0.2.12")] });
        peerAnswers("remove", {});
        peerAnswers("add", {});
        const { decision, calls } = decide("update");
        expect(decision).toMatch(/^existing /);
        const order = calls.map((call) => call.split("/").pop()).filter((call) => call !== "list");
        expect(order).toEqual(["remove", "add"]);
    });

    it("a quorum does not list it: it is added", () => {
        peerAnswers("list", { members: [member("2", "cp2", "192.0.2.12")] });
        peerAnswers("add", {});
        expect(decide("create").calls.some((call) => call.endsWith("member/add"))).toBe(true);
    });
});

describe("what a member with data does", () => {
    beforeEach(() => host.write("var/lib/etcd/member/wal", ""));

    it("starts with it when the quorum knows it, and when nobody answers", () => {
        expect(decide("update").decision).toBe("kept");
        peerAnswers("list", { members: [member("1", "cp1", "192.0.2.11"), member("2", "cp2", "192.0.2.12")] });
        expect(decide("create").decision).toBe("kept");
    });

    it("keeps it aside when the quorum does not know it, and joins anew", () => {
        peerAnswers("list", { members: [member("2", "cp2", "192.0.2.12")] });
        peerAnswers("add", {});
        expect(decide("update").decision).toMatch(/^existing /);
        expect(host.exists("var/lib/etcd/member")).toBe(false);
    });
});
