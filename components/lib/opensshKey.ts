import { createDecipheriv } from "crypto";

/** OpenSSH's own format of private keys (PROTOCOL.key in its sources). */

const FIRST_LINE = "-----BEGIN OPENSSH PRIVATE KEY-----";
const LAST_LINE = "-----END OPENSSH PRIVATE KEY-----";
const MAGIC = Buffer.from("openssh-key-v1\0");

export interface OpensshKey {
    /** `none` for a key without a passphrase. */
    cipher: string;
    /** Of the function that makes the cipher's key from the passphrase: a salt and a number of rounds. */
    kdfOptions: Buffer;
    publicKey: Buffer;
    /** Two equal numbers, then the key and its comment; encrypted by the cipher. */
    privateKey: Buffer;
}

export const isOpenssh = (text: string): boolean => text.startsWith(FIRST_LINE);

/** The key in a tidy text; undefined for a text of another form. */
export function parseOpensshKey(text: string): OpensshKey | undefined {
    const blob = Buffer.from(text.replace(FIRST_LINE, "").replace(LAST_LINE, ""), "base64");
    if (!blob.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
    try {
        const fields = new Fields(blob.subarray(MAGIC.length));
        const [cipher, , kdfOptions] = [fields.string(), fields.string(), fields.string()];
        // A file has one key.
        fields.number();
        return { cipher: cipher.toString(), kdfOptions, publicKey: fields.string(), privateKey: fields.string() };
    } catch {
        return undefined;
    }
}

/** Numbers and texts one after the other (RFC 4251, 5). It throws where the blob ends within one. */
class Fields {
    private at = 0;

    constructor(private readonly blob: Buffer) {}

    number(): number {
        this.at += 4;
        return this.blob.readUInt32BE(this.at - 4);
    }

    string(): Buffer {
        const length = this.number();
        this.at += length;
        if (this.at > this.blob.length) throw new RangeError("the blob ends within a text");
        return this.blob.subarray(this.at - length, this.at);
    }
}

/** ssh-keygen's own choice is aes256-ctr; these are the other ones that Go reads, or older versions wrote. */
const CIPHER = /^aes(128|192|256)-(ctr|cbc)$/;
const IV_LENGTH = 16;

export const isOpenable = ({ cipher }: OpensshKey): boolean => CIPHER.test(cipher);

/** The text of the key without its passphrase; undefined where that is not the key's. It differs from none of the same key with another one. */
export function openOpensshKey(key: OpensshKey, passphrase: string): string | undefined {
    const [, bits, mode] = CIPHER.exec(key.cipher)!;
    const keyLength = Number(bits) / 8;
    const secret = bcryptPbkdf(passphrase, key.kdfOptions, keyLength + IV_LENGTH);
    const [cipherKey, iv] = [secret.subarray(0, keyLength), secret.subarray(keyLength)];
    const decipher = createDecipheriv(`aes-${bits}-${mode}`, cipherKey, iv).setAutoPadding(false);
    const opened = Buffer.concat([decipher.update(key.privateKey), decipher.final()]);
    if (opened.readUInt32BE(0) !== opened.readUInt32BE(4)) return undefined;
    // They are random, and other ones whenever ssh-keygen writes the file.
    opened.fill(0, 0, 8);
    const none = string(Buffer.from("none"));
    const fields = [MAGIC, none, none, string(Buffer.alloc(0)), uint32(1), string(key.publicKey), string(opened)];
    const lines = Buffer.concat(fields)
        .toString("base64")
        .replace(/.{70}(?=.)/g, "$&\n");
    return [FIRST_LINE, lines, LAST_LINE, ""].join("\n");
}

function bcryptPbkdf(passphrase: string, options: Buffer, length: number): Buffer {
    // It is loaded where a key has a passphrase, and nowhere else: loading takes 20 ms.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import cannot wait for that
    const { pbkdf } = require("bcrypt-pbkdf") as { pbkdf: Pbkdf };
    const fields = new Fields(options);
    const [salt, rounds] = [fields.string(), fields.number()];
    const text = Buffer.from(passphrase);
    const made = Buffer.alloc(length);
    pbkdf(text, text.length, salt, salt.length, made, length, rounds);
    return made;
}

/** bcrypt_pbkdf of OpenBSD, which Node's crypto does not have. */
type Pbkdf = (
    ...args: [
        text: Buffer,
        textLength: number,
        salt: Buffer,
        saltLength: number,
        made: Buffer,
        length: number,
        rounds: number,
    ]
) => number;

function uint32(value: number): Buffer {
    const blob = Buffer.alloc(4);
    blob.writeUInt32BE(value);
    return blob;
}

const string = (text: Buffer): Buffer => Buffer.concat([uint32(text.length), text]);
