import { beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../lab/api";
import { devConfig, eventually, HOSTS, kubectl, onHost, said, sshConnections, Stack, stepFailed } from "./stack";
import { membersSeenBy, STACKED, voters } from "./etcdMembers";
import { Footprint, footprint, footprints } from "./footprint";
import { expectReady, podsReachEachOther } from "./looks";
import { expectRestartedInTurn } from "./order";

/** The cluster of Pulumi.dev.yaml, from bad input to `destroy`, on real hosts. One story: each test goes on from the last. */
const stack = new Stack(devConfig());
const NODES = ["cp1", "cp2", "cp3", "w1", "w2"];
const CONTROL_PLANE = ["cp1", "cp2", "cp3"];
let before: Record<string, Footprint>;
let mended: string[] = [];

const etcdMembers = (host: string) => membersSeenBy(host, STACKED);
const VOTERS = voters(...CONTROL_PLANE);

beforeAll(async () => {
    await lab.down();
    await lab.up();
    before = await footprints(NODES);
});

describe("before anything is made", () => {
    it("a preview of the empty stack lists what will be made, and contacts nobody", async () => {
        const outcome = await stack.preview();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(outcome.stdout).toContain("pulumi-kubeadm:index:ControlPlaneNode");
        expect(outcome.stdout).toContain("cluster-w2-node");
        expect(await sshConnections()).toBe(0);
    });

    it("every fault of the configuration is reported at once, by its path, before any connection", async () => {
        const bad = new Stack({
            ...devConfig(),
            network: { podSubnet: "10.244.0.0/33" },
            workerNodes: [
                { name: "W1", address: "10.88.0.21" },
                { name: "cp1", address: "10.88.0.77" },
            ],
            lodBalancer: {},
            kubernetesVersion: "1.12.0",
        });
        const started = Date.now();
        const outcome = await bad.up();
        expect(outcome.code).not.toBe(0);
        for (const at of [
            "network.podSubnet",
            "workerNodes[0].name",
            "workerNodes[1].name",
            "workerNodes[1].hostKey",
            "kubernetesVersion",
        ]) {
            expect(said(outcome)).toContain(`${at}: `);
        }
        expect(said(outcome)).not.toMatch(/at .*\.ts:\d+/);
        // A second or two on a machine with nothing else to do; two slow cores have more in hand here.
        expect(Date.now() - started, "ms until it is told").toBeLessThan(8_000);
        expect(await sshConnections()).toBe(0);
    });

    it("a host that fails its preflight is named with the reason, and no host was changed", async () => {
        await onHost("cp2", "systemd-run --quiet --unit squatter -- /usr/sbin/sshd -D -p 6443");
        const machineId = await onHost("w2", "cat /etc/machine-id");
        await onHost("w2", `echo ${await onHost("w1", "cat /etc/machine-id")} > /etc/machine-id`);
        const outcome = await stack.up();
        expect(outcome.code).not.toBe(0);
        expect(said(outcome)).toMatch(/ cp2 +ports +port 6443: taken by 'sshd', expected it free$/m);

        await onHost("cp2", "systemctl stop squatter");
        const again = await stack.up();
        expect(said(again)).toMatch(
            /machine-id: w1 and w2 have the same id, [0-9a-f]{32}, expected a unique id on each/,
        );
        await onHost("w2", `echo ${machineId} > /etc/machine-id`);
        mended = ["--replace", "**-w1-preflight", "--replace", "**-w2-preflight"];
        // The scripts are copied before they look at a host.
        const withoutHomes = (looked: Footprint) => ({ ...looked, homes: "" });
        for (const host of NODES) expect(withoutHomes(await footprint(host)), host).toEqual(withoutHomes(before[host]));
    });
});

describe("an up that is killed half-way", () => {
    it("four times, by the loss of the engine, once of a host too, is finished by the next plain up", async () => {
        const bootstraps = () => onHost("cp2", "test -e /etc/kubernetes/manifests/etcd.yaml");
        await stack.upKilledWhen("a control plane node bootstraps", bootstraps, ...mended);
        await lab.kill("cp3");
        await lab.startHost("cp3");
        for (let i = 0; i < 3; i += 1) await stack.upKilledAtRandom(3_000, 23_000);

        const outcome = await stack.up();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(said(outcome)).toContain("interrupted while creating");
        const contacted = await sshConnections();
        const cleared = await stack.clearPendingCreates();
        expect(cleared.code, said(cleared)).toBe(0);
        expect(said(await stack.preview())).not.toContain("interrupted while creating");
        expect(await sshConnections()).toBe(contacted);
    });
});

describe("the cluster", () => {
    beforeAll(() => stack.useKubeconfig());

    it("has every node Ready, and three voting etcd members", async () => {
        await expectReady(NODES);
        expect(await etcdMembers("cp1")).toEqual(VOTERS);
    });

    it("has control plane nodes that take no workloads, and workers that do", async () => {
        const keys = "jsonpath={range .items[*]}{.metadata.name} {.spec.taints[*].key}\n{end}";
        const taints = await kubectl("get", "nodes", "-o", keys);
        const tainted = (name: string) =>
            `${name} ${name.startsWith("cp") ? "node-role.kubernetes.io/control-plane" : ""}`.trim();
        expect(taints.split("\n").map((line) => line.trim())).toEqual(NODES.map(tainted));
    });

    it("every apiserver's certificate carries its own name and address, the endpoint and the virtual address", async () => {
        for (const [host, address] of [
            ["cp1", "10.88.0.11"],
            ["cp2", "10.88.0.12"],
            ["cp3", "10.88.0.13"],
        ]) {
            const names = await onHost(
                host,
                "openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -ext subjectAltName",
            );
            for (const name of [`DNS:${host}`, `IP Address:${address}`, "IP Address:10.88.0.100"]) {
                expect(names).toContain(name);
            }
        }
    });

    it("kubeadm's own commands work on a node", async () => {
        expect(await onHost("cp2", "kubeadm certs check-expiration 2>&1")).toContain("apiserver-etcd-client");
        expect(
            await onHost("cp3", "kubeadm upgrade plan v1.36.3 --kubeconfig /etc/kubernetes/admin.conf 2>&1"),
        ).toContain("v1.36.3");
    });

    it("keeps no power on hosts that cannot be taken back", async () => {
        // Wherever it is, in memory too.
        const superAdmin =
            "find / \\( -path /proc -o -path /sys \\) -prune -o -name 'super-admin*' -print 2>/dev/null || true";
        for (const host of CONTROL_PLANE) {
            expect(await onHost(host, superAdmin), host).toBe("");
            const groups = await onHost(
                host,
                "kubectl --kubeconfig /etc/kubernetes/admin.conf auth whoami -o json | jq -c .status.userInfo.groups",
            );
            expect(groups).toContain("kubeadm:cluster-admins");
            expect(groups).not.toContain("system:masters");
        }
        expect(await kubectl("-n", "kube-system", "get", "secrets", "-o", "name")).not.toContain("bootstrap-token-");
        for (const host of CONTROL_PLANE) {
            expect(await onHost(host, "find /etc/kubernetes/pki -name '*.key' -perm /077"), host).toBe("");
        }
    });

    it("exports a kubeconfig of a group whose power RBAC can take back", async () => {
        const { status } = JSON.parse(await kubectl("auth", "whoami", "-o", "json"));
        expect(status.userInfo.groups).toContain("kubeadm:cluster-admins");
        expect(status.userInfo.groups).not.toContain("system:masters");
    });

    it("pods on different nodes reach each other, and services by name", podsReachEachOther);

    it("a second up changes nothing, and opens no SSH connection", async () => {
        const connections = await sshConnections();
        const outcome = await stack.plainUp();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(outcome.stdout.match(/Resources:\n\s+\d+ unchanged\n/g)).toHaveLength(2);
        expect(await sshConnections()).toBe(connections);
    });

    it("killing any one control plane host leaves the API answering through the endpoint", async () => {
        for (const host of CONTROL_PLANE) {
            await lab.kill(host);
            try {
                await eventually(20, `the endpoint without ${host}`, () => kubectl("get", "--raw", "/readyz"));
                await eventually(20, `a write without ${host}`, () =>
                    kubectl("create", "configmap", `without-${host}`),
                );
            } finally {
                await lab.startHost(host);
            }
            await eventually(120, `${host} is back`, async () => {
                expect(await etcdMembers(host)).toEqual(VOTERS);
                await onHost(host, "curl -skf https://127.0.0.1:6443/readyz");
            });
        }
    });
});

describe("a change", () => {
    it("a control plane host that lost its disk, the first included, costs one up", async () => {
        await lab.kill("cp1");
        await lab.startHost("cp1", { blank: true });
        const outcome = await stack.up();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(await etcdMembers("cp2")).toEqual(VOTERS);
        await expectReady(NODES);
    });

    it("a worker that is powered off is removed, with its Node", async () => {
        await lab.kill("w2");
        const workerNodes = devConfig().workerNodes.slice(0, 1);
        const outcome = await new Stack({ ...devConfig(), workerNodes }).up();
        expect(outcome.code, said(outcome)).toBe(0);
        await expectReady(["cp1", "cp2", "cp3", "w1"]);
    });

    it("a worker is added, and no other worker is touched", async () => {
        await lab.startHost("w2", { blank: true });
        const connections = await sshConnections(["w1"]);
        const outcome = await stack.up();
        expect(outcome.code, said(outcome)).toBe(0);
        await expectReady(NODES);
        expect(await sshConnections(["w1"])).toBe(connections);
    });

    it("a further certificate name is rolled out, one control plane node after the other", async () => {
        const changed = new Stack({ ...devConfig(), certSANs: ["kubernetes.example.com"] });
        const outcome = await changed.plainUp();
        expect(outcome.code, said(outcome)).toBe(0);
        for (const host of CONTROL_PLANE) {
            const names = await onHost(
                host,
                "echo | openssl s_client -connect 127.0.0.1:6443 2>/dev/null | openssl x509 -noout -ext subjectAltName",
            );
            expect(names, host).toContain("kubernetes.example.com");
        }
        await expectRestartedInTurn("kubelet", CONTROL_PLANE);
        await expectReady(NODES);
    });
});

describe("destroy", () => {
    it("leaves the hosts as they were", async () => {
        const outcome = await stack.destroy();
        expect(outcome.code, said(outcome)).toBe(0);
        const after = await footprints(NODES);
        for (const host of NODES) expect(after[host], host).toEqual(before[host]);
    });
});

describe("another shape on the same hosts: haproxy on a host of its own, reached as root", () => {
    const dedicated = new Stack({
        ...devConfig(),
        ssh: { ...devConfig().ssh, user: "root" },
        loadBalancer: { placement: "dedicated", hosts: [{ name: "lb1", address: "10.88.0.10" }] },
    });

    let connections: Record<string, number>;

    it("comes up without a worker that is off, and says so", async () => {
        connections = Object.fromEntries(
            await Promise.all(HOSTS.map(async (host) => [host, await lab.sshConnectionCount(host)])),
        );
        await lab.kill("w2");
        const outcome = await dedicated.up();
        expect(outcome.code).not.toBe(0);
        expect(stepFailed(outcome, "w2-toolkit"), said(outcome)).toBe(true);
        await dedicated.useKubeconfig();
        await eventually(60, "the others are Ready", () => expectReady(["cp1", "cp2", "cp3", "w1"]));
    });

    it("gets it with the next up, within the bounds per host", async () => {
        await lab.startHost("w2");
        const outcome = await dedicated.up();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(await dedicated.output("endpoint")).toBe("https://10.88.0.10:6443");
        await expectReady(NODES);
        for (const host of HOSTS) {
            expect(
                (await lab.sshConnectionCount(host)) - connections[host],
                `connections to ${host}`,
            ).toBeLessThanOrEqual(6);
            const own = dedicated.resources().filter(({ urn }) => new RegExp(`::cluster-(lb-)?${host}(-|$)`).test(urn));
            expect(own.length, `resources of ${host}`).toBeLessThanOrEqual(8);
        }
        const stored = Math.round(dedicated.storedBytes() / HOSTS.length);
        process.stdout.write(`[state] ${stored} bytes per host\n`);
        expect(stored, "stored bytes per host").toBeLessThanOrEqual(24 * 1024);
    });

    it("keeps answering while one of its control plane hosts is off", async () => {
        await lab.kill("cp2");
        await eventually(20, "the endpoint without cp2", () => kubectl("get", "--raw", "/readyz"));
        await lab.startHost("cp2");
    });

    it("is destroyed, though a host does not answer", async () => {
        await lab.kill("w2");
        const outcome = await dedicated.destroy();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(said(outcome)).toContain("did not answer; it was left as it is");
    });
});
