import { copyFileSync } from "fs";
import * as path from "path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Sandbox } from "../scripts/sandbox";
import { ApiServer } from "./apiServer";

/** The lock of changes with the real kubectl, kube-apiserver and etcd. A lock is lost here after six seconds. */
const LOCK_SECONDS = 6;

let api: ApiServer;
let hosts: Sandbox[];

beforeAll(async () => {
    api = await ApiServer.start();
});
afterAll(() => api?.stop());

beforeEach(() => {
    hosts = [1, 2].map(() => {
        const host = new Sandbox();
        copyFileSync(api.tools.kubectl, path.join(host.root, "usr/local/sbin/kubectl"));
        host.write("etc/kubernetes/admin.conf", api.kubeconfig());
        const lock = "toolkit/lib/core/change-lock.sh";
        host.write(lock, host.read(lock).replace("LOCK_SECONDS=30", `LOCK_SECONDS=${LOCK_SECONDS}`));
        host.write("toolkit/lib/etcd/zz-plain.sh", plainEtcd(api.etcdPort));
        host.write("toolkit/phases/hold.sh", HOLD);
        host.write("var/lib/pulumi-kubeadm/desired.env", "");
        return host;
    });
});
afterEach(() => hosts.forEach((host) => host.remove()));

/** A phase that holds the lock, and prints when it had it. */
const HOLD = `
phase_hold() {
    lock_changes "$KIND"
    date +%s%3N
    echo "hold $NODE_NAME" >>/fake/calls
    sleep "$HOLD"
    date +%s%3N
    unlock_changes
}
`;

/** The test's etcd has no TLS, and the sandbox's own curl is a fake. */
const plainEtcd = (port: number): string => `
etcd_urls() { echo "http://127.0.0.1:${port}"; }
etcd_call() { /usr/bin/curl --silent --fail --max-time 5 "$1/v3/$2" --data "$3"; }
`;

const times = (stdout: string): number[] => stdout.trim().split("\n").map(Number);

describe.each(["lease", "etcd-lock"])("the lock of changes, a %s", (kind) => {
    const hold = (node: number, seconds: number) => ({
        ...{ CLUSTER_ID: "this-cluster", NODE_NAME: `cp${node}`, NODE_ADDRESS: "192.0.2.11", ROLE: "control-plane" },
        ...{ KIND: kind, HOLD: seconds },
    });

    it("is held by one host at a time, for as long as it needs it", async () => {
        const results = await Promise.all(
            hosts.map((host, i) => host.start("hold", "update", hold(i + 1, LOCK_SECONDS + 3))),
        );
        for (const { code, stderr } of results) expect(code, stderr).toBe(0);
        const [first, second] = results.map(({ stdout }) => times(stdout)).sort((one, other) => one[0] - other[0]);
        expect(second[0]).toBeGreaterThanOrEqual(first[1]);
        expect(results.map(({ stderr }) => stderr).join("")).toContain("waiting for another host to end its change");
    });

    it("is free when a phase has failed", async () => {
        hosts[0].write("toolkit/phases/fail.sh", 'phase_fail() { lock_changes "$KIND"; die "as told"; }\n');
        expect((await hosts[0].start("fail", "update", hold(1, 0))).stderr).toContain("as told");
        const { stderr } = await hosts[1].start("hold", "update", hold(2, 0));
        expect(stderr).not.toContain("waiting for another host");
    });

    it("of a host that was killed goes to it at once, and to another one when it has not been renewed", async () => {
        const [host, other] = hosts;
        await host.runAndKillAt(/hold cp1/, "hold", "update", hold(1, 60));
        const again = Date.now();
        expect((await host.start("hold", "update", hold(1, 0))).code).toBe(0);
        expect(Date.now() - again).toBeLessThan(LOCK_SECONDS * 1000);

        host.write("fake/calls", "");
        await host.runAndKillAt(/hold cp1/, "hold", "update", hold(1, 60));
        const killed = Date.now();
        const { code, stdout, stderr } = await other.start("hold", "update", hold(2, 0));
        expect(code, stderr).toBe(0);
        expect(times(stdout)[0] - killed).toBeGreaterThan((LOCK_SECONDS - 2) * 1000);
        expect(times(stdout)[0] - killed).toBeLessThan(LOCK_SECONDS * 3000);
    });
});
