import { execFileSync } from "child_process";
import { mkdirSync, readdirSync, rmSync, symlinkSync } from "fs";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { controlPlaneDesired, releaseOf } from "./desired";
import { Sandbox } from "./sandbox";

/** Folders of a node that the host has on another disk, by links. */
const LINKED = ["var/lib/kubelet", "var/lib/etcd", "var/lib/containerd", "etc/kubernetes", "var/log/pods"];

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
});
