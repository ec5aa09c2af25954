import { mkdirSync, writeFileSync } from "fs";
import * as path from "path";
import { expect, it } from "vitest";
import { LAB_DIR } from "../../../lab/paths";
import { memberPowerCut } from "../etcdMembers";
import { EtcdProgram } from "../etcdProgram";
import { expectReady } from "../looks";
import { Config, onHost, said, Stack } from "../stack";
import { testTopology } from "../topology";

const nodes = ["cp1", "cp2", "w1", "w2"];
const members = ["etcd1", "etcd2", "etcd3"];
const etcd = new EtcdProgram(members);

/** Somebody else's etcd, and the files that they hand over. */
async function prepare(stack: Stack): Promise<void> {
    const outcome = await etcd.up();
    expect(outcome.code, said(outcome)).toBe(0);
    const { certificate, privateKey } = JSON.parse(await etcd.output("client", "--json"));
    const folder = path.join(LAB_DIR, "existing-etcd");
    mkdirSync(folder, { recursive: true });
    const given: Config = { ...stack.config.etcd };
    for (const [key, text] of Object.entries({
        caFile: await etcd.output("caCertificate"),
        certFile: certificate,
        keyFile: privateKey,
    })) {
        given[key] = path.join(folder, path.basename(given[key]));
        writeFileSync(given[key], text, { mode: 0o600 });
    }
    stack.config = { ...stack.config, etcd: given };
}

testTopology("existing-etcd", {
    hosts: [...nodes, ...members],
    nodes,
    prepare,
    looks(stack) {
        it("an etcd endpoint that does not answer is told by its path, and no kube-apiserver gets it", async () => {
            const { etcd: good, ...config } = stack.config;
            const bad = new Stack({ ...config, etcd: { ...good, endpoints: ["https://10.88.0.31:2399"] } });
            const outcome = await bad.up();
            expect(outcome.code).not.toBe(0);
            expect(said(outcome)).toContain("etcd.endpoints: https://10.88.0.31:2399 does not answer this host");
            for (const host of ["cp1", "cp2"]) {
                const servers = await onHost(host, "grep etcd-servers /etc/kubernetes/manifests/kube-apiserver.yaml");
                expect(servers, host).toContain("https://10.88.0.31:2379");
                expect(servers, host).not.toContain(":2399");
            }
            const again = await stack.up();
            expect(again.code, said(again)).toBe(0);
        });

        it("another topology is refused on live hosts: etcd's data would stay behind", async () => {
            const controlPlaneNodes = stack.config.controlPlaneNodes.slice(0, 1);
            const outcome = await new Stack({ ...stack.config, controlPlaneNodes, etcd: {} }).up();
            expect(said(outcome)).toContain("expected 'existing, elsewhere' as on this live host");
            // A node that would leave with that change is still one.
            expect(await onHost("cp2", "cat /var/lib/pulumi-kubeadm/joined")).not.toBe("");
            await expectReady(nodes);
            const again = await stack.up();
            expect(again.code, said(again)).toBe(0);
        });
    },
    failures: [memberPowerCut("etcd2", members, 15)],
});
