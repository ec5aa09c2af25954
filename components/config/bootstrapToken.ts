import { createHmac } from "crypto";
import { HostArgs } from "../types";

/** A join credential for one machine: Kubernetes' bootstrap token, `<id>.<secret>` (6 and 16 of [a-z0-9]). */
export interface BootstrapToken {
    node: string;
    id: string;
    secret: string;
}

/**
 * Derived from a key that only the control plane has, so a worker's credential is known without asking a host for it.
 * The machine's address and host key are part of it: a replaced machine gets one of its own, its predecessor's is no good.
 */
export function bootstrapToken(serviceAccountKey: string, host: HostArgs): BootstrapToken {
    const identity = [host.name, host.address, host.hostKey ?? ""].join("\n");
    const digest = createHmac("sha256", serviceAccountKey).update(`bootstrap-token\n${identity}`).digest("hex");
    return { node: host.name, id: digest.slice(0, 6), secret: digest.slice(6, 22) };
}
