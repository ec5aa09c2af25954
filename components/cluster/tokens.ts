import { createHmac } from "crypto";
import { HostSettings } from "../model/hosts";

/** A join credential for one machine: Kubernetes' bootstrap token, `<id>.<secret>` (6 and 16 of [a-z0-9]). The id is no secret. */
export interface BootstrapToken {
    id: string;
    secret: string;
}

/** Tokens by the names of their nodes. */
export type BootstrapTokens = Record<string, BootstrapToken>;

const ID_LENGTH = 6;
const SECRET_LENGTH = 16;

/** kubeadm makes a token at random unless its configuration has one; this one expires at once and is good for nothing. */
export const PLACEHOLDER_TOKEN: BootstrapToken = { id: "unused", secret: "0000000000000000" };

/**
 * The token of one worker node, from a key that only the control plane has, so it is known without asking a host for it. The machine's
 * address and host key are part of its id: a replaced machine gets one of its own, its predecessor's is no good. The secret comes from
 * the id. So no token depends on another machine, and two whose ids are the same by chance (of 1000 workers in one cluster of 4000)
 * share one token.
 */
export function bootstrapToken(
    serviceAccountKey: string,
    { name, address, hostKey = "" }: HostSettings,
): BootstrapToken {
    const id = letters(serviceAccountKey, ["bootstrap-token-id", name, address, hostKey], ID_LENGTH);
    return { id, secret: letters(serviceAccountKey, ["bootstrap-token-secret", id], SECRET_LENGTH) };
}

/** Of [a-z0-9], derived from the texts with the key. */
function letters(key: string, texts: string[], length: number): string {
    const digest = createHmac("sha256", key).update(texts.join("\n")).digest("hex");
    return BigInt(`0x${digest}`).toString(36).slice(-length).padStart(length, "0");
}

/** As the phase `cluster` reads them: `node id secret`. */
export const tokenRows = (tokens: BootstrapTokens): string[] =>
    Object.entries(tokens).map(([node, { id, secret }]) => `${node} ${id} ${secret}`);
