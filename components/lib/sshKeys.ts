import { isOpenable, parseOpensshKey } from "./opensshKey";
import { privateKeyType } from "./pem";

/** Checks of OpenSSH's keys that need no host. */

const PUBLIC_KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) ([A-Za-z0-9+/]+={0,2})( .*)?$/;

/** A public key as `<type> <base64>` and its comment: a file ends with a line break. */
export const tidyPublicKey = (text: string): string => text.trim().replace(/^(\S+)\s+(\S+)/, "$1 $2");

/** Whether a text is a public key, `<type> <base64>`, whose blob is of that type (RFC 4253, 6.6) and has a key after it. */
export function isPublicKey(text: string): boolean {
    const [, type, base64] = PUBLIC_KEY.exec(text) ?? [];
    if (type === undefined) return false;
    const blob = Buffer.from(base64, "base64");
    const fields = sshStrings(blob);
    const lengths = { "ssh-ed25519": 2, "ssh-rsa": 3 } as Record<string, number | undefined>;
    if (fields?.[0]?.toString() !== type || fields.length !== (lengths[type] ?? 3)) return false;
    return type !== "ssh-ed25519" || fields[1].length === 32;
}

/** The fields of a blob, each after its length (RFC 4251, 5); undefined when it ends within one. */
function sshStrings(blob: Buffer): Buffer[] | undefined {
    const fields: Buffer[] = [];
    for (let at = 0; at < blob.length;) {
        if (at + 4 > blob.length) return undefined;
        const end = at + 4 + blob.readUInt32BE(at);
        if (end > blob.length) return undefined;
        fields.push(blob.subarray(at + 4, end));
        at = end;
    }
    return fields;
}

/**
 * A private key as both Go and OpenSSH read it: without what stands before or after it, a byte order mark, carriage returns and
 * indentation.
 */
export function tidyPrivateKey(text: string): string {
    const lines = text.split(/\r\n|\r|\n/).map((line) => line.replace("\uFEFF", "").trim());
    const first = lines.findIndex((line) => /^-----BEGIN .*PRIVATE KEY-----$/.test(line));
    const last = lines.findIndex((line) => /^-----END .*PRIVATE KEY-----$/.test(line));
    return first < 0 || last < first ? text : lines.slice(first, last + 1).join("\n") + "\n";
}

/** What `privateKeyProblem` says of a key that its passphrase opens. */
export const WITH_PASSPHRASE = "a key with a passphrase";

/** Why a text cannot be the private key of a login that nobody types a passphrase for; undefined when it can. */
export function privateKeyProblem(text: string): string | undefined {
    if (isPublicKey(tidyPublicKey(text))) return "a public key";
    const key = tidyPrivateKey(text);
    const [, kind, body] =
        /^-----BEGIN ([A-Z ]*)PRIVATE KEY-----\n([^]*)\n-----END \1PRIVATE KEY-----\n$/.exec(key) ?? [];
    if (kind === undefined) return "a text of another form";
    if (kind === "OPENSSH ") return opensshProblem(key);
    if (kind === "ENCRYPTED " || body.includes("Proc-Type: 4,ENCRYPTED")) return WITH_PASSPHRASE;
    // OpenSSH reads no other key of these in PEM.
    const type = privateKeyType(key);
    return type === undefined || type === "rsa" || type === "ec" ? undefined : `a key of type ${type} in PEM`;
}

function opensshProblem(text: string): string | undefined {
    const key = parseOpensshKey(text);
    if (key === undefined) return "a text of another form";
    if (key.cipher === "none") return undefined;
    return isOpenable(key) ? WITH_PASSPHRASE : `a key with a passphrase and the cipher ${key.cipher}`;
}
