import { ChildProcess, spawn } from "child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { controlPlaneDesired } from "./desired";
import { PREFLIGHT } from "./preflight";
import { Result, Sandbox } from "./sandbox";

const LOCK = "/run/pulumi-kubeadm.lock";

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
});
afterEach(() => host.remove());

/** Another run, which holds the host for some seconds and tells when it ends. A release deletes the lock's file. */
async function anotherRun(seconds: number, ends = "true"): Promise<ChildProcess> {
    const work = `touch /fake/held; sleep ${seconds}; ${ends}; echo another run ends >>/fake/calls`;
    const child = spawn("setsid", ["chroot", host.root, "flock", LOCK, "bash", "-c", work], { stdio: "ignore" });
    await expect.poll(() => host.exists("fake/held"), { timeout: 30_000 }).toBe(true);
    return child;
}

const LOOK = `flock --nonblock ${LOCK} true && echo free >>/fake/calls || echo held >>/fake/calls`;
const looks = () => [...new Set(host.calls().filter((call) => /^(free|held)$/.test(call)))];

function shorten(name: string, seconds: number): void {
    for (const file of ["toolkit/lib/core/host-lock.sh", "toolkit/lib/core/log.sh"]) {
        host.write(file, host.read(file).replace(new RegExp(`${name}=\\d+`), `${name}=${seconds}`));
    }
}

describe("a run on a host", () => {
    it("waits for another run to end before its first call", async () => {
        await anotherRun(2);
        host.ok("prepare", "create", controlPlaneDesired());
        expect(host.calls()[0]).toBe("another run ends");
    });

    it("holds the host while it works, and leaves it free when it has ended", () => {
        host.write("usr/local/sbin/sysctl", `#!/bin/bash\n${LOOK}\n`);
        host.ok("prepare", "create", controlPlaneDesired());
        expect(looks()).toEqual(["held"]);
        host.exec(["sysctl"]);
        expect(looks()).toEqual(["free"]);
    });

    it("holds the host although the run that it waited for has deleted the lock's file", async () => {
        await anotherRun(2, `rm ${LOCK}`);
        host.write("toolkit/phases/look.sh", `phase_look() { ${LOOK}; }\n`);
        host.ok("look", "update", PREFLIGHT);
        expect(looks()).toEqual(["held"]);
    });

    it("leaves no lock where nothing is to be released", () => {
        host.ok("release", "delete", controlPlaneDesired());
        expect(host.exists(LOCK)).toBe(false);
    });

    it("names the step that holds the host, and its processes, when that does not end", async () => {
        host.write("toolkit/phases/hold.sh", "phase_hold() { touch /fake/held; sleep 50; }\n");
        shorten("HOST_LOCK_SECONDS", 2);
        shorten("PROGRESS_SECONDS", 1);
        const holding = host.start("hold", "update", PREFLIGHT);
        await expect.poll(() => host.exists("fake/held"), { timeout: 30_000 }).toBe(true);
        const waiting = spawn("chroot", [host.root, "flock", "--wait", "40", LOCK, "true"], { stdio: "ignore" });
        const { code, stderr } = host.run("prepare", "create", controlPlaneDesired());
        waiting.kill();
        expect(code).toBe(1);
        const owner = /its phase hold of cp1, process (\d+), since 20\d\d-/.exec(stderr);
        expect(stderr).toContain(`: waiting for another run to leave this host (at most 2s): ${owner?.[0]}`);
        expect(stderr).toContain(`: still waiting for another run to leave this host (1s of 2s): ${owner?.[0]}`);
        expect(stderr).toMatch(/^ *\d+ +\d+ S\S* +\d+ sleep 50$/m);
        expect(stderr).toContain(
            "error: another run still holds this host after 2s (/run/pulumi-kubeadm.lock): its phase hold",
        );
        expect(stderr).not.toContain("flock --wait");
        process.kill(Number(owner?.[1]), "SIGKILL");
        process.kill(Number(/(\d+) +\d+ S\S* +\d+ sleep 50/.exec(stderr)?.[1]), "SIGKILL");
        await holding;
    });

    it("waits for nobody in preflight, which changes nothing", async () => {
        const { pid } = await anotherRun(50);
        expect(host.run("preflight", "create", PREFLIGHT).code).toBe(0);
        expect(host.calls()).not.toContain("another run ends");
        process.kill(-pid!, "SIGKILL");
    });
});

describe("a run that was killed while it waited", () => {
    const isFree = (): boolean => {
        host.exec(["bash", "-c", `flock --nonblock ${LOCK} touch /fake/free`]);
        return host.exists("fake/free");
    };
    const wait = (what: string): Result => {
        host.write("toolkit/phases/wait.sh", `phase_wait() {\n${what}\n}\n`);
        const started = Date.now();
        const result = host.run("wait", "update", PREFLIGHT);
        expect(Date.now() - started).toBeLessThan(30_000);
        return result;
    };

    it("leaves the host although the signal missed a subshell", () => {
        const { code, stderr } = wait(`
            vain() { kill -KILL "$$"; return 1; }
            answer=$(wait_for_output 900 "what never comes" vain)
        `);
        expect(code).toBeNull();
        expect(stderr).toContain("waiting for what never comes (at most 900s)");
        expect(isFree()).toBe(true);
    });

    it("leaves the host when nobody reads any more what it says", () => {
        shorten("PROGRESS_SECONDS", 1);
        wait(`
            exec 2> >(head -n 1 >/dev/null)
            wait_for 900 "what never comes" false
        `);
        expect(isFree()).toBe(true);
    });

    it("begins nothing on a host that it waited for, and says so in the journal", async () => {
        await anotherRun(2);
        host.write("usr/local/sbin/logger", '#!/bin/bash\necho "${@:4}" >>/fake/journal\n');
        host.exec(["chmod", "755", "/usr/local/sbin/logger"]);
        host.write("toolkit/lib/core/deaf.sh", "exec 2> >(head -n 1 >/dev/null)\n");
        wait("touch /fake/worked");
        expect(host.exists("fake/worked")).toBe(false);
        expect(isFree()).toBe(true);
        expect(host.read("fake/journal")).toMatch(
            /waiting for another run.*\n.*the other run has left this host\n.*was ended by a signal after/,
        );
    });
});

it("a long wait says from time to time what it still waits for", () => {
    shorten("PROGRESS_SECONDS", 2);
    host.write(
        "toolkit/phases/wait.sh",
        'vain() { echo "first"; echo "default/web: the budget allows none"; return 1; }\nphase_wait() { wait_for 5 "the pods" vain; }\n',
    );
    const { stderr } = host.run("wait", "update", PREFLIGHT);
    expect(
        stderr.match(/still waiting for the pods \(\ds of 5s\): default\/web: the budget allows none\n/g),
    ).toHaveLength(2);
});
