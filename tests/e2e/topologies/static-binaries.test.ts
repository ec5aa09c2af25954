import { afterAll, expect, it } from "vitest";
import { expectReady } from "../looks";
import { expectRestartedInTurn } from "../order";
import { serveBinaries } from "../staticBinaries";
import { onHost, said, Stack } from "../stack";
import { powerCut, testTopology } from "../topology";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];
const packages = (host: string) => onHost(host, "dpkg-query -W; stat -c %Y /var/lib/dpkg/status");

let mirror: Awaited<ReturnType<typeof serveBinaries>>;
let before: string[];
afterAll(() => mirror?.close());

testTopology("static-binaries", {
    hosts: nodes,
    nodes,
    images: "all",
    // Repositories of packages have no part in it.
    change: ({ sources: { registryMirrors }, ...config }) => ({ ...config, sources: { registryMirrors } }),
    prepare: async (stack) => {
        mirror = await serveBinaries();
        stack.config.sources.binaries = mirror.binaries;
        const refused = await stack.up();
        // What these hosts lack is told before anything is changed; their administrator brings it.
        expect(said(refused)).toContain("jq: not found on this host, expected it for this library's scripts");
        await Promise.all(
            nodes.map((host) => onHost(host, "apt-get -qq update && apt-get -qq install -y jq >/dev/null")),
        );
        // The copied scripts are all that a refused host has of us.
        await stack.destroy();
        await Promise.all(nodes.map((host) => onHost(host, "rm -rf /home/ops/.pulumi-kubeadm")));
        before = await Promise.all(nodes.map(packages));
    },
    failures: [powerCut("cp2", 15)],
    looks: (stack) => {
        it("no package came, and what runs are the files", async () => {
            expect(await Promise.all(nodes.map(packages))).toEqual(before);
            expect(await onHost("w1", "readlink /proc/$(pidof kubelet)/exe")).toMatch(
                /^\/opt\/pulumi-kubeadm\/kubelet-[0-9a-f]{64}\/kubelet$/,
            );
            expect(await onHost("w1", "ls /usr/bin/kube* /usr/bin/containerd* 2>/dev/null || true")).toBe("");
            expect(await onHost("cp1", "kubeadm certs check-expiration")).toContain("apiserver");
        });

        it("another containerd is rolled out, one node after the other, and no pod of w2's is restarted", async () => {
            const containers = async () => (await onHost("w2", "crictl ps --quiet")).split("\n");
            const running = await containers();
            mirror.release("containerd");
            const outcome = await stack.up();
            expect(outcome.code, said(outcome)).toBe(0);
            const program = "readlink /proc/$(pidof containerd)/exe";
            for (const host of nodes) {
                expect(await onHost(host, program), host).toContain(
                    Object.values(mirror.binaries.containerd!.sha256!)[0],
                );
            }
            await expectRestartedInTurn("containerd", nodes);
            expect(await onHost("w2", "ls /opt/pulumi-kubeadm | grep -c containerd")).toBe("1");
            // Others may have come, from a control plane node that was drained.
            expect(await containers()).toEqual(expect.arrayContaining(running));
            await expectReady(nodes);
        });

        it("a file of another checksum than the one asked for is refused, and the program stays on every node", async () => {
            const crictl = () => Promise.all(nodes.map((host) => onHost(host, "readlink -f /usr/local/bin/crictl")));
            const installed = await crictl();
            const wrong = { ...mirror.binaries, crictl: { sha256: { amd64: "a".repeat(64), arm64: "a".repeat(64) } } };
            const sources = { ...stack.config.sources, binaries: wrong };
            const outcome = await new Stack({ ...stack.config, sources }).up();
            expect(outcome.code).not.toBe(0);
            expect(said(outcome)).toMatch(/got sha256 [0-9a-f]{64}, expected a{64}; nothing was installed/);
            expect(await crictl()).toEqual(installed);
            const again = await stack.up();
            expect(again.code, said(again)).toBe(0);
            await expectReady(nodes);
        });
    },
});
