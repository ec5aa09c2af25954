import * as pulumi from "@pulumi/pulumi";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { clusterArgsFromConfig } from "../../components/stack/stackConfig";
import { PRIVATE_KEY, pem, publicKey } from "./fixtures";

const folder = mkdtempSync(path.join(tmpdir(), "stack-config-"));
const file = (name: string): string => path.join(folder, name);

beforeAll(() => {
    writeFileSync(file("key"), PRIVATE_KEY);
    writeFileSync(
        file("known_hosts"),
        [
            "# a comment",
            "192.0.2.11,cp1 ssh-rsa AAAARSA",
            `192.0.2.11,cp1 ${publicKey(11)}`,
            `[192.0.2.21]:2222 ${publicKey(21)}`,
        ].join("\n"),
    );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (changes: Record<string, unknown> = {}) => {
    const config = {
        ssh: { user: "ops", privateKeyFile: file("key"), knownHostsFile: file("known_hosts") },
        controlPlaneNodes: [{ name: "cp1", address: "192.0.2.11" }],
        workerNodes: [{ name: "w1", address: "192.0.2.21", port: 2222 }],
        ...changes,
    };
    const texts = Object.entries(config)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => [`test:${key}`, typeof value === "string" ? value : JSON.stringify(value)]);
    pulumi.runtime.setAllConfig({ ...Object.fromEntries(texts), "other:setting": "of another namespace" });
    return clusterArgsFromConfig(new pulumi.Config("test"));
};

describe("a stack's configuration", () => {
    it("finds host keys in known_hosts, ed25519 first, and the private key in its file", async () => {
        const args = await read();
        expect(args.controlPlaneNodes[0].hostKey).toBe(publicKey(11));
        expect(args.workerNodes![0].hostKey).toBe(publicKey(21));
        expect(await pulumi.isSecret(pulumi.output(args.ssh.privateKey))).toBe(true);
    });

    it("keeps the password of sudo secret", async () => {
        const ssh = { privateKeyFile: file("key"), knownHostsFile: file("known_hosts"), sudoPassword: "s3cret" };
        expect(await pulumi.isSecret(pulumi.output((await read({ ssh })).ssh.sudoPassword))).toBe(true);
        await expect(read({ ssh: { ...ssh, sudoPassword: "s3cret\n" } })).rejects.toThrowError(
            /1 fault;[^]*ssh\.sudoPassword: got a text of several lines, expected a password$/m,
        );
    });

    it("needs an agent where it says so, and then no key", async () => {
        const ssh = { agent: true, knownHostsFile: file("known_hosts") };
        vi.stubEnv("SSH_AUTH_SOCK", "/run/agent");
        expect((await read({ ssh })).ssh).toMatchObject({ agent: true, privateKey: undefined });
        await expect(read({ ssh: { ...ssh, privateKeyFile: file("key") } })).rejects.toThrowError(
            /1 fault;[^]*ssh\.agent: got true, expected no agent, because a private key/,
        );
        vi.stubEnv("SSH_AUTH_SOCK", "");
        await expect(read({ ssh })).rejects.toThrowError(/1 fault;[^]*ssh\.agent: got true, expected SSH_AUTH_SOCK/);
        vi.unstubAllEnvs();
    });

    it("refuses a key that it does not know, at the top too: a mistyped workerNodes would remove every worker", async () => {
        const mistyped = { workerNodes: undefined, workerNode: [{ name: "w1", address: "192.0.2.21" }] };
        await expect(read(mistyped)).rejects.toThrowError(
            /1 fault;[^]*workerNode: unknown key, did you mean workerNodes\?/,
        );
    });

    it("reads a cluster's keys from a folder with kubeadm's files, and keeps them secrets", async () => {
        const keys = path.join(__dirname, "pki");
        const pki = (name: string) => readFileSync(path.join(keys, name), "utf8");
        const from = (names: Record<string, string>) => {
            rmSync(file("pki"), { recursive: true, force: true });
            mkdirSync(file("pki/etcd"), { recursive: true });
            Object.entries(names).forEach(([to, name]) => writeFileSync(file(`pki/${to}`), pki(name)));
            return { pki: { folder: file("pki") } };
        };
        const complete = Object.fromEntries(
            ["ca", "front-proxy-ca", "etcd/ca"].flatMap((name) => [
                [`${name}.crt`, "ca.crt"],
                [`${name}.key`, "ca.key"],
            ]),
        );
        const { pki: args } = await read(from({ ...complete, "sa.key": "sa.key" }));
        expect(args!.etcdCa!.certificate).toBe(pki("ca.crt"));
        for (const key of [args!.ca!.privateKey, args!.frontProxyCa!.privateKey, args!.serviceAccountKey]) {
            expect(await pulumi.isSecret(pulumi.output(key))).toBe(true);
        }
        await expect(read(from(complete))).rejects.toThrowError(
            /pki.folder: .* kubeadm's files; sa.key cannot be read/,
        );
        await expect(read({ pki: { ca: { certificate: "x", privateKey: "y" } } })).rejects.toThrowError(
            /pki.ca.certificate: got no certificate[^]*pki.ca.privateKey: got no private key/,
        );
    });

    it("reads a registry's CA from its file, and keeps its password a secret", async () => {
        writeFileSync(file("ca"), pem("ca.crt"));
        const registries = { "registry.example.com": { username: "u", password: "p", caFile: file("ca") } };
        const registry = (await read({ sources: { registries } })).sources!.registries!["registry.example.com"];
        expect(registry.caCertificate).toContain("BEGIN CERTIFICATE");
        expect(await pulumi.isSecret(pulumi.output(registry.password))).toBe(true);
        await expect(
            read({ sources: { registries: { r: { username: "u", passwort: "p" } }, proxy: { http: "http://u:p@x" } } }),
        ).rejects.toThrowError(
            /registries\.r\.passwort: unknown key[^]*registries\.r\.password: got nothing[^]*proxy\.http: got/,
        );
    });

    it("reads an existing etcd's credentials from files; the key is a secret", async () => {
        writeFileSync(file("ca.crt"), pem("ca.crt"));
        writeFileSync(file("client.crt"), pem("ca.crt"));
        writeFileSync(file("client.key"), pem("ca.key"));
        const files = { caFile: file("ca.crt"), certFile: file("client.crt"), keyFile: file("client.key") };
        const existing = { topology: "existing", endpoints: ["https://192.0.2.31:2379"], ...files };
        const { etcd } = await read({ etcd: existing });
        expect([etcd?.caCertificate, etcd?.clientCertificate]).toEqual([
            pem("ca.crt").trimEnd(),
            pem("ca.crt").trimEnd(),
        ]);
        expect(await pulumi.isSecret(pulumi.output(etcd?.clientKey))).toBe(true);
        expect(etcd).not.toHaveProperty("keyFile");
        await expect(read({ etcd: { ...existing, keyFile: file("none") } })).rejects.toThrowError(
            /1 fault;[^]*etcd\.keyFile: got ".*none"/,
        );
        await expect(read({ etcd: { ...existing, caFile: file("client.key") } })).rejects.toThrowError(
            /1 fault;[^]*etcd\.caFile: got no certificate/,
        );
    });

    it("reads a host's file byte by byte, and refuses one that is no text", async () => {
        const files = { hostSetup: { all: { files: [{ path: "/etc/x", contentFile: file("content") }] } } };
        writeFileSync(file("content"), "\ufeffwith BOM\r\n");
        expect((await read(files)).hostSetup?.all?.files?.[0].content).toBe("\ufeffwith BOM\r\n");
        writeFileSync(file("content"), Buffer.from("4dfc6c6c65720a", "hex"));
        await expect(read(files)).rejects.toThrowError(
            /hostSetup.all.files\[0\].contentFile: got .*expected a file that can be read, UTF-8/,
        );
    });

    it("finds the host keys of etcd's hosts", async () => {
        const hosts = [{ name: "etcd1", address: "192.0.2.21", port: 2222 }];
        const args = await read({ workerNodes: [], etcd: { topology: "external", hosts } });
        expect(args.etcd?.hosts?.[0].hostKey).toBe(publicKey(21));
    });

    it("reads the worker nodes from a file of their own, and checks them as its own", async () => {
        const fromFile = (text: string, more: object = {}) => {
            writeFileSync(file("workers.yaml"), text);
            return read({ workerNodes: undefined, workerNodesFile: file("workers.yaml"), ...more });
        };
        const hostKey = publicKey(22);
        const workers = Array.from({ length: 1200 }, (_, i) => ({
            name: `w${i}`,
            address: `10.9.${Math.floor(i / 250)}.${(i % 250) + 1}`,
            hostKey: publicKey(1000 + i),
        }));
        const podSubnet = "10.128.0.0/12";
        const { workerNodes } = await fromFile(JSON.stringify(workers), { network: { podSubnet } });
        expect(workerNodes).toEqual(workers);
        expect((await fromFile(`- { name: w1, address: 10.9.0.1, hostKey: ${hostKey} }`)).workerNodes).toHaveLength(1);
        await expect(fromFile("- { name: w1, adress: 10.9.0.1 }")).rejects.toThrowError(
            /workerNodes\[0\]\.adress: unknown key/,
        );
        await expect(fromFile("")).rejects.toThrowError(
            /workerNodesFile: got .*expected a file that is a list of worker nodes/,
        );
        await expect(fromFile("[")).rejects.toThrowError(/1 fault;[^]*workerNodesFile: got .*a list of worker nodes/);
        await expect(read({ workerNodesFile: file("workers.yaml") })).rejects.toThrowError(
            /workerNodesFile: got .*workerNodes is set/,
        );
        await expect(read({ workerNodes: undefined, workerNodesFile: file("none") })).rejects.toThrowError(
            /1 fault;[^]*workerNodesFile: got ".*none", expected a file that can be read/,
        );
    });

    it("names every fault at once: a file, a key nobody knows, a host without a key, an address that is none", async () => {
        const reading = read({
            ssh: { privateKeyFile: file("none"), knownHostsFile: file("known_hosts") },
            workerNodes: [{ name: "w1", address: "192.0.2.300" }],
            netwerk: {},
            networkk: {},
            network: { podCidr: "10.0.0.0/8" },
        });
        await expect(reading).rejects.toThrowError(
            /network\.podCidr: unknown key[^]*ssh\.privateKeyFile: got ".*none"[^]*workerNodes\[0\]\.address: got "192\.0\.2\.300"[^]*workerNodes\[0\]\.hostKey/,
        );
    });
});
