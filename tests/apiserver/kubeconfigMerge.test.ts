import { spawnSync } from "child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { kubeconfig } from "../../components/cluster/kubeconfig";
import { ensureTools } from "../../tools/toolchain";

/** The command of the runbook, word by word. */
const runbook = readFileSync(path.join(__dirname, "../../docs/runbooks.md"), "utf8");
const command = /```sh\n([^]*?)```/.exec(runbook.split("## Add the kubeconfig to ~/.kube/config")[1])![1];

const ours = (certificate: string): string =>
    kubeconfig({
        clusterName: "kubernetes",
        endpoint: "[fd00::100]:8443",
        caCertificate: "a CA: of prod\n",
        userName: "kubernetes-admin",
        credentials: { certificate, privateKey: "a key" },
    });

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** A person's file, with a cluster of kubeadm's that has the same names as ours. */
const PRESENT = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "kubernetes-admin@kubernetes",
    clusters: [
        { name: "kubernetes", cluster: { server: "https://192.0.2.1:6443", "certificate-authority": "other/ca.crt" } },
        { name: "another", cluster: { server: "https://192.0.2.2:6443", "insecure-skip-tls-verify": true } },
    ],
    contexts: [
        {
            name: "kubernetes-admin@kubernetes",
            context: { cluster: "kubernetes", user: "kubernetes-admin", namespace: "web" },
        },
        { name: "another", context: { cluster: "another", user: "by-token" } },
    ],
    users: [
        {
            name: "kubernetes-admin",
            user: { "client-certificate-data": base64("theirs"), "client-key-data": base64("key") },
        },
        { name: "by-token", user: { token: "a token" } },
        { name: "by-password", user: { username: "ops", password: "a password" } },
        {
            name: "by-program",
            user: {
                exec: { apiVersion: "client.authentication.k8s.io/v1", command: "login", interactiveMode: "Never" },
            },
        },
    ],
};

interface Named {
    name: string;
}
type Config = Record<"clusters" | "contexts" | "users", Named[]> & { "current-context": string };

let kubectl: string;
let home: string;
const file = (...names: string[]): string => path.join(home, ...names);
const merged = (): Config => parse(readFileSync(file(".kube/config"), "utf8")) as Config;
const entry = (list: "clusters" | "contexts" | "users", name: string): Named | undefined =>
    merged()[list].find((one) => one.name === name);

beforeAll(async () => {
    const report = (line: string): void => void process.stdout.write(`[tools] ${line}\n`);
    ({ kubectl } = await ensureTools(["kubectl"], report));
});
beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), "kubeconfig-"));
    mkdirSync(file("bin"));
    writeFileSync(file("bin/pulumi"), '#!/bin/sh\necho "$*" >"$HOME/asked"\ncat "$HOME/output"\n', { mode: 0o755 });
    writeFileSync(file("output"), ours("a certificate"));
});
afterEach(() => rmSync(home, { recursive: true }));

function run(script = command): { code: number | null; stderr: string } {
    const PATH = `${file("bin")}:${path.dirname(kubectl)}:${process.env.PATH}`;
    const { status, stderr } = spawnSync("sh", ["-c", script], { env: { HOME: home, PATH }, encoding: "utf8" });
    return { code: status, stderr };
}

function present(text = stringify(PRESENT)): void {
    mkdirSync(file(".kube"));
    writeFileSync(file(".kube/config"), text);
    chmodSync(file(".kube/config"), 0o644);
}

describe("the kubeconfig in ~/.kube/config", () => {
    it("is a file for its owner alone where there was none, and has the cluster by the stack's name", () => {
        expect(run()).toEqual({ code: 0, stderr: "" });
        expect(readFileSync(file("asked"), "utf8")).toBe("stack output kubeconfig --show-secrets --stack prod\n");
        expect(statSync(file(".kube/config")).mode & 0o777).toBe(0o600);
        expect(statSync(file(".kube")).mode & 0o777).toBe(0o700);
        expect(readdirSync(file(".kube"))).toEqual(["config"]);
        expect(merged()["current-context"]).toBe("");
        expect(merged().contexts).toEqual([{ name: "prod", context: { cluster: "prod", user: "prod" } }]);
        expect(entry("clusters", "prod")).toEqual({
            name: "prod",
            cluster: {
                server: "https://[fd00::100]:8443",
                "certificate-authority-data": base64("a CA: of prod\n"),
            },
        });
    });

    // A name with its organization and project; others that YAML would take for a number, a boolean or nothing.
    it.each(["acme/clusters/prod", "123", "1e3", "yes", "null"])("has the cluster by the name %s", (name) => {
        present();
        expect(run(command.replace("name=prod", `name=${name}`))).toEqual({ code: 0, stderr: "" });
        expect(readFileSync(file("asked"), "utf8")).toContain(`--stack ${name}\n`);
        expect(entry("contexts", name)).toEqual({ name, context: { cluster: name, user: name } });
        expect(entry("clusters", name)).toMatchObject({ cluster: { server: "https://[fd00::100]:8443" } });
        expect(entry("users", name)).toMatchObject({ user: { "client-key-data": base64("a key") } });
        expect(merged().contexts).toHaveLength(PRESENT.contexts.length + 1);
    });

    it("loses nothing of what was there, not even a cluster of the same names", () => {
        present();
        expect(run()).toEqual({ code: 0, stderr: "" });
        expect(statSync(file(".kube/config")).mode & 0o777).toBe(0o600);
        expect(merged()["current-context"]).toBe("kubernetes-admin@kubernetes");
        for (const list of ["clusters", "contexts", "users"] as const) {
            // A path that is relative to the file stays so.
            for (const one of PRESENT[list]) expect(entry(list, one.name)).toMatchObject(one);
            expect(merged()[list]).toHaveLength(PRESENT[list].length + 1);
        }
    });

    it("has the new certificate when it is merged again, and is the same file otherwise", () => {
        present();
        run();
        const once = readFileSync(file(".kube/config"), "utf8");
        run();
        expect(readFileSync(file(".kube/config"), "utf8")).toBe(once);
        writeFileSync(file("output"), ours("a renewed certificate"));
        run();
        const renewed = once.replace(base64("a certificate"), base64("a renewed certificate"));
        expect(readFileSync(file(".kube/config"), "utf8")).toBe(renewed);
    });

    it.each([
        ["pulumi fails", () => writeFileSync(file("bin/pulumi"), "#!/bin/sh\nexit 1\n")],
        ["kubectl cannot read the present file", () => writeFileSync(file(".kube/config"), "{ broken")],
    ])("stays as it is when %s", (_, spoil) => {
        present();
        spoil();
        const before = readFileSync(file(".kube/config"), "utf8");
        expect(run().code).not.toBe(0);
        expect(readFileSync(file(".kube/config"), "utf8")).toBe(before);
        expect(readdirSync(file(".kube"))).toEqual(["config"]);
    });
});
