import * as fs from "fs";
import * as path from "path";
import { built } from "../buildCache";
import { must } from "../process";
import type { Report } from "../report";

/** Signatures and indexes carry this time, so that a machine whose clock jumped back still accepts them. */
export const signingTime = new Date("2025-01-01T00:00:00Z");

const user = "pulumi-kubeadm lab mirror <lab@localhost>";

/** gpg on a key ring of the lab's own, at the fixed time. */
const gpg = (home: string, ...args: string[]): string[] => {
    const time = signingTime.toISOString().replace(/[-:]|\.000Z/g, "");
    return ["gpg", "--homedir", home, "--batch", "--yes", "--quiet", "--faked-system-time", `${time}!`, ...args];
};

/** The key that signs the lab's apt repositories, made once per machine; its public half is public.asc. */
export async function signingKey(say: Report): Promise<string> {
    return built(say, "signing-key", [user, signingTime], async (home) => {
        fs.chmodSync(home, 0o700);
        const options = ["--passphrase", "", "--quick-generate-key", user, "ed25519", "sign", "never"];
        await must("making the mirror's signing key", gpg(home, ...options));
        await must("exporting the key", gpg(home, "--armor", "--output", publicKey(home), "--export"));
        await stopAgent(home);
    });
}

export const publicKey = (home: string): string => path.join(home, "public.asc");

/** Writes InRelease beside Release. */
export async function clearSign(home: string, release: string): Promise<void> {
    const output = path.join(path.dirname(release), "InRelease");
    await must("signing a repository", gpg(home, "--output", output, "--clear-sign", release));
}

/** gpg leaves an agent behind for the next call. */
export async function stopAgent(home: string): Promise<void> {
    await must("stopping the key's agent", ["gpgconf", "--homedir", home, "--kill", "gpg-agent"]);
}
