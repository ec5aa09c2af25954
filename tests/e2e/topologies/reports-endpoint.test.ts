import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { expectReady } from "../looks";
import { devConfig, onHost, said, Stack } from "../stack";

/** The endpoint is private, and the operator is outside: a public report. The nodes have full DNS names. */
const hosts = ["cp1", "w1"];
const nodeName = (host: string): string => `${host}.site-a.example`;
const ENDPOINT = "10.88.0.100";

const operator = async (...words: string[]): Promise<void> => {
    const { code, stderr } = await lab.run([
        "iptables",
        ...words,
        "OUTPUT",
        "--destination",
        ENDPOINT,
        "--jump",
        "REJECT",
    ]);
    expect(code, stderr).toBe(0);
};

describe("an operator who does not reach the endpoint", () => {
    const { controlPlaneNodes, workerNodes, ...others } = devConfig();
    const named = ([host]: { name: string }[]) => [{ ...host, name: nodeName(host.name) }];
    const stack = new Stack({
        ...others,
        controlPlaneNodes: named(controlPlaneNodes),
        workerNodes: named(workerNodes),
    });

    beforeAll(async () => {
        await lab.down();
        await lab.up({ hosts });
        await operator("--insert");
    });
    afterAll(() => lab.down());

    it("is told so in one sentence, and no add-on fails by itself", async () => {
        const outcome = await stack.up();
        expect(outcome.code).not.toBe(0);
        expect(said(outcome)).toMatch(
            /error: \S+, where pulumi runs, does not reach the cluster's endpoint https:\/\/10\.88\.0\.100:\d+ .* Set clientEndpoint/,
        );
        expect(said(outcome)).not.toContain("configured Kubernetes cluster is unreachable");
        expect(await onHost("cp1", "curl --silent --insecure https://localhost:6443/readyz")).toBe("ok");
    });

    it("names an address that leads there, and the cluster is complete with one up", async () => {
        stack.config = { ...stack.config, clientEndpoint: "10.88.0.11:6443" };
        const outcome = await stack.up();
        expect(outcome.code, said(outcome)).toBe(0);
        await stack.useKubeconfig();
        await expectReady(hosts.map(nodeName));
        const again = await stack.up();
        expect(again.stdout).toMatch(/Resources:\n\s+\d+ unchanged\n/);
    });
});
