import { execFileSync, spawnSync } from "child_process";
import { mkdtempSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { releaseOf, workerDesired } from "./desired";
import { Sandbox } from "./sandbox";

let host: Sandbox;
beforeEach(() => (host = new Sandbox()));
afterEach(() => host.remove());

const packages = () => host.read("fake/packages").split("\n").filter(Boolean);

describe("the packages that a release removes", () => {
    it("are those that our steps installed: what others install meanwhile stays", () => {
        host.write("fake/packages", "vpn 1.0\n");
        host.ok("prepare", "create", workerDesired());
        host.write("fake/packages", [...packages(), "linux-image-new 6.1", "monitoring-agent 2.0", ""].join("\n"));
        host.ok("prepare", "update", workerDesired({ kubernetesVersion: "1.36.4" }));
        host.ok("release", "delete", releaseOf(workerDesired()));
        expect(packages()).toEqual(["vpn 1.0", "linux-image-new 6.1", "monitoring-agent 2.0"]);
    });

    it("are not those that others install after an installation of ours has failed", () => {
        host.write("fake/packages", "vpn 1.0\n");
        host.write("fake/apt-get-fails", "");
        expect(host.run("prepare", "create", workerDesired()).code).toBe(1);
        host.exec(["rm", "/fake/apt-get-fails"]);
        host.write("fake/packages", "vpn 1.0\nmonitoring-agent 2.0\n");
        host.ok("prepare", "create", workerDesired());
        host.ok("release", "delete", releaseOf(workerDesired()));
        expect(packages()).toEqual(["vpn 1.0", "monitoring-agent 2.0"]);
    });

    it("are not those that a package of others needs by now", () => {
        host.ok("prepare", "create", workerDesired());
        host.write("fake/packages", [...packages(), "yq 3.0", ""].join("\n"));
        host.write("fake/needs", "yq jq\n");
        host.ok("release", "delete", releaseOf(workerDesired()));
        expect(packages().map((line) => line.split(" ")[0])).toEqual(["jq", "yq"]);
    });

    it("are also those of an installation that was cut", async () => {
        host.write("fake/packages", "vpn 1.0\n");
        await host.runAndKillAt(/apt-get.* install /, "prepare", "create", workerDesired());
        host.write("fake/packages", "vpn 1.0\nkubelet 1.36.3\n");
        host.ok("release", "delete", releaseOf(workerDesired()));
        expect(packages()).toEqual(["vpn 1.0"]);
    });

    it("are not those that others install while ours waits for them", () => {
        host.write("fake/packages", "vpn 1.0\n");
        host.write("fake/installed-meanwhile", "monitoring-agent 2.0\n");
        host.ok("prepare", "create", workerDesired());
        host.ok("release", "delete", releaseOf(workerDesired()));
        expect(packages()).toEqual(["vpn 1.0", "monitoring-agent 2.0"]);
    });

    it("are not those that others install after one of ours was cut", async () => {
        host.write("fake/packages", "vpn 1.0\n");
        await host.runAndKillAt(/apt-get.* install /, "prepare", "create", workerDesired());
        host.write("fake/packages", "vpn 1.0\nmonitoring-agent 2.0\n");
        host.ok("prepare", "create", workerDesired());
        host.ok("release", "delete", releaseOf(workerDesired()));
        expect(packages()).toEqual(["vpn 1.0", "monitoring-agent 2.0"]);
    });

    it("stand in the history of the host's apt too, once each", async () => {
        const entries = () => host.read("var/log/apt/history.log").match(/^Install: .*\bkubelet:amd64/gm) ?? [];
        host.write("var/log/apt/history.log", "");
        await host.runAndKillAt(/apt-get.* install .*kubelet/, "prepare", "create", workerDesired());
        host.ok("prepare", "create", workerDesired());
        expect(entries()).toHaveLength(2);
        host.ok("prepare", "update", workerDesired({ kubernetesVersion: "1.36.4" }));
        expect(entries()).toHaveLength(3);
    });
});

describe("a signing key that is given by its fingerprint", () => {
    const home = mkdtempSync(path.join(tmpdir(), "keys-"));
    const gpg = (...words: string[]) =>
        execFileSync("gpg", ["--homedir", home, "--batch", ...words], { encoding: "utf8", stdio: "pipe" });
    let ours: string;

    beforeAll(() => {
        for (const user of ["ours", "theirs"]) gpg("--passphrase", "", "--quick-generate-key", user, "ed25519", "sign");
        ours = /^fpr:+([0-9A-F]{40}):/m.exec(gpg("--with-colons", "--list-keys", "ours"))![1];
    });
    afterAll(() => {
        execFileSync("gpgconf", ["--homedir", home, "--kill", "all"]);
        rmSync(home, { recursive: true });
    });

    const keyring = "etc/apt/keyrings/kubernetes.asc";
    const withKey = (fingerprint: string) => {
        const source = { uri: "http://192.0.2.2/packages", suite: "/", key: `${fingerprint} http://192.0.2.2/key` };
        return workerDesired({ sources: { kubernetes: source, containerd: source } });
    };
    const users = () =>
        spawnSync("gpg", ["--show-keys", "--with-colons"], { input: host.read(keyring), encoding: "utf8" })
            .stdout.split("\n")
            .filter((line) => line.startsWith("uid"))
            .map((line) => line.split(":")[9]);

    it("is the only one that goes into the keyring, whatever else lies at its URL", () => {
        host.write("fake/repository", gpg("--armor", "--export"));
        host.ok("prepare", "create", withKey(ours));
        expect(users()).toEqual(["ours"]);
    });

    it("is fetched when the fingerprint in the configuration changes", () => {
        host.write(keyring, gpg("--armor", "--export", "theirs"));
        host.write("fake/repository", gpg("--armor", "--export", "ours"));
        host.ok("prepare", "create", withKey(ours));
        expect(users()).toEqual(["ours"]);
    });

    it("that is not at its URL is an error, and nothing is installed", () => {
        host.write("fake/repository", gpg("--armor", "--export", "theirs"));
        const { code, stderr } = host.run("prepare", "create", withKey(ours));
        expect(code).toBe(1);
        expect(stderr).toContain(`is not ${ours}; expected that fingerprint, so nothing was installed`);
        expect(host.exists(keyring)).toBe(false);
    });
});
