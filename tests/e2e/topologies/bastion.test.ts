import { ChildProcess, execFileSync, spawn } from "child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "fs";
import * as path from "path";
import { afterAll, expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { LAB_DIR, LAB_FILES } from "../../../lab/paths";
import { waitFor } from "../../../tools/process";
import { expectReady } from "../looks";
import { eventually, onHost, said, type Config } from "../stack";
import { testTopology } from "../topology";

const BASTION = "10.88.0.9";
const FOLDER = path.join(LAB_DIR, "e2e");
const SOCKET = path.join(FOLDER, "agent");
const LOCKED_KEY = path.join(FOLDER, "locked-key");

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];
const hosts = ["lb1", ...nodes];

const throughBastion = (config: Config): Config => ({
    ...config,
    ssh: {
        user: "ops",
        agent: true,
        bastion: { address: BASTION },
        knownHostsFile: config.ssh.knownHostsFile,
    },
});

let agent: ChildProcess | undefined;

/** An agent with the lab's key, and no SSH from this machine but to the bastion. */
async function closeOff(): Promise<void> {
    mkdirSync(FOLDER, { recursive: true });
    rmSync(SOCKET, { force: true });
    agent = spawn("ssh-agent", ["-D", "-a", SOCKET], { stdio: "ignore" });
    await waitFor("ssh-agent", 30_000, () => existsSync(SOCKET));
    process.env.SSH_AUTH_SOCK = SOCKET;
    execFileSync("ssh-add", ["-q", LAB_FILES.clientKey]);
    const rule = ["OUTPUT", "-p", "tcp", "--dport", "22", "!", "-d", BASTION, "-j", "REJECT"];
    const outcome = await lab.run(["iptables", "-w", "-I", ...rule]);
    expect(outcome.code, outcome.stderr).toBe(0);
}

/** The addresses from which a host's sshd has accepted keys. */
const loginsFrom = async (host: string): Promise<string[]> => {
    const from = "sed -n 's/.*Accepted publickey for [^ ]* from \\([^ ]*\\) .*/\\1/p'";
    return (await onHost(host, `journalctl --quiet --output cat | ${from} | sort --unique`)).split("\n");
};

afterAll(() => {
    agent?.kill();
    rmSync(LOCKED_KEY, { force: true });
    delete process.env.SSH_AUTH_SOCK;
});

testTopology("haproxy-dedicated", {
    title: "hosts behind a bastion",
    hosts: ["lb2", ...hosts],
    nodes,
    change: throughBastion,
    prepare: closeOff,
    looks: (stack) => {
        it("every login came from the bastion", async () => {
            for (const host of hosts) expect(await loginsFrom(host), host).toEqual([BASTION]);
        });

        it("the state does not have the private key", async () => {
            const [, body] = readFileSync(LAB_FILES.clientKey, "utf8").split("\n");
            expect(body).toMatch(/^\S{60,}$/);
            const { stdout } = await lab.run(["pulumi", "stack", "export", "--show-secrets", "--stack", "dev"]);
            expect(stdout).not.toContain(body);
        });

        it("a key with a passphrase in place of the agent changes nothing on the hosts", async () => {
            copyFileSync(LAB_FILES.clientKey, LOCKED_KEY);
            execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "the passphrase", "-f", LOCKED_KEY]);
            const { agent: _, ...ssh } = stack.config.ssh;
            stack.config.ssh = { ...ssh, privateKeyFile: LOCKED_KEY, privateKeyPassphrase: "the passphrase" };
            const before = await started();
            const outcome = await stack.up();
            expect(outcome.code, said(outcome)).toBe(0);
            // The kubelets end the pods of the verification by themselves, within seconds.
            await eventually(30, "the same containers run", async () => expect(await started()).toEqual(before));
            await eventually(60, "every node is Ready", () => expectReady(nodes));
        });
    },
    failures: [],
});

/** When the programs of every host were started. */
const started = (): Promise<string[]> =>
    Promise.all(
        hosts.map((host) =>
            onHost(
                host,
                "systemctl show --property ExecMainStartTimestampMonotonic containerd kubelet haproxy; " +
                    "! command -v crictl >/dev/null || crictl ps --quiet --no-trunc | sort",
            ),
        ),
    );
