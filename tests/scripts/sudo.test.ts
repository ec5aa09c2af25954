import { spawnSync } from "child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Head, preamble, stepInput } from "../../components/host/contract";
import { phaseCommand, phaseInput } from "../../components/host/entry";
import { PREFLIGHT } from "./preflight";
import { Result, Sandbox, needed } from "./sandbox";

const PASSWORD = `pä's "q" $HOME \`id\` \\ `;
const SENT = `${preamble({ NODE_NAME: "w1" })}\n${preamble({ A: "b" })}`;

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    root("useradd --create-home --shell /bin/bash ops && cp -r toolkit /home/ops/.pulumi-kubeadm");
    root("chpasswd", `ops:${PASSWORD}`);
    allow("ops ALL=(ALL) ALL");
});
afterEach(() => host.remove());

const root = (command: string, input = ""): string =>
    spawnSync("chroot", [host.root, "bash", "-c", command], { input, encoding: "utf8" }).stdout;

const allow = (...lines: string[]) => host.write("etc/sudoers.d/ops", lines.map((line) => `${line}\n`).join(""));

/** Another run.sh. It gets its input, as the real one, in the pipe that it is told of. */
const runsInstead = (command: string) => host.write("home/ops/.pulumi-kubeadm/run.sh", `exec <"$3"\n${command}\n`);

/** Logs in as a user and runs the command that the program would send. */
function login(command: string, input: string): Result {
    const words = [
        "--userspec=ops:ops",
        host.root,
        "env",
        "-i",
        "PATH=/usr/bin:/bin",
        "bash",
        "-c",
        `cd /home/ops && ${command}`,
    ];
    const { status, stdout, stderr } = spawnSync("chroot", words, { input, encoding: "utf8", timeout: 60_000 });
    return { code: status, stdout, stderr };
}

const run = (password?: string, sent = SENT): Result =>
    login(phaseCommand("ops", "preflight", "create"), phaseInput("ops", password, sent));

const REFUSED = "[preflight] w1: error: ssh.sudoPassword: got";

describe("a login that is not root", () => {
    it.each([
        ["sudo asks", "ops ALL=(ALL) ALL", PASSWORD],
        ["sudo does not ask for the password that it has", "ops ALL=(ALL) NOPASSWD: ALL", PASSWORD],
        ["sudo does not ask, and it has none", "ops ALL=(ALL) NOPASSWD: ALL", undefined],
        ["sudo allows this one command", "ops ALL=(root) /usr/bin/bash .pulumi-kubeadm/run.sh *", PASSWORD],
    ])("runs a phase as root, with exactly what was sent: %s", (_, line, password) => {
        allow(line);
        runsInstead('printf "%s\\n" "$EUID $1 $2"; cat');
        expect(run(password)).toEqual({ code: 0, stdout: `0 preflight create\n${SENT}`, stderr: "" });
    });

    it("sends more than a pipe holds", () => {
        runsInstead("md5sum");
        const long = `${SENT}${"x".repeat(300_000)}\n`;
        expect(run(PASSWORD, long).stdout).toBe(root("md5sum", long));
    });

    it("runs the real phase, and no file and no command line has the password", () => {
        host.write("fake/start", "");
        host.write("usr/local/sbin/logger", "#!/bin/bash\n{ cat /proc/*/cmdline; env; } >>/fake/seen\n");
        root("chmod 755 /usr/local/sbin/logger");
        const { CLUSTER_ID, NODE_NAME, NODE_ADDRESS, ROLE, ...parameters } = PREFLIGHT;
        const head = { CLUSTER_ID, NODE_NAME, NODE_ADDRESS, ROLE } as Head;
        const sent = stepInput(head, { ...Object.fromEntries(needed("preflight")), ...parameters });
        const { code, stdout, stderr } = run(PASSWORD, sent);
        expect(code, stderr).toBe(0);
        expect(JSON.parse(stdout)).toHaveProperty("machineId");
        expect(host.read("fake/seen")).toContain("sudo\0-k\0-S");
        const written = "find /etc /fake /home /run /tmp /var -xdev -type f -newer /fake/start";
        expect(root(`${written} -exec grep -laF "pä's" {} +`)).toBe("");
    });

    it("leaves nothing that lets a later command run without the password", () => {
        allow("ops ALL=(ALL) ALL", "Defaults timestamp_type=global");
        runsInstead("cat");
        expect(run(PASSWORD).code).toBe(0);
        expect(login("sudo -n true", "")).toMatchObject({ code: 1 });
    });

    it("tells of a wrong password once, after one attempt, and sends sudo no parameter as another one", () => {
        runsInstead("echo it ran");
        const { code, stdout, stderr } = run("wr0ng", `${preamble({ NODE_NAME: "w1" })}${PASSWORD}\n`);
        expect([code, stdout]).toEqual([1, ""]);
        expect(stderr).toContain("1 incorrect password attempt");
        expect(stderr.split(REFUSED)).toHaveLength(2);
        expect(stderr).toContain(
            "got a password with which sudo refuses the user ops, expected that user's, and that sudoers allows the user to run any command; see the line above; nothing was changed",
        );
        expect(stderr).not.toContain("wr0ng");
    });

    it("tells what to set where sudo asks, and where it allows nothing", () => {
        runsInstead("echo it ran");
        const asked = run();
        expect([asked.code, asked.stdout]).toEqual([1, ""]);
        expect(asked.stderr).toContain("sudo: a password is required\n");
        expect(asked.stderr).toContain(`${REFUSED} none, and sudo refuses the user ops without one; set it, or`);
        allow();
        expect(run(PASSWORD).stderr).toMatch(/ops is not in the sudoers file[^]*ssh\.sudoPassword: got a password/);
    });

    it("does not blame sudo for a phase that fails", () => {
        runsInstead("cat >/dev/null; exit 3");
        expect(run(PASSWORD)).toEqual({ code: 3, stdout: "", stderr: "" });
    });

    it("does not blame sudo for a host that another run holds", () => {
        host.write("usr/local/sbin/flock", "#!/bin/bash\nexit 1\n");
        root("chmod 755 /usr/local/sbin/flock");
        const head = { CLUSTER_ID: "c", NODE_NAME: "w1", NODE_ADDRESS: "192.0.2.21", ROLE: "worker" };
        const sent = stepInput(head, {});
        const { code, stderr } = login(phaseCommand("ops", "release", "delete"), phaseInput("ops", PASSWORD, sent));
        expect(code).toBe(1);
        expect(stderr).toContain(
            "[release] w1: error: another run still holds this host after 600s (/run/pulumi-kubeadm.lock)",
        );
        expect(stderr).not.toContain("ssh.sudoPassword");
    });
});
