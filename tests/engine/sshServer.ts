import { ChildProcess, spawn } from "child_process";
import { mkdirSync, writeFileSync } from "fs";
import { AddressInfo, createServer } from "net";
import { userInfo } from "os";
import * as path from "path";
import { onTestFinished } from "vitest";
import { findOnPath } from "../../tools/onPath";
import { waitFor } from "../../tools/process";
import { ensureSshd } from "../sshd";
import { keyPair, testFolder } from "../unit/keyPair";

/** A real sshd on this machine, with keys and a configuration of its own. */
export interface SshServer {
    address: string;
    port: number;
    user: string;
    hostKey: string;
    /** A private key that it accepts. */
    privateKey: string;
    /** How many logins it has accepted. */
    logins: () => number;
}

/** Ends with the test. Where sshd takes the first of several lines, these win. */
export async function startSshServer(...lines: string[]): Promise<SshServer> {
    await ensureSshd(() => {});
    const folder = testFolder();
    const [host, login] = [keyPair("-t", "ed25519", "-N", ""), keyPair("-t", "ed25519", "-N", "")];
    const { username: user, uid } = userInfo();
    const port = await freePort();
    const at = (name: string) => path.join(folder, name);
    writeFileSync(at("authorized_keys"), login.publicKey);
    const config = [
        ...[...lines, `ListenAddress 127.0.0.1:${port}`, `HostKey ${host.file}`],
        ...[`AuthorizedKeysFile ${at("authorized_keys")}`, "PidFile none", "StrictModes no", "UsePAM no"],
        ...["PasswordAuthentication no", "PermitRootLogin prohibit-password", "LogLevel VERBOSE"],
    ];
    writeFileSync(at("sshd_config"), config.join("\n") + "\n");
    // As root, sshd does not start without it.
    if (uid === 0) mkdirSync("/run/sshd", { recursive: true });
    const log = running(spawn(findOnPath("sshd") ?? "/usr/sbin/sshd", ["-D", "-e", "-f", at("sshd_config")]));
    await waitFor("sshd to listen", 30_000, () => log().includes("Server listening"));
    const logins = () => log().split("Accepted publickey").length - 1;
    return { address: "127.0.0.1", port, user, hostKey: host.publicKey, privateKey: login.privateKey, logins };
}

/** What the process has said. The end of the test ends it. */
function running(sshd: ChildProcess): () => string {
    let said = "";
    sshd.stderr!.on("data", (text: Buffer) => (said += text.toString()));
    onTestFinished(() => void sshd.kill());
    return () => said;
}

const freePort = (): Promise<number> =>
    new Promise((resolve) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address() as AddressInfo;
            server.close(() => resolve(port));
        });
    });
