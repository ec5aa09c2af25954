/** Checks of OpenSSH's keys that need no host. */

const PUBLIC_KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) ([A-Za-z0-9+/]+={0,2})( .*)?$/;

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

/** Why a text cannot be the private key of a login that nobody types a passphrase for; undefined when it can. */
export function privateKeyProblem(text: string): string | undefined {
    if (isPublicKey(text.trim())) return "a public key";
    const [, kind, body] =
        /^-----BEGIN ([A-Z ]*)PRIVATE KEY-----([\s\S]*)-----END \1PRIVATE KEY-----\s*$/.exec(text.trim()) ?? [];
    if (kind === undefined || (kind === "OPENSSH " && opensshBlob(body).length === 0)) return "a text of another form";
    return isEncrypted(kind, body) ? "a key with a passphrase" : undefined;
}

const MAGIC = "openssh-key-v1\0";

/** The fields of OpenSSH's own format, after its magic; none of another text. */
function opensshBlob(body: string): Buffer {
    const blob = Buffer.from(body, "base64");
    return blob.subarray(0, MAGIC.length).toString() === MAGIC ? blob.subarray(MAGIC.length) : Buffer.alloc(0);
}

/** The first field of OpenSSH's own format is the cipher (PROTOCOL.key). */
const NO_CIPHER = Buffer.from("\0\0\0\x04none");

/** PKCS#8 says so in its first line, PEM in a header, OpenSSH's own format in its cipher. */
function isEncrypted(kind: string, body: string): boolean {
    if (kind === "ENCRYPTED " || body.includes("Proc-Type: 4,ENCRYPTED")) return true;
    return kind === "OPENSSH " && !opensshBlob(body).subarray(0, NO_CIPHER.length).equals(NO_CIPHER);
}
