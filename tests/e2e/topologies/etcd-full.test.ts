import { writeFileSync } from "fs";
import * as path from "path";
import { expect, it } from "vitest";
import { LAB_DIR } from "../../../lab/paths";
import { exampleConfig } from "../example";
import { expectReady } from "../looks";
import { commandsOf, runOn } from "../runbook";
import { Config, eventually, kubectl, onHost, said, Stack } from "../stack";
import { testTopology } from "../topology";

const nodes = ["cp1", "w1", "w2"];
const fat = path.join(LAB_DIR, "e2e", "fat");
const MEBIBYTE = 2 ** 20;

/** One control plane node, so that it is one member's file that fills. */
const withQuota = (mebibytes: number, { controlPlaneNodes, ...config }: Config): Config => ({
    ...config,
    controlPlaneNodes: controlPlaneNodes.slice(0, 1),
    etcd: { quotaBackendBytes: mebibytes * MEBIBYTE },
});

const [makeRoom] = commandsOf("etcd has raised an alarm");

testTopology("stacked", {
    title: "an etcd that is full",
    hosts: nodes,
    nodes,
    change: (config) => withQuota(64, config),
    failures: [],
    looks: () => {
        const larger = new Stack(withQuota(128, exampleConfig("stacked")));

        it("raises its alarm", async () => {
            writeFileSync(fat, "x".repeat(MEBIBYTE * 0.9));
            const fill = async () => {
                for (let i = 0; i < 100; i++) await kubectl("create", "configmap", `fat-${i}`, `--from-file=${fat}`);
            };
            await expect(fill()).rejects.toThrow("database space exceeded");
        });

        it("is changed by no rollout, and nothing is taken from its node", async () => {
            const outcome = await larger.up();
            expect(outcome.code).not.toBe(0);
            expect(said(outcome)).toContain("etcd has raised the alarm NOSPACE");
            expect(await onHost("cp1", "ps -o args= -C etcd")).toContain(`--quota-backend-bytes=${64 * MEBIBYTE}`);
            await expectReady(nodes);
        });

        it("has room again by the runbook's words, and a larger quota by the next up", async () => {
            const names = (await kubectl("get", "configmaps", "-o", "name")).split("\n");
            await kubectl("delete", ...names.filter((name) => name.includes("/fat-")));
            await runOn("cp1", makeRoom);
            const outcome = await larger.up();
            expect(outcome.code, said(outcome)).toBe(0);
            expect(await onHost("cp1", "ps -o args= -C etcd")).toContain(`--quota-backend-bytes=${128 * MEBIBYTE}`);
            await kubectl("create", "configmap", "written");
            await eventually(60, "every node is Ready", () => expectReady(nodes));
        });
    },
});
