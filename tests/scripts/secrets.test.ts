import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { secretsOf, workerDesired } from "./desired";
import { Sandbox } from "./sandbox";

const HOSTS_FILE = "etc/containerd/certs.d/registry.example.com/hosts.toml";
const staged = (digest: string): string => `var/lib/pulumi-kubeadm/secrets-${digest}.env`;
const desired = { ...workerDesired(), REGISTRIES: ["registry.example.com https://registry.example.com"] };
const login = (digest: string) => ({ SECRETS: digest, REGISTRY_LOGINS: [`registry.example.com ${digest}-login`] });
const join = { PKI_CA_CERT: "CA", BOOTSTRAP_TOKEN: "a.b" };

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
});
afterEach(() => host.remove());

const stage = (digest: string) => host.ok("secrets", "create", secretsOf(desired, login(digest)));

describe("the secrets of a new host", () => {
    it("lie in a file of root's, beside the desired state, are used by prepare, and are printed nowhere", () => {
        const said = stage("one");
        expect(host.mode(staged("one"))).toBe("600");
        const prepared = host.ok("prepare", "create", { ...desired, SECRETS: "one" });
        expect(said + prepared).not.toContain("one-login");
        expect(host.read("var/lib/pulumi-kubeadm/desired.env")).not.toContain("one-login");
        expect(host.read(HOSTS_FILE)).toContain('authorization = "Basic one-login"');
    });

    it("are refused on a host of another cluster", () => {
        host.ok("prepare", "create", { ...desired, CLUSTER_ID: "another" });
        const { code, stderr } = host.run("secrets", "create", secretsOf(desired, login("one")));
        expect(code).toBe(1);
        expect(stderr).toContain("this host belongs to another cluster (another)");
        expect(host.exists(staged("one"))).toBe(false);
    });
});

describe("the secrets of a live host", () => {
    beforeEach(() => {
        stage("one");
        host.ok("prepare", "create", { ...desired, SECRETS: "one" });
        host.ok("node", "create", { ...join, SECRETS: "one" });
    });

    it("are applied when they change alone, and the former ones go", () => {
        stage("two");
        host.ok("prepare", "update", { ...desired, SECRETS: "two" });
        expect(host.read(HOSTS_FILE)).toContain("Basic one-login");
        host.ok("node", "update", { ...join, SECRETS: "two" });
        expect(host.read(HOSTS_FILE)).toContain("Basic two-login");
        expect([host.exists(staged("one")), host.exists(staged("two"))]).toEqual([false, true]);
    });

    it("leave it with the program", () => {
        host.ok("prepare", "update", desired);
        host.ok("node", "update", join);
        expect(host.exists(staged("one"))).toBe(false);
        expect(host.read(HOSTS_FILE)).not.toContain("Basic");
    });

    it("are there for a program that takes them back, though others were staged", () => {
        stage("two");
        host.ok("prepare", "update", { ...desired, SECRETS: "one" });
        host.ok("node", "update", { ...join, SECRETS: "one" });
        expect(host.read(HOSTS_FILE)).toContain("Basic one-login");
        expect([host.exists(staged("one")), host.exists(staged("two"))]).toEqual([true, false]);
    });

    it.each(["prepare", "node"])("stop %s where they are not those that it needs", (phase) => {
        const { code, stderr } = host.run(phase, "update", { ...desired, ...join, SECRETS: "two" });
        expect(code).toBe(1);
        expect(stderr).toContain("the passwords that this step needs are not staged on this host; nothing was changed");
        expect(stderr).toContain("pulumi up --replace '**-w1-secrets'");
        expect(host.read(HOSTS_FILE)).toContain("Basic one-login");
    });
});
