import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { secretsOf, workerDesired } from "./desired";
import { Sandbox } from "./sandbox";

const HOSTS_FILE = "etc/containerd/certs.d/registry.example.com/hosts.toml";
const STAGED = "var/lib/pulumi-kubeadm/secrets.env";
const desired = { ...workerDesired(), REGISTRIES: "registry.example.com https://registry.example.com" };
const login = (word: string) => ({ SECRETS: word, REGISTRY_LOGINS: `registry.example.com ${word}` });
const join = { PKI_CA_CERT: "CA", BOOTSTRAP_TOKEN: "a.b" };

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
});
afterEach(() => host.remove());

const stage = (word: string) => host.ok("secrets", "create", secretsOf(desired, login(word)));

describe("the secrets of a new host", () => {
    it("lie in a file of root's, beside the desired state, are used by prepare, and are printed nowhere", () => {
        const said = stage("dXNlcjpPTkU=");
        expect(host.mode(STAGED)).toBe("600");
        const prepared = host.ok("prepare", "create", { ...desired, SECRETS: "dXNlcjpPTkU=" });
        expect(said + prepared).not.toContain("dXNlcjpPTkU=");
        expect(host.read("var/lib/pulumi-kubeadm/desired.env")).not.toContain("dXNlcjpPTkU=");
        expect(host.read(HOSTS_FILE)).toContain('authorization = "Basic dXNlcjpPTkU="');
    });

    it("are refused on a host of another cluster", () => {
        host.ok("prepare", "create", { ...desired, CLUSTER_ID: "another" });
        const { code, stderr } = host.run("secrets", "create", secretsOf(desired, login("ONE")));
        expect(code).toBe(1);
        expect(stderr).toContain("this host belongs to another cluster (another)");
        expect(host.exists(STAGED)).toBe(false);
    });
});

describe("the secrets of a live host", () => {
    beforeEach(() => {
        stage("ONE");
        host.ok("prepare", "create", { ...desired, SECRETS: "ONE" });
        host.ok("node", "create", { ...join, SECRETS: "ONE" });
    });

    it("are applied when they change alone", () => {
        stage("TWO");
        host.ok("prepare", "update", { ...desired, SECRETS: "TWO" });
        expect(host.read(HOSTS_FILE)).toContain("Basic ONE");
        host.ok("node", "update", { ...join, SECRETS: "TWO" });
        expect(host.read(HOSTS_FILE)).toContain("Basic TWO");
    });

    it("leave it with the program", () => {
        host.ok("prepare", "update", desired);
        host.ok("node", "update", join);
        expect(host.exists(STAGED)).toBe(false);
        expect(host.read(HOSTS_FILE)).not.toContain("Basic");
    });

    it.each(["prepare", "node"])("are not others than %s was sent for", (phase) => {
        stage("TWO");
        const { code, stderr } = host.run(phase, "update", { ...desired, ...join, SECRETS: "ONE" });
        expect(code).toBe(1);
        expect(stderr).toContain("other passwords are staged on this host than this step needs");
        expect(host.read(HOSTS_FILE)).toContain("Basic ONE");
    });
});
