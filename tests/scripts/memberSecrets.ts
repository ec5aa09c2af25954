import { execFileSync } from "child_process";
import { mkdtempSync, readFileSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { ScriptParameters } from "../../components/host/contract";

const openssl = (...words: string[]) => execFileSync("openssl", words, { stdio: "pipe" });

/** What the member e1, a founder of three, is sent: a real CA, because the host signs its own certificates with it. */
export function memberSecrets(): ScriptParameters {
    const folder = mkdtempSync(path.join(tmpdir(), "etcd-ca-"));
    const [key, certificate] = ["ca.key", "ca.crt"].map((name) => path.join(folder, name));
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key);
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=etcd-ca", "-days", "2", "-out", certificate);
    const text = (file: string) => readFileSync(file, "utf8").trimEnd();
    const secrets = {
        NODE_NAME: "e1",
        PKI_ETCD_CA_CERT: text(certificate),
        PKI_ETCD_CA_KEY: text(key),
        FOUNDER: "0123456789abcdef0123456789abcdef",
        FOUNDERS: ["e1=192.0.2.11", "e2=192.0.2.12", "e3=192.0.2.13"],
        ETCD_CERTIFICATE_GENERATION: "first",
        ETCD_CERTIFICATE_DAYS: 365,
        ETCD_KEY_ALGORITHM: "ECDSA-P256",
    };
    rmSync(folder, { recursive: true });
    return secrets;
}

/** The three members as etcd's gateway lists them. */
export const THREE_MEMBERS = JSON.stringify({
    members: [11, 12, 13].map((last, i) => ({
        ID: String(i + 1),
        name: `e${i + 1}`,
        peerURLs: [`https://192.0.2.${last}:2380`],
        clientURLs: [`https://192.0.2.${last}:2379`],
    })),
});
