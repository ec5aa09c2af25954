import { readFileSync } from "fs";
import { expect, it } from "vitest";
import { gunzipSync } from "zlib";
import * as lab from "../../../lab/api";
import { expectReady, podsReachEachOther } from "../looks";
import { eventually, kubectl, onHost, said, Stack } from "../stack";
import { testTopology } from "../topology";
import { holderLost } from "./failures";

const controlPlane = ["cp1", "cp2", "cp3"];
/** Those of the moment: cp4 comes for cp3. */
const nodes = [...controlPlane, "w1", "w2"];
const ADDRESS: Record<string, string> = { cp1: "11", cp2: "12", cp3: "13", cp4: "14", w1: "21", w2: "22" };

/** Whether a host that is no part of the cluster gets a connection. */
async function strangerGets(host: string, port: number): Promise<boolean> {
    const dial = `timeout 3 bash -c '</dev/tcp/10.88.0.${ADDRESS[host]}/${port}'`;
    return (await lab.exec("stranger", dial)).code === 0;
}

/** Two Services of type NodePort in front of the pod on w2: for one, only w2 itself answers, and sees who calls. */
const nodePort = (name: string, port: number, policy: string): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec:
    type: NodePort
    externalTrafficPolicy: ${policy}
    selector: { app: server }
    ports: [{ port: 80, targetPort: 8080, nodePort: ${port} }]
---`;
const SERVICES = nodePort("everywhere", 30080, "Cluster") + nodePort("where-it-runs", 30081, "Local");

const fetched = (url: string) => onHost("stranger", `curl --silent --fail --max-time 3 ${url}`);

function testWhatIsOpen(): void {
    it("lets a stranger in where anyone may call, and nowhere else", async () => {
        const open = async (ports: number[], hosts: string[]) =>
            Object.fromEntries(
                await Promise.all(
                    hosts.map(async (host) => {
                        const answers = await Promise.all(ports.map((port) => strangerGets(host, port)));
                        return [host, ports.filter((_, i) => answers[i])];
                    }),
                ),
            );
        expect(await open([22, 2379, 2380, 6443, 8443, 10250], controlPlane)).toEqual({
            cp1: [22, 6443, 8443],
            cp2: [22, 6443, 8443],
            // No firewall: all that listens there answers, and shows that the others' silence is the firewall's.
            cp3: [22, 2379, 2380, 6443, 8443, 10250],
        });
        expect(await open([22, 10250], ["w1", "w2"])).toEqual({ w1: [22], w2: [22] });
    });

    it("lets NodePorts in on every node, from outside the nodes' network", async () => {
        await kubectl("wait", "--for=condition=Ready", "pod/server-w2", "--timeout=60s");
        await onHost("cp3", `kubectl --kubeconfig /etc/kubernetes/admin.conf apply -f - <<'END'\n${SERVICES}\nEND`);
        for (const host of nodes) {
            await eventually(20, `NodePort of ${host}`, async () =>
                expect(await fetched(`http://10.88.0.${ADDRESS[host]}:30080/`)).toBe("hello from w2"),
            );
        }
        expect(await fetched("http://10.88.0.22:30081/")).toBe("hello from w2");
    });
}

/**
 * The longest time, in seconds, in which the client's pod on w1 got no answer from the service while `act` went on. The pod
 * keeps the times itself: an exec's stream ends with the connection to the endpoint, which is not what is asked here.
 */
async function silenceDuring(act: () => Promise<unknown>): Promise<number> {
    const inPod = (script: string) => kubectl("exec", "client-w1", "--", "busybox", "sh", "-c", script);
    const loop =
        "date +%s; end=$(($(date +%s) + 15)); while [ $(date +%s) -lt $end ]; do " +
        "curl -sf -o /dev/null --max-time 1 http://server.default.svc.cluster.local/ && date +%s; sleep 0.2; done; date +%s";
    await inPod(`{ ${loop}; echo end; } >/tmp/answers 2>/dev/null </dev/null &`);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await act();
    const answers = await eventually(30, "the end of the pod's questions", () =>
        inPod("grep -q end /tmp/answers && cat /tmp/answers"),
    );
    const times = answers.split("\n").slice(0, -1).map(Number);
    expect(times.length, "answers, and the times when it began and ended").toBeGreaterThan(12);
    return Math.max(...times.slice(1).map((time, i) => time - times[i]));
}

function testReloads(): void {
    it("goes on through a reload of every host's firewall", async () => {
        const silence = await silenceDuring(async () => {
            await Promise.all(["cp2", "w1"].map((host) => onHost(host, "ufw reload")));
            await Promise.all(["cp1", "w2"].map((host) => onHost(host, "firewall-cmd --reload")));
        });
        expect(silence, "seconds without an answer").toBeLessThanOrEqual(3);
    });

    it("goes on after a reboot of hosts with a firewall", async () => {
        await Promise.all(["w1", "w2"].map((host) => lab.kill(host)));
        await Promise.all(["w1", "w2"].map((host) => lab.startHost(host)));
        await eventually(180, "pods after the reboot", podsReachEachOther);
        expect(await strangerGets("w1", 10250)).toBe(false);
        expect(await strangerGets("w2", 10250)).toBe(false);
    });
}

const rulesOf = (host: string) =>
    onHost(host, "ufw show added 2>/dev/null || firewall-cmd --policy pulumi-kube-host --list-rich-rules");

function testChange(stack: Stack): void {
    it("closes what is not wanted any more on the live hosts, and opens it again", async () => {
        const kubelets = () => Promise.all(nodes.map((host) => onHost(host, "systemctl show kubelet -p MainPID")));
        const before = { kubelets: await kubelets(), rules: await Promise.all(["cp1", "w1"].map(rulesOf)) };
        for (const rules of before.rules) expect(rules).toContain("32767");
        const firewall = { ...stack.config.firewall, nodePorts: false };
        const closed = await new Stack({ ...stack.config, firewall }).up();
        expect(closed.code, said(closed)).toBe(0);
        for (const host of ["cp1", "w1"]) expect(await rulesOf(host), host).not.toContain("32767");
        const opened = await stack.up();
        expect(opened.code, said(opened)).toBe(0);
        const sorted = (text: string) => text.split("\n").sort();
        expect((await Promise.all(["cp1", "w1"].map(rulesOf))).map(sorted)).toEqual(before.rules.map(sorted));
        expect(await kubelets()).toEqual(before.kubelets);
    });
}

/** Three hosts have an sudo that asks for it; it is in firewall-hosts.yaml too. */
const PASSWORD = `it's "pä" $HOME `;
/** Part of it, in JSON too. */
const READABLE = /pä\\*" \$HOME/;
const ASKING = ["cp1", "cp3", "w1"];

function testPasswords(stack: Stack): void {
    const withPassword = (sudoPassword?: string) =>
        new Stack({ ...stack.config, ssh: { ...stack.config.ssh, sudoPassword } });

    it.each([
        ["without a password", undefined, "got none, and sudo refuses the user ops without one; set it"],
        ["with a wrong one", "wr0ng", "got a password with which sudo refuses the user ops, expected that user's"],
    ])("changes no host %s, and names those whose sudo asks for it", async (_, password, got) => {
        const outcome = await withPassword(password).up();
        expect(outcome.code).not.toBe(0);
        for (const host of nodes) {
            const fault = `[preflight] ${host}: error: ssh.sudoPassword: ${got}`;
            expect(said(outcome).includes(fault), host).toBe(ASKING.includes(host));
            expect(await onHost(host, "ls -d /var/lib/pulumi-kubeadm 2>/dev/null || true"), host).toBe("");
        }
        expect(said(outcome)).not.toContain("wr0ng");
    });
}

function testSecrecy(stack: Stack): void {
    it("keeps the password of sudo secret: the state and a preview have the desired state in plain text, and not the password", async () => {
        const state = gunzipSync(readFileSync(stack.stateFile())).toString();
        expect(state).toContain("FIREWALL_PODS_FROM='any'");
        expect(state).not.toMatch(READABLE);
        const firewall = { ...stack.config.firewall, nodePorts: false };
        const preview = await new Stack({ ...stack.config, firewall }).preview("--diff");
        expect(preview.code, said(preview)).toBe(0);
        expect(preview.stdout).toMatch(/::cluster-w1-desired\][^]*?- FIREWALL_PODS_FROM='any'/);
        expect(said(preview)).not.toMatch(READABLE);
        const written =
            "find /etc /home /root /run /tmp /var/log /var/log/journal /var/lib/pulumi-kubeadm -xdev -type f";
        for (const host of ASKING) {
            expect(await onHost(host, `${written} -exec grep -laF '"pä" $HOME' {} + || true`), host).toBe("");
        }
    });
}

function testSuccessor(stack: Stack): void {
    it("lets a new control plane node in, which takes the place of another one", async () => {
        const [cp1, cp2] = stack.config.controlPlaneNodes;
        stack.config.controlPlaneNodes = [cp1, cp2, { name: "cp4", address: "10.88.0.14" }];
        const outcome = await stack.up();
        expect(outcome.code, said(outcome)).toBe(0);
        nodes[nodes.indexOf("cp3")] = "cp4";
        await expectReady(nodes);
        for (const host of ["cp1", "cp2"]) expect(await rulesOf(host), host).toContain("10.88.0.14");
        expect(await strangerGets("cp4", 2379)).toBe(false);
        expect(await strangerGets("cp4", 8443)).toBe(true);
        // Its release has given sudo the password.
        expect(await onHost("cp3", "ls -d /var/lib/pulumi-kubeadm 2>/dev/null || true")).toBe("");
    });
}

testTopology("firewalls", {
    hosts: [...nodes, "cp4", "stranger"],
    nodes,
    hostsFile: "firewall-hosts.yaml",
    failures: [holderLost([...controlPlane, "cp4"], 8)],
    change: (config) => ({ ...config, ssh: { ...config.ssh, sudoPassword: PASSWORD } }),
    beforehand: testPasswords,
    prepare: async () => {
        // The administrators' own rules, one of which says what the cluster needs too: all of them stay.
        await onHost("cp2", "ufw allow 6443/tcp && ufw deny from 192.0.2.1");
        await onHost("w2", "firewall-cmd --permanent --add-port 7777/tcp && firewall-cmd --reload");
    },
    looks: (stack) => {
        testSecrecy(stack);
        testWhatIsOpen();
        testReloads();
        testChange(stack);
        testSuccessor(stack);
    },
});
