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

const FOUNDERS = "cp1=192.0.2.11 cp2=192.0.2.12 cp3=192.0.2.13";
/** As the program tells a founding member, on the machine that the sandbox is. */
const FOUNDING = `FOUNDER=0123456789abcdef0123456789abcdef FOUNDERS=(${FOUNDERS})`;

function decide(action: string, founding = FOUNDING) {
    const script = `
        set -euo pipefail
        PHASE=test ACTION=${action} PATH=/usr/local/sbin:$PATH
        for f in /toolkit/lib/{core,host,etcd,load-balancer,cluster}/*.sh; do . "$f"; done
        NODE_NAME=cp1 CLUSTER_ID=this-cluster ETCD_PATIENCE=2 ${founding}
        ETCD_RUNTIME=kubeadm ETCD_NAME=cp1 ETCD_ADDRESS=192.0.2.11 ETCD_PEERS=(cp2=192.0.2.12 cp3=192.0.2.13)
        set_defaults
        etcd_choose_join_mode /var/lib/etcd
        echo "$ETCD_STATE $ETCD_INITIAL_CLUSTER"`;
    const { status, stdout, stderr } = spawnSync("chroot", [host.root, "/bin/bash", "-c", script], {
        encoding: "utf8",
    });
    return { code: status, decision: stdout.trim(), stderr, calls: host.calls() };
}

const STATIC = "new cp1=https://192.0.2.11:2380,cp2=https://192.0.2.12:2380,cp3=https://192.0.2.13:2380";
const peerSays = (members: string) => host.write("fake/etcd/192.0.2.12/members", members);

describe("a founding member whose etcd never ran", () => {
    it("starts from the static list when every other host refuses the connection, and asks nobody again", () => {
        const { decision, calls } = decide("create");
        expect(decision).toBe(STATIC);
        expect(calls).toEqual([]);
    });

    it("starts when the others are forming the cluster too", () => {
        peerSays(JSON.stringify([{ name: "cp1" }, { name: "cp2" }]));
        expect(decide("create").decision).toBe(STATIC);
    });

    it("waits for a peer that hangs before it takes it for silent", () => {
        peerSays("");
        const { decision, stderr } = decide("create");
        expect(stderr).toContain("waiting for a quorum of etcd");
        expect(decision).toBe(STATIC);
    });

    it("does not start while a peer knows a cluster that was formed", () => {
        peerSays(JSON.stringify([{ name: "cp2", clientURLs: ["https://192.0.2.12:2379"] }]));
        const { code, stderr } = decide("create");
        expect(code).toBe(1);
        expect(stderr).toMatch(
            /reports that this cluster was formed before[^]*docs\/runbooks\.md, 'A node may not form a new cluster'/,
        );
    });
});

describe("nobody answers, and the host has no data", () => {
    const refused = (reason: string, action = "create", founding = FOUNDING) => {
        const { code, stderr, decision } = decide(action, founding);
        expect(code).toBe(1);
        expect(decision).toBe("");
        expect(stderr).toContain(`may not form a new cluster: ${reason}`);
        expect(stderr).toContain("docs/runbooks.md, 'A node may not form a new cluster'");
    };

    it("a host that is no founding member stops", () => {
        refused("it is not a founding member of this cluster", "create", "");
    });

    it("another machine under a founding member's name stops", () => {
        refused(
            "the founding member of this name was another machine",
            "create",
            `FOUNDER=other FOUNDERS=(${FOUNDERS})`,
        );
    });

    it.each([
        ["its bootstrap ended well before", "var/lib/pulumi-kubeadm/joined"],
        ["its etcd was healthy before", "var/lib/pulumi-kubeadm/etcd-ran"],
        ["its data was set aside", "var/lib/etcd/member.1.stale/wal"],
    ])("a founding member stops when %s, with a bootstrap that is replaced too", (_, mark) => {
        host.write(mark, "this-cluster\n");
        refused("etcd ran here before");
    });

    it("a founding member stops when its bootstrap is in the state already", () => {
        refused("etcd ran here before", "update");
    });

    const foundedBy = (...others: string[]) =>
        `FOUNDER=0123456789abcdef0123456789abcdef FOUNDERS=(cp1=192.0.2.11 ${others.join(" ")})`;

    it("the static list has the founding members alone, whoever is declared by now", () => {
        expect(decide("create", foundedBy("cp2=192.0.2.12", "cp9=192.0.2.19")).decision).toBe(
            "new cp1=https://192.0.2.11:2380,cp2=https://192.0.2.12:2380,cp9=https://192.0.2.19:2380",
        );
    });

    it("a founding member stops at once when too few of the others are declared by now", () => {
        const { code, stderr } = decide("create", foundedBy("cp8=192.0.2.18", "cp9=192.0.2.19"));
        expect(code).toBe(1);
        expect(stderr).toMatch(/got 1 of them in the configuration[^]*'A node may not form a new cluster'/);
    });

    it("a founding member does not wait for a declared host that is silent and no founding member", () => {
        peerSays("");
        const { decision, stderr } = decide("create", foundedBy());
        expect(decision).toBe("new cp1=https://192.0.2.11:2380");
        expect(stderr).not.toContain("waiting");
    });
});

describe("what a member with an empty disk does when a quorum answers", () => {
    // It is known as a member, or is not: who founded the cluster does not matter.
    beforeEach(() => peerSays(JSON.stringify([{ name: "cp2", clientURLs: ["https://192.0.2.12:2379"] }])));

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

    it("the machine that had its name before still answers: that one goes by its id in the list", () => {
        const members = [
            member("9", "cp1", "192.0.2.19"),
            member("2", "cp2", "192.0.2.12"),
            member("1", "", "192.0.2.11", false),
        ];
        peerAnswers("list", { members });
        expect(decide("create").decision).toBe(
            "existing 9=https://192.0.2.19:2380,cp2=https://192.0.2.12:2380,cp1=https://192.0.2.11:2380",
        );
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

    it("is taken for one without data when it has no write-ahead log yet, and joins with today's list", () => {
        host.exec(["rm", "/var/lib/etcd/member/wal"]);
        host.write("var/lib/etcd/member/snap/db", "");
        peerAnswers("list", { members: [member("1", "cp1", "192.0.2.11", false), member("2", "cp2", "192.0.2.12")] });
        expect(decide("create", "").decision).toBe("existing cp1=https://192.0.2.11:2380,cp2=https://192.0.2.12:2380");
        expect(host.exists("var/lib/etcd/member")).toBe(false);
    });

    it("keeps it aside when the quorum does not know it, and joins anew", () => {
        peerAnswers("list", { members: [member("2", "cp2", "192.0.2.12")] });
        peerAnswers("add", {});
        expect(decide("update").decision).toMatch(/^existing /);
        expect(host.exists("var/lib/etcd/member")).toBe(false);
    });
});
