import * as fs from "fs";
import * as path from "path";
import { must } from "../../tools/process";
import type { Report } from "../../tools/progress";
import { built } from "../buildCache";

/** The time of signatures and indexes. It is in the past, so that a host whose clock is slow accepts them too. */
export const SIGNING_TIME = new Date("2025-01-01T00:00:00Z");

const USER = "pulumi-kubeadm lab mirror <lab@localhost>";

/** Returns a gpg command line with a keyring of its own and the fixed time. */
const gpg = (home: string, ...args: string[]): string[] => {
    const time = SIGNING_TIME.toISOString().replace(/[-:]|\.000Z/g, "");
    return ["gpg", "--homedir", home, "--batch", "--yes", "--quiet", "--faked-system-time", `${time}!`, ...args];
};

/** Returns the folder of the key that signs the lab's apt repositories. Each machine has one; public.asc is its public half. */
export async function signingKey(say: Report): Promise<string> {
    return built(say, "signing-key", [USER, SIGNING_TIME], async (home) => {
        fs.chmodSync(home, 0o700);
        const options = ["--passphrase", "", "--quick-generate-key", USER, "ed25519", "sign", "never"];
        await must("making the mirror's signing key", gpg(home, ...options));
        await must("exporting the key", gpg(home, "--armor", "--output", publicKey(home), "--export"));
        await stopAgent(home);
    });
}

export const publicKey = (home: string): string => path.join(home, "public.asc");

/** Signs a Release file. Writes InRelease beside it. */
export async function clearSign(home: string, release: string): Promise<void> {
    const output = path.join(path.dirname(release), "InRelease");
    await must("signing a repository", gpg(home, "--output", output, "--clear-sign", release));
}

/** Ends the agent that gpg starts for later calls. */
export async function stopAgent(home: string): Promise<void> {
    await must("stopping the key's agent", ["gpgconf", "--homedir", home, "--kill", "gpg-agent"]);
}
