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
const TOKEN_LENGTH = 22;

/** kubeadm makes a token at random unless its configuration has one; this one expires at once and is good for nothing. */
export const PLACEHOLDER_TOKEN: BootstrapToken = { id: "unused", secret: "0000000000000000" };

/**
 * The tokens of all worker nodes, none with another's id. Derived from a key that only the control plane has, so a worker's
 * credential is known without asking a host for it. The machine's address and host key are part of it: a replaced machine
 * gets one of its own, its predecessor's is no good.
 */
export function bootstrapTokens(
    serviceAccountKey: string,
    hosts: HostSettings[],
    derive = derivedToken,
): BootstrapTokens {
    const taken = new Set([PLACEHOLDER_TOKEN.id]);
    const tokens: BootstrapTokens = {};
    // Sorted, so that which of two colliding ones gives way does not depend on the list's order.
    const sorted = [...hosts].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const host of sorted) {
        let attempt = 0;
        let token = derive(serviceAccountKey, host, attempt);
        while (taken.has(token.id)) token = derive(serviceAccountKey, host, ++attempt);
        taken.add(token.id);
        tokens[host.name] = token;
    }
    return tokens;
}

function derivedToken(serviceAccountKey: string, host: HostSettings, attempt: number): BootstrapToken {
    const identity = ["bootstrap-token", host.name, host.address, host.hostKey ?? "", attempt].join("\n");
    const digest = createHmac("sha256", serviceAccountKey).update(identity).digest("hex");
    const text = BigInt(`0x${digest}`).toString(36).slice(-TOKEN_LENGTH).padStart(TOKEN_LENGTH, "0");
    return { id: text.slice(0, ID_LENGTH), secret: text.slice(ID_LENGTH) };
}
