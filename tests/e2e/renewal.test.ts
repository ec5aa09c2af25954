import { X509Certificate } from "crypto";
import { mkdtempSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { operatorEnvironment } from "../../lab/operator";
import { capture } from "../../tools/process";
import { letCertificatesEnd } from "./certificateEnds";
import { said } from "./stack";

/** What every renewal here rests on: a plain `up` makes the product's own certificates anew, in time and not before. */
const folder = mkdtempSync(path.join(tmpdir(), "renewal-"));
let algorithm: string | undefined;
const pulumi = async (...words: string[]) =>
    capture(["pulumi", ...words, "--stack", "test", "--non-interactive", "--color", "never"], {
        cwd: path.join(__dirname, "renewal"),
        env: { ...(await operatorEnvironment()), PULUMI_BACKEND_URL: `file://${folder}`, KEY_ALGORITHM: algorithm },
        timeoutMs: 300_000,
    });

async function up(...words: string[]): Promise<Record<string, string>> {
    const outcome = await pulumi("up", "--yes", "--skip-preview", ...words);
    expect(outcome.code, said(outcome)).toBe(0);
    return JSON.parse((await pulumi("stack", "output", "--json")).stdout);
}

const endIn = (days: Record<string, number>) =>
    letCertificatesEnd(pulumi, path.join(folder, "state.json"), (name) => days[name]);

beforeAll(async () => {
    const outcome = await pulumi("stack", "init");
    expect(outcome.code, said(outcome)).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("an up renews the administrator's certificate in the last 30 days of its life, and no other", async () => {
    const made = await up();
    await endIn({ "pki-admin": 31, other: 31 });
    expect(await up()).toEqual(made);
    await endIn({ "pki-admin": 29, other: 31 });
    const renewed = await up();
    expect(renewed.admin).toContain("BEGIN CERTIFICATE");
    expect(renewed.admin).not.toBe(made.admin);
    expect({ ...renewed, admin: made.admin }).toEqual(made);
    expect(await up()).toEqual(renewed);
});

it("an up renews a certificate of 30 days in the last third of its life", async () => {
    const made = await up();
    await endIn({ month: 11 });
    expect(await up()).toEqual(made);
    await endIn({ month: 9 });
    const renewed = await up();
    expect(renewed.month).not.toBe(made.month);
    expect({ ...renewed, month: made.month }).toEqual(made);
});

it("docs/runbooks.md: a certificate that is replaced keeps its key, and a key that is replaced gets a certificate", async () => {
    const keyOf = ({ admin }: Record<string, string>) => new X509Certificate(admin).publicKey.export({ format: "jwk" });
    const made = await up();
    const signed = await up("--replace", "**pki-admin");
    expect(signed.admin).not.toBe(made.admin);
    expect(keyOf(signed)).toEqual(keyOf(made));
    const changed = await up("--replace", "**pki-admin-key");
    expect(keyOf(changed)).not.toEqual(keyOf(made));
    expect({ ...changed, admin: made.admin }).toEqual(made);
    expect(await up()).toEqual(changed);
});

it("another key algorithm makes new keys of leaf certificates, and keeps those of the cluster", async () => {
    const made = await up();
    algorithm = "RSA-2048";
    const changed = await up();
    expect(new X509Certificate(changed.admin).publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
    expect({ ...changed, admin: made.admin }).toEqual(made);
    expect(await up()).toEqual(changed);
});
