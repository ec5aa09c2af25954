import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { corefile, kubeadmCorefile } from "../../components/addons/corefile";
import { CorefileArgs } from "../../components/model/corefile";
import { DEFAULT_KUBERNETES_VERSION } from "../../components/versions/versions";
import { controlPlaneDesired, sandboxWithMember } from "./desired";
import { nodeObject } from "./nodeObject";
import type { Sandbox } from "./sandbox";

const KUBEADM = kubeadmCorefile("cluster.local");
const EDITED = KUBEADM.replace("errors", "errors\n    log");
const MARK = "pulumi-kubeadm/corefile";

let host: Sandbox;
beforeEach(() => {
    host = sandboxWithMember();
    host.hurry();
    host.ok("prepare", "create", controlPlaneDesired());
    host.write("fake/bound", "");
    host.write("fake/etcd/192.0.2.11/when", "/etc/os-release");
    host.write("fake/versions", `cp1 v${DEFAULT_KUBERNETES_VERSION}\n`);
});
afterEach(() => host.remove());

const parameters = (options: CorefileArgs) => ({
    ...{
        NODE_NAME: "cp1",
        NODES: ["cp1", "cp2", "cp3"],
        JOIN_TOKENS: [],
        CONTROL_PLANE_VERSION: DEFAULT_KUBERNETES_VERSION,
    },
    ...{ COREFILE: corefile(options, "cluster.local"), KUBEADM_COREFILE: KUBEADM },
});

/** Applies the options, and tells what was written. */
function apply(options: CorefileArgs): { code: number | null; stderr: string; calls: string[] } {
    host.calls();
    const { code, stderr } = host.run("cluster", "update", parameters(options));
    const calls = host.calls().filter((call) => / apply --server-side |kubeadm init|create configmap/.test(call));
    return { code, stderr, calls };
}

const writes = (calls: string[]) => calls.filter((call) => call.includes("apply --server-side")).length;

const put = (text: string, annotations: Record<string, string> = {}) =>
    host.write("fake/coredns", JSON.stringify({ metadata: { annotations }, data: { Corefile: `${text}\n` } }));

interface ConfigMap {
    metadata: { annotations: Record<string, string> };
    data: { Corefile: string };
}
const live = (): ConfigMap => JSON.parse(host.read("fake/coredns")) as ConfigMap;

/** Somebody edits what is there: the annotation stays. */
const edit = () => put(EDITED, live().metadata.annotations);

const CACHE = { cache: { capacity: 20480 } };
const STUB = { stubDomains: [{ domain: "corp.example.com", upstreams: ["192.0.2.53"] }] };
const textOf = (options: CorefileArgs) => `${corefile(options, "cluster.local")}\n`;

describe("with options", () => {
    it("a new cluster has them before kubeadm makes CoreDNS", () => {
        const { calls } = apply(CACHE);
        expect(calls[0]).toContain("apply --server-side --force-conflicts");
        expect(calls[1]).toContain("kubeadm init");
        expect(live().data.Corefile).toBe(textOf(CACHE));
        expect(live().metadata.annotations[MARK]).toMatch(/^[0-9a-f]{16}$/);
    });

    it("kubeadm's Corefile takes them, and so does the program's former one, once", () => {
        put(KUBEADM);
        expect([apply(CACHE), apply(CACHE)].map(({ calls }) => writes(calls))).toEqual([1, 0]);
        const { annotations } = live().metadata;
        expect([apply(STUB), apply(STUB)].map(({ calls }) => writes(calls))).toEqual([1, 0]);
        expect(live().data.Corefile).toBe(textOf(STUB));
        expect(live().metadata.annotations).not.toEqual(annotations);
    });

    it("an edited Corefile is not overwritten, all else is done, and the error says what to do", () => {
        const edits = [() => put(EDITED), () => (apply(CACHE), edit())];
        for (const prepare of edits) {
            prepare();
            for (const options of [CACHE, STUB]) {
                const { code, stderr, calls } = apply(options);
                expect(code).toBe(1);
                expect(stderr).toContain("somebody has edited CoreDNS's Corefile");
                expect(stderr).toContain(
                    "remove coreDns.cache, coreDns.forward, coreDns.stubDomains and coreDns.serverBlocks",
                );
                expect(writes(calls)).toBe(0);
                expect(calls.join("\n")).toMatch(/kubeadm init [^]*configmap pulumi-kubeadm --from-literal nodes=/);
            }
            expect(live().data.Corefile).toBe(`${EDITED}\n`);
            host.exec(["rm", "/fake/coredns"]);
            expect(apply(CACHE).code).toBe(0);
        }
    });

    it("an edit that says the same is taken over", () => {
        put(corefile(CACHE, "cluster.local"));
        expect(writes(apply(CACHE).calls)).toBe(1);
        expect(writes(apply(STUB).calls)).toBe(1);
    });

    it("a change that was interrupted is finished, by these options, by others and by none", async () => {
        for (const next of [STUB, CACHE, {}]) {
            put(KUBEADM);
            apply(CACHE);
            await host.runAndKillAt(/apply --server-side/, "cluster", "update", parameters(STUB));
            expect(apply(next).code).toBe(0);
            expect(live().data.Corefile).toBe(next === STUB || next === CACHE ? textOf(next) : `${KUBEADM}\n`);
        }
    });

    it("a request that the API refuses ends the step, and the next run writes", () => {
        host.write("fake/refused", "apply --server-side");
        const { code, calls } = apply(CACHE);
        expect([code, calls.filter((call) => call.includes("kubeadm init"))]).toEqual([1, []]);
        host.exec(["rm", "/fake/refused"]);
        expect(apply(CACHE).code).toBe(0);
    });
});

describe("without options", () => {
    it.each([
        ["kubeadm's", KUBEADM],
        ["an edited one", EDITED],
    ])("%s stays", (_, text) => {
        put(text);
        const before = host.read("fake/coredns");
        expect(writes(apply({}).calls)).toBe(0);
        expect(host.read("fake/coredns")).toBe(before);
    });

    it("a new cluster's is kubeadm's business", () => {
        expect(writes(apply({}).calls)).toBe(0);
        expect(host.exists("fake/coredns")).toBe(false);
    });

    it("any longer, the program's becomes kubeadm's, and is no more the program's", () => {
        apply(CACHE);
        expect([apply({}), apply({})].map(({ calls }) => writes(calls))).toEqual([1, 0]);
        expect(live()).toMatchObject({ metadata: { annotations: {} }, data: { Corefile: `${KUBEADM}\n` } });
        expect(live().metadata.annotations).toEqual({});
    });

    it("any longer, an edited one stays, and options refuse it later too", () => {
        apply(CACHE);
        edit();
        const { code, stderr, calls } = apply({});
        expect([code, writes(calls)]).toEqual([0, 0]);
        expect(stderr).toContain("CoreDNS's Corefile stays as somebody has edited it");
        expect(live().data.Corefile).toBe(`${EDITED}\n`);
        expect(apply(CACHE).code).toBe(1);
    });
});

describe("CoreDNS's pods", () => {
    const deployment = (reason: string, observedGeneration = 2) =>
        host.write(
            "fake/coredns-deployment",
            JSON.stringify({
                metadata: { generation: 2 },
                status: { observedGeneration, conditions: [{ type: "Progressing", reason, message: "the message" }] },
            }),
        );

    it("are waited for until they have started with it; the step fails and says why they have not", () => {
        host.write("fake/node-w1", nodeObject("w1"));
        deployment("NewReplicaSetAvailable");
        expect(apply(CACHE).code).toBe(0);
        deployment("NewReplicaSetAvailable", 1);
        expect(apply(CACHE).code).toBe(1);
        deployment("ReplicaSetUpdated");
        for (const calls of [apply(STUB), apply(STUB)]) {
            expect(calls.code).toBe(1);
            expect(calls.stderr).toContain("waiting for CoreDNS's pods to start with this Corefile");
            expect(calls.stderr).toContain("ReplicaSetUpdated: the message");
        }
    });

    it("are not, before the cluster has a network, and without options", () => {
        deployment("ReplicaSetUpdated");
        expect(apply(CACHE).code).toBe(0);
        host.write("fake/node-w1", nodeObject("w1"));
        expect(apply({}).code).toBe(0);
    });
});
