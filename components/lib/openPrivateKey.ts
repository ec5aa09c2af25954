import { createPrivateKey } from "crypto";
import { isOpenssh, openOpensshKey, parseOpensshKey } from "./opensshKey";
import { tidyPrivateKey } from "./sshKeys";

/** It takes half a second to open a key, by design of its format, and the same one is asked for several times. */
const known = new Map<string, string | undefined>();

/** The text of a key without its passphrase: the same one whatever the passphrase is. Undefined where the passphrase is not the key's. */
export function openPrivateKey(text: string, passphrase: string): string | undefined {
    const asked = JSON.stringify([text, passphrase]);
    if (!known.has(asked)) known.set(asked, open(tidyPrivateKey(text), passphrase));
    return known.get(asked);
}

function open(key: string, passphrase: string): string | undefined {
    try {
        if (isOpenssh(key)) return openOpensshKey(parseOpensshKey(key)!, passphrase);
        return createPrivateKey({ key, passphrase }).export({ type: "pkcs8", format: "pem" }).toString();
    } catch {
        return undefined;
    }
}
