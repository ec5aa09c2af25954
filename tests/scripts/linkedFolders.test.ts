import { execFileSync } from "child_process";
import { lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "fs";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { controlPlaneDesired, releaseOf, workerDesired } from "./desired";
import { Sandbox } from "./sandbox";

/** Folders of a node that the host has on another disk, by links. */
const LINKED = ["var/lib/kubelet", "var/lib/containerd", "etc/kubernetes", "var/log/pods"];

const behind = (folder: string): string => `data/${path.basename(folder)}`;

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    for (const folder of LINKED) {
        const link = path.join(host.root, folder);
        mkdirSync(path.join(host.root, behind(folder)), { recursive: true });
        rmSync(link, { recursive: true, force: true });
        symlinkSync(path.relative(path.dirname(folder), behind(folder)), link);
    }
    host.ok("prepare", "create", controlPlaneDesired());
});
afterEach(() => host.remove());

describe("a release of a host whose folders are links", () => {
    it("leaves the links, and nothing behind them", () => {
        for (const folder of LINKED) host.write(`${behind(folder)}/of/ours`, "");
        host.ok("release", "delete", releaseOf(controlPlaneDesired()));
        for (const folder of LINKED) {
            expect(readdirSync(path.join(host.root, behind(folder))), folder).toEqual([]);
            expect(host.exists(folder), folder).toBe(true);
        }
    });

    it("unmounts the volumes of pods, and deletes nothing on one that it cannot unmount", () => {
        const volume = path.join(host.root, "data/kubelet/pods/1/volumes/nfs");
        mkdirSync(volume, { recursive: true });
        execFileSync("mount", ["-t", "tmpfs", "tmpfs", volume]);
        host.write("data/kubelet/pods/1/volumes/nfs/theirs", "");
        host.calls();
        host.ok("release", "delete", releaseOf(controlPlaneDesired()));
        expect(host.calls()).toContain("umount --lazy /data/kubelet/pods/1/volumes/nfs");
        expect(host.exists("data/kubelet/pods/1/volumes/nfs/theirs")).toBe(true);
    });

    it("deletes nothing in a folder of the same disk that is mounted there", () => {
        const theirs = path.join(host.root, "data/kubernetes/theirs");
        for (const folder of [theirs, path.join(host.root, "data/backups")]) mkdirSync(folder, { recursive: true });
        host.write("data/backups/1", "");
        execFileSync("mount", ["--bind", path.join(host.root, "data/backups"), theirs]);
        host.ok("release", "delete", releaseOf(controlPlaneDesired()));
        expect(host.exists("data/backups/1")).toBe(true);
    });

    it("leaves files of others beside etcd's", () => {
        host.write("var/lib/etcd/member/wal", "");
        host.write("var/lib/etcd/theirs", "");
        host.ok("release", "delete", releaseOf(controlPlaneDesired()));
        expect([host.exists("var/lib/etcd/member"), host.exists("var/lib/etcd/theirs")]).toEqual([false, true]);
    });
});

describe("a host without a member of ours", () => {
    it("keeps an etcd of somebody else's", () => {
        host.write("var/lib/etcd/default/member/wal", "");
        host.write("fake/active-etcd", "");
        host.write("etc/etcd/theirs", "");
        host.ok("prepare", "update", { ...workerDesired(), NODE_NAME: "cp1" });
        host.ok("release", "delete", { ...releaseOf(controlPlaneDesired()) });
        expect(["var/lib/etcd/default/member/wal", "etc/etcd/theirs", "fake/active-etcd"].map(host.exists)).toEqual([
            true,
            true,
            true,
        ]);
    });
});

describe("a configuration folder that is a link", () => {
    it("gets its content back, and stays a link", () => {
        const fresh = new Sandbox();
        try {
            fresh.write("data/containerd-config/config.toml", "theirs");
            rmSync(path.join(fresh.root, "etc/containerd"), { recursive: true, force: true });
            symlinkSync("../data/containerd-config", path.join(fresh.root, "etc/containerd"));
            fresh.ok("prepare", "create", controlPlaneDesired());
            expect(fresh.read("data/containerd-config/config.toml")).not.toBe("theirs");
            fresh.ok("release", "delete", releaseOf(controlPlaneDesired()));
            expect(fresh.read("data/containerd-config/config.toml")).toBe("theirs");
            expect(readdirSync(path.join(fresh.root, "data/containerd-config"))).toEqual(["config.toml"]);
            expect(lstatSync(path.join(fresh.root, "etc/containerd")).isSymbolicLink()).toBe(true);
        } finally {
            fresh.remove();
        }
    });
});
