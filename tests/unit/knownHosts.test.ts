import { execFileSync } from "child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { readKnownHosts } from "../../components/stack/knownHosts";
import { clusterArgsFromConfig } from "../../components/stack/stackConfig";
import { PRIVATE_KEY, publicKey } from "./fixtures";

const folder = mkdtempSync(path.join(tmpdir(), "known-hosts-"));
const file = path.join(folder, "known_hosts");
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const host = (address: string, more: { port?: number; hostKey?: string } = {}) => ({ name: "n", address, ...more });

/** The key that is found of a host in a known_hosts file with these lines. */
async function find(wanted: ReturnType<typeof host>, lines: string[], port?: number): Promise<string | undefined> {
    writeFileSync(file, lines.join("\n"));
    const known = await readKnownHosts([wanted], { knownHostsFile: file, port });
    expect(known.fault).toBeUndefined();
    return known.keyOf(wanted);
}

const read = (config: Record<string, unknown>) => {
    const texts = Object.entries(config).map(([key, value]) => [`test:${key}`, JSON.stringify(value)]);
    pulumi.runtime.setAllConfig(Object.fromEntries(texts));
    return clusterArgsFromConfig(new pulumi.Config("test"));
};

/** Puts a program in the place of ssh-keygen, or nothing. */
function replaceSshKeygen(script?: string): void {
    const programs = mkdtempSync(path.join(folder, "programs-"));
    const program = path.join(programs, "ssh-keygen");
    if (script !== undefined) writeFileSync(program, `#!/bin/sh\n${script}\n`);
    if (script !== undefined) chmodSync(program, 0o755);
    vi.stubEnv("PATH", programs);
}

describe("a host's key in known_hosts", () => {
    it.each(["192.0.2.11", "fd00::11", "cp1.example.com"])("is found by %s", async (address) => {
        expect(await find(host(address), ["# a comment", "", `other,${address} ssh-ed25519 AAAA1 of cp1`])).toBe(
            "ssh-ed25519 AAAA1",
        );
        expect(await find(host(address), ["192.0.2.99 ssh-ed25519 AAAA1"])).toBeUndefined();
    });

    it("is found by a hashed name", async () => {
        writeFileSync(file, "192.0.2.11 ssh-ed25519 AAAA1\n[192.0.2.12]:2222 ssh-ed25519 AAAA2\n");
        execFileSync("ssh-keygen", ["-H", "-f", file], { stdio: "ignore" });
        expect(readFileSync(file, "utf8")).not.toContain("192.0.2");
        const hosts = [host("192.0.2.11"), host("192.0.2.12", { port: 2222 })];
        const known = await readKnownHosts(hosts, { knownHostsFile: file });
        expect(hosts.map(known.keyOf)).toEqual(["ssh-ed25519 AAAA1", "ssh-ed25519 AAAA2"]);
    });

    it("is that of its port: the host's own, else the cluster's, else 22", async () => {
        const lines = ["192.0.2.11 ssh-ed25519 AT22", "[192.0.2.11]:2222 ssh-ed25519 AT2222"];
        expect(await find(host("192.0.2.11"), lines)).toBe("ssh-ed25519 AT22");
        expect(await find(host("192.0.2.11"), lines, 2222)).toBe("ssh-ed25519 AT2222");
        expect(await find(host("192.0.2.11", { port: 22 }), lines, 2222)).toBe("ssh-ed25519 AT22");
        expect(await find(host("192.0.2.11", { port: 2223 }), lines, 2222)).toBeUndefined();
        expect(await find(host("fd00::11"), ["[fd00::11]:2222 ssh-ed25519 AT2222"], 2222)).toBe("ssh-ed25519 AT2222");
    });

    it("is the bastion's too: at port 22, or a port of its own, and its own hostKey before it", async () => {
        const lines = [`192.0.2.1 ${publicKey(1)}`, `[192.0.2.1]:2222 ${publicKey(2)}`];
        writeFileSync(file, lines.join("\n"));
        const controlPlaneNodes = [{ name: "cp1", address: "192.0.2.11", hostKey: publicKey(11) }];
        const keyOf = async (bastion: object) => {
            const ssh = { privateKey: PRIVATE_KEY, port: 2222, knownHostsFile: file };
            const address = "192.0.2.1";
            return (await read({ ssh: { ...ssh, bastion: { address, ...bastion } }, controlPlaneNodes })).ssh.bastion
                ?.hostKey;
        };
        expect(await keyOf({})).toBe(publicKey(1));
        expect(await keyOf({ port: 2222 })).toBe(publicKey(2));
        expect(await keyOf({ hostKey: publicKey(3) })).toBe(publicKey(3));
        await expect(keyOf({ port: 23 })).rejects.toThrowError(
            /1 fault;[^]*ssh\.bastion\.hostKey: got nothing, expected the bastion's public key/,
        );
    });

    it("is ed25519 before other types, and else the first", async () => {
        const lines = ["192.0.2.11 ecdsa-sha2-nistp256 AAAAE", "192.0.2.11 ssh-rsa AAAAR"];
        expect(await find(host("192.0.2.11"), lines)).toBe("ecdsa-sha2-nistp256 AAAAE");
        expect(await find(host("192.0.2.11"), [...lines, "192.0.2.11 ssh-ed25519 AAAA1"])).toBe("ssh-ed25519 AAAA1");
    });

    it("is none that was revoked, and no certificate authority's", async () => {
        const lines = ["@revoked 192.0.2.11 ssh-ed25519 AAAA1", "@cert-authority * ssh-ed25519 AAAACA"];
        expect(await find(host("192.0.2.11"), lines)).toBeUndefined();
        expect(await find(host("192.0.2.11"), [...lines, "192.0.2.11 ssh-rsa AAAAR"])).toBe("ssh-rsa AAAAR");
        expect(await find(host("192.0.2.11"), ["192.0.2.11 ssh-ed25519 AAAA1", ...lines])).toBeUndefined();
    });

    it("is found for each of many hosts", async () => {
        const hosts = Array.from({ length: 20 }, (_, i) => host(`192.0.2.${i + 1}`));
        writeFileSync(file, hosts.map(({ address }, i) => `${address} ssh-ed25519 AAAA${i}\n`).join(""));
        const known = await readKnownHosts(hosts, { knownHostsFile: file });
        expect(hosts.map(known.keyOf)).toEqual(hosts.map((_, i) => `ssh-ed25519 AAAA${i}`));
    });
});

describe("a known_hosts file that cannot be searched", () => {
    const key = publicKey;
    const missing = { privateKey: PRIVATE_KEY, knownHostsFile: path.join(folder, "none") };

    it("is no fault when every host has a hostKey, or keys are not checked", async () => {
        replaceSshKeygen();
        const controlPlaneNodes = [{ name: "cp1", address: "192.0.2.11", hostKey: key(1) }];
        expect((await read({ ssh: missing, controlPlaneNodes })).controlPlaneNodes[0].hostKey).toBe(key(1));
        await read({
            ssh: { ...missing, insecureSkipHostKeyCheck: true },
            controlPlaneNodes: [{ name: "cp1", address: "192.0.2.11" }],
        });
    });

    it("is one fault, however many hosts need it", async () => {
        const controlPlaneNodes = [{ name: "cp1", address: "192.0.2.11", hostKey: key(1) }];
        const workerNodes = ["w1", "w2"].map((name, i) => ({ name, address: `192.0.2.2${i}` }));
        await expect(read({ ssh: missing, controlPlaneNodes, workerNodes })).rejects.toThrowError(
            /: 1 fault;[^]*\n {2}ssh\.knownHostsFile: got ".*none", expected a known_hosts file that can be read$/,
        );
    });

    it("is one fault where there is no ssh-keygen, and says what to do", async () => {
        writeFileSync(file, "");
        replaceSshKeygen();
        const controlPlaneNodes = [{ name: "cp1", address: "192.0.2.11" }];
        const workerNodes = [{ name: "w1", address: "192.0.2.21" }];
        await expect(
            read({ ssh: { privateKey: PRIVATE_KEY, knownHostsFile: file }, controlPlaneNodes, workerNodes }),
        ).rejects.toThrowError(
            /: 1 fault;[^]*\n {2}ssh\.knownHostsFile: got ".*", expected ssh-keygen on this machine.*openssh-client.*hostKey/,
        );
    });

    it("is a fault with ssh-keygen's own words where that fails", async () => {
        replaceSshKeygen("echo 'no such cipher' >&2; exit 255");
        const { fault } = await readKnownHosts([host("192.0.2.11")], { knownHostsFile: file });
        expect(fault?.reason).toContain("no such cipher");
    });
});

describe("an address that looks like an option", () => {
    it("is a fault, and never an argument", async () => {
        replaceSshKeygen(`echo "$@" >>${folder}/called`);
        const controlPlaneNodes = [{ name: "cp1", address: "-R192.0.2.11" }];
        await expect(
            read({ ssh: { privateKey: PRIVATE_KEY, knownHostsFile: file }, controlPlaneNodes }),
        ).rejects.toThrowError(/controlPlaneNodes\[0\]\.address: got "-R192\.0\.2\.11"/);
        await readKnownHosts([host("192.0.2.11")], { knownHostsFile: file });
        expect(readFileSync(path.join(folder, "called"), "utf8")).toBe(`-f ${file} -F 192.0.2.11\n`);
    });
});
