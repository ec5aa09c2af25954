import { ChildProcess, spawn } from "child_process";
import { AddressInfo, Server, Socket, connect, createServer } from "net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";

let host: Sandbox;
let server: Server;
let port: number;
beforeEach(async () => {
    host = new Sandbox();
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
});
afterEach(() => {
    server.close();
    host.remove();
});

/** No host has it, and the kernel itself refuses a connection: "Network is unreachable". */
const NOWHERE = "224.0.0.1";
/** Nothing listens there. */
const REFUSED = 1;

const preflight = (peers: string[], changes = {}) =>
    host.run("preflight", "create", { ...PREFLIGHT, PEERS: peers, ...changes });
const facts = (stdout: string) => JSON.parse(stdout) as { unreached?: string[]; time: number };

describe("the check of other hosts' ports", () => {
    it("takes a connection and a refused one for an answer, and nothing else", () => {
        const { code, stdout, stderr } = preflight([
            `cp2 127.0.0.1 ${port} ${REFUSED}`,
            `cp3 ${NOWHERE} 6443 2379`,
            "cp4 ::1 1",
        ]);
        expect(code, stderr).toBe(0);
        expect(facts(stdout).unreached).toEqual(["cp3 2379", "cp3 6443"]);
        expect(Math.abs(facts(stdout).time - Date.now() / 1000)).toBeLessThan(60);
        expect(stderr).toContain("no answer from cp3 at port 2379");
        expect(stderr).not.toContain("cp2");
    });

    it("takes silence for none, and waits for many silent ports no longer than for one", async () => {
        const silent = await SilentServer.start();
        try {
            const peers = Array.from({ length: 12 }, (_, i) => `cp${i + 2} 127.0.0.1 ${silent.port}`);
            const since = Date.now();
            const { code, stdout } = preflight(peers);
            expect(code).toBe(0);
            expect(facts(stdout).unreached).toHaveLength(12);
            expect(Date.now() - since).toBeLessThan(15_000);
        } finally {
            silent.stop();
        }
    });

    it("says nothing on a live host, on a host without peers, and where it is left out", () => {
        const peers = [`cp3 ${NOWHERE} 6443`];
        expect(facts(preflight([]).stdout)).not.toHaveProperty("unreached");
        expect(facts(preflight(peers, { PREFLIGHT_SKIP: ["peers"] }).stdout)).not.toHaveProperty("unreached");
        host.write("var/lib/pulumi-kubeadm/joined", "this-cluster\n");
        expect(facts(preflight(peers).stdout)).not.toHaveProperty("unreached");
    });
});

describe("the check of packets of the interface's MTU", () => {
    /** A network that takes packets up to that size, and a peer at .13 that answers no ping. */
    function network(mtu: number): void {
        host.write("sys/class/net/eth1/mtu", "9000\n");
        fake("ip", `[[ $* != *"route get"* ]] || { echo "\${!#} dev eth1 src 192.0.2.11 uid 0"; exit; }`);
        fake(
            "ping",
            `[[ $* == *" -M do "* && \${!#} != *13 ]] || exit 1
            while [[ $1 != -s ]]; do shift; done
            header=28; [[ $3 != *:* ]] || header=48
            (($2 + header <= ${mtu}))`,
        );
    }

    /** Runs before the fake that is there. */
    function fake(name: string, text: string): void {
        const before = host.exists(`usr/local/sbin/${name}`) ? host.read(`usr/local/sbin/${name}`) : "";
        host.write(`usr/local/sbin/${name}`, `#!/bin/bash\n${text}\n${before}`);
        host.exec(["chmod", "755", `/usr/local/sbin/${name}`]);
    }

    const peers = ["cp2 192.0.2.12", "cp3 192.0.2.13", "cp4 2001:db8::4"];

    it("names the interface, the peers and the size that passes", () => {
        network(1450);
        const { code, stderr } = preflight(peers);
        expect(code).toBe(1);
        for (const peer of ["cp2 (192.0.2.12)", "cp4 (2001:db8::4)"]) {
            expect(stderr).toContain(
                `got an MTU of 9000 on eth1, but a packet of that size does not reach ${peer}; 1450 bytes pass`,
            );
        }
        expect(stderr).toMatch(/to do: set the MTU of eth1 to 1450, or raise that of the network/);
        expect(stderr).toContain("2 fault(s)");
    });

    it("says nothing where they pass, and where no ping is answered", () => {
        network(9000);
        expect(preflight(peers)).toMatchObject({ code: 0, stderr: "" });
        network(0);
        expect(preflight(peers)).toMatchObject({ code: 0, stderr: "" });
    });
});

/** A program that listens and is stopped: once its queue is full, the kernel answers no connection. */
class SilentServer {
    private readonly waiting: Socket[] = [];

    private constructor(
        private readonly program: ChildProcess,
        public readonly port: number,
    ) {}

    static async start(): Promise<SilentServer> {
        const text = `const s = require("net").createServer().listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => console.log(s.address().port))`;
        const program = spawn(process.execPath, ["-e", text], { stdio: ["ignore", "pipe", "inherit"] });
        const said = await new Promise<Buffer>((resolve) => program.stdout.once("data", resolve));
        program.kill("SIGSTOP");
        const server = new SilentServer(program, Number(said.toString()));
        for (let i = 0; i < 4; i++) server.waiting.push(connect(server.port, "127.0.0.1").on("error", () => {}));
        await new Promise((resolve) => setTimeout(resolve, 200));
        return server;
    }

    stop(): void {
        this.program.kill("SIGKILL");
        for (const socket of this.waiting) socket.destroy();
    }
}
