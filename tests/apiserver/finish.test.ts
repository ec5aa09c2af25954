import { execFileSync } from "child_process";
import { copyFileSync } from "fs";
import * as path from "path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BootstrapTokens, bootstrapToken } from "../../components/cluster/tokens";
import { uploadConfig } from "../../components/cluster/kubeadm";
import { controlPlaneObjects, nodeObjects } from "../../components/cluster/nodeObjects";
import { resolveSettings } from "../../components/model/cluster";
import { KnownNodeArgs } from "../../components/model/nodes";
import { DEFAULT_KUBERNETES_VERSION } from "../../components/versions/versions";
import { controlPlaneDesired, votingMember } from "../scripts/desired";
import { nodeObject } from "../scripts/nodeObject";
import { Sandbox } from "../scripts/sandbox";
import { clusterArgs, node, resolvedNode, resolvedLeader } from "../unit/fixtures";
import { ApiServer } from "./apiServer";

/** The phases `cluster` and `finish` with the real kubectl, at a real kube-apiserver, with as many nodes as a big cluster has. */
let api: ApiServer;
let host: Sandbox;

beforeAll(async () => {
    api = await ApiServer.start();
    host = new Sandbox();
    host.ok("prepare", "create", controlPlaneDesired());
    copyFileSync(api.tools.kubectl, path.join(host.root, "usr/local/sbin/kubectl"));
    host.write("etc/kubernetes/admin.conf", api.kubeconfig());
    host.write("fake/etcd/192.0.2.12/list", JSON.stringify({ members: [1, 2, 3].map(votingMember) }));
});
afterAll(async () => {
    host?.remove();
    await api?.stop();
});

const SECRETS = "/api/v1/namespaces/kube-system/secrets";
const names = (count: number) => Array.from({ length: count }, (_, i) => `w${i}`);
const workers = (count: number) => names(count).map((name) => ({ name, address: `${name}.example.com` }));
const tokensOf = (count: number): BootstrapTokens =>
    Object.fromEntries(workers(count).map((host) => [host.name, bootstrapToken("key", resolvedNode(host))]));

/** As kubelets register. */
async function register(from: number, to: number): Promise<void> {
    const missing = names(to).slice(from);
    await Promise.all(missing.map((name) => api.must("POST", "/api/v1/nodes", JSON.parse(nodeObject(name)) as object)));
}

const setReady = (name: string, status: string) =>
    api.must("PATCH", `/api/v1/nodes/${name}/status`, { status: { conditions: [{ type: "Ready", status }] } });

const tokenSecrets = async (): Promise<string[]> =>
    (JSON.parse(await api.must("GET", SECRETS)) as { items: { metadata: { name: string } }[] }).items.map(
        ({ metadata }) => metadata.name,
    );

/** Runs it, tells how long it took, and returns what it said. */
function timed(what: string, work: () => string): string {
    const started = Date.now();
    const said = work();
    process.stdout.write(`${what}: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
    return said;
}

const finishParameters = (count: number) => ({
    NODE_NAME: "cp1",
    NODES: names(count),
    NODE_OBJECTS: nodeObjects(workers(count).map(resolvedNode), tokensOf(count)),
    CONTROL_PLANE_OBJECTS: controlPlaneObjects(workers(1).map(resolvedNode)),
    WAIT_FOR_READY: true,
});
const finish = (count: number) =>
    timed(`finish with ${count} nodes`, () => host.ok("finish", "update", finishParameters(count)));

const cluster = (count: number, others: BootstrapTokens = {}) =>
    timed(`cluster with ${count} workers`, () =>
        host.ok("cluster", "update", {
            NODE_NAME: "cp1",
            KUBEADM_UPLOAD: "",
            JOIN_TOKENS: Object.entries({ ...tokensOf(count), ...others }).map(
                ([name, { id, secret }]) => `${name} ${id} ${secret}`,
            ),
            NODES: names(count),
            CONTROL_PLANE_VERSION: DEFAULT_KUBERNETES_VERSION,
            KUBE_PROXY_ENABLED: true,
            COREDNS_PATCH: "{}",
        }),
    );

const secretNames = (tokens: BootstrapTokens, of: string[]) => of.map((name) => `bootstrap-token-${tokens[name].id}`);

describe("a cluster of fifty nodes, and then of three hundred", () => {
    it("gets a token for each worker, and each lets its machine in", async () => {
        const said = cluster(50);
        expect((await tokenSecrets()).sort()).toEqual(secretNames(tokensOf(50), names(50)).sort());
        const { id, secret } = tokensOf(50).w7;
        expect(said).not.toContain(secret);
        const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
        const url = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
        const { body } = await api.ask("POST", url, review, `${id}.${secret}`);
        expect(JSON.parse(body).status.userInfo).toMatchObject({
            username: `system:bootstrap:${id}`,
            groups: expect.arrayContaining(["system:bootstrappers:kubeadm:default-node-token"]),
        });
    });

    it("finishes with fifty, which drops the tokens", async () => {
        await register(0, 50);
        finish(50);
        expect(await tokenSecrets()).toEqual([]);
    });

    it("gets tokens for the workers that come, and none for those that have joined", async () => {
        cluster(300);
        expect((await tokenSecrets()).sort()).toEqual(secretNames(tokensOf(300), names(300).slice(50)).sort());
        timed("the same again", () => cluster(300));
        expect(await tokenSecrets()).toHaveLength(250);
    });

    it("finishes with three hundred", async () => {
        await register(50, 300);
        await api.must("POST", SECRETS, { metadata: { name: "somebody-elses" } });
        finish(300);
        expect(await tokenSecrets()).toEqual(["somebody-elses"]);
        await api.must("DELETE", `${SECRETS}/somebody-elses`);
        timed("the same again", () => finish(300));
    });

    it("gets no token when all have joined, and one for a node that is not Ready", async () => {
        cluster(300);
        expect(await tokenSecrets()).toEqual([]);
        await setReady("w123", "Unknown");
        cluster(300);
        expect(await tokenSecrets()).toEqual(secretNames(tokensOf(300), ["w123"]));
    });

    it("gets a token for a machine that shares it, by chance, with one that has joined", async () => {
        const { w7 } = tokensOf(300);
        cluster(300, { w300: w7 });
        expect(await tokenSecrets()).toEqual(expect.arrayContaining([`bootstrap-token-${w7.id}`]));
        cluster(300);
        expect(await tokenSecrets()).toEqual(secretNames(tokensOf(300), ["w123"]));
    });

    it("does not finish while one of them is not Ready, and names it", async () => {
        const started = Date.now();
        host.hurry();
        const { code, stderr } = host.run("finish", "update", finishParameters(300));
        expect(code).toBe(1);
        expect(stderr).toContain("1 of 300 nodes: w123 is not Ready");
        expect(Date.now() - started).toBeLessThan(30_000);
        execFileSync("rm", [path.join(host.root, "toolkit/lib/cluster/zz-hurry.sh")]);
        expect(await tokenSecrets()).toHaveLength(1);
        await setReady("w123", "True");
        finish(300);
        expect(await tokenSecrets()).toEqual([]);
    });

    it("loses the Node of a worker that left the list", async () => {
        cluster(299);
        expect((await api.ask("GET", "/api/v1/nodes/w299")).status).toBe(404);
        expect((await api.ask("GET", "/api/v1/nodes/w298")).status).toBe(200);
    });
});

interface Taint {
    key: string;
    value?: string;
    effect: string;
}

describe("taints of live nodes", () => {
    const NODE = "/api/v1/nodes/w5";
    const OTHERS = { key: "node.example.com/maintenance", effect: "NoSchedule" };
    const taintsNow = async () =>
        (JSON.parse(await api.must("GET", NODE)) as { spec: { taints?: Taint[] } }).spec.taints ?? [];
    const finishWith = (taints: Taint[]) => {
        const nodes = [{ ...workers(6)[5], taints }].map(resolvedNode);
        host.ok("finish", "update", {
            ...finishParameters(6),
            NODE_OBJECTS: nodeObjects(nodes, tokensOf(6)),
            WAIT_FOR_READY: false,
        });
    };
    const gpu = { key: "gpu", value: "a100", effect: "NoSchedule" };

    it("are the declared ones and those of others", async () => {
        await api.must("PATCH", NODE, { spec: { taints: [OTHERS] } });
        finishWith([gpu]);
        expect(await taintsNow()).toEqual([OTHERS, gpu]);
    });

    it("change their value, and leave with the declaration; a taint of others stays", async () => {
        finishWith([{ ...gpu, value: "h100" }]);
        expect(await taintsNow()).toEqual([OTHERS, { ...gpu, value: "h100" }]);
        finishWith([]);
        expect(await taintsNow()).toEqual([OTHERS]);
    });

    it("that were registered with the Node stay, and are not written again", async () => {
        await api.must("PATCH", NODE, { spec: { taints: [gpu, OTHERS] } });
        const version = async () =>
            (JSON.parse(await api.must("GET", NODE)) as { metadata: { resourceVersion: string } }).metadata
                .resourceVersion;
        finishWith([gpu]);
        const after = await version();
        finishWith([gpu]);
        expect(await version()).toBe(after);
        expect(await taintsNow()).toEqual([gpu, OTHERS]);
        finishWith([]);
        expect(await taintsNow()).toEqual([OTHERS]);
    });
});

describe("the label of a control plane node for load balancers", () => {
    const KEY = "node.kubernetes.io/exclude-from-external-load-balancers";
    const NODE = "/api/v1/nodes/w4";
    const finishWith = (changes: Partial<KnownNodeArgs>) => {
        const nodes = [{ ...workers(5)[4], ...changes }].map(resolvedLeader);
        const objects = {
            NODE_OBJECTS: nodeObjects(nodes, tokensOf(5)),
            CONTROL_PLANE_OBJECTS: controlPlaneObjects(nodes),
        };
        host.ok("finish", "update", { ...finishParameters(5), ...objects, WAIT_FOR_READY: false });
    };
    const label = async () =>
        (JSON.parse(await api.must("GET", NODE)) as { metadata: { labels?: Record<string, string> } }).metadata
            .labels?.[KEY];

    it("goes with the taints and comes with them; one of the user's or of somebody else stays", async () => {
        const said: unknown[] = [];
        for (const taints of [undefined, [], undefined, []]) {
            finishWith({ taints });
            said.push(await label());
        }
        expect(said).toEqual(["", undefined, "", undefined]);
        finishWith({ labels: { [KEY]: "mine" } });
        expect(await label()).toBe("mine");
        finishWith({ labels: { [KEY]: "mine" }, taints: [] });
        expect(await label()).toBe("mine");
        finishWith({ taints: [] });
        expect(await label()).toBeUndefined();
        await api.must("PATCH", NODE, { metadata: { labels: { [KEY]: "by-hand" } } });
        finishWith({ taints: [] });
        expect(await label()).toBe("by-hand");
    });
});

describe("kubeadm", () => {
    it("makes its roles, and the one token that it has to make is good for nothing", async () => {
        const settings = resolveSettings(clusterArgs());
        host.write("fake/upload.yaml", uploadConfig(settings, resolvedLeader(node("cp1", 11))));
        const at = (file: string) => path.join(host.root, file);
        execFileSync(api.tools.kubeadm, [
            ...["init", "phase", "bootstrap-token", "--skip-token-print"],
            ...["--config", at("fake/upload.yaml"), "--kubeconfig", at("etc/kubernetes/admin.conf")],
        ]);
        expect(await tokenSecrets()).toEqual(["bootstrap-token-unused"]);
        const bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
        await api.must("GET", `${bindings}/kubeadm:kubelet-bootstrap`);
        await api.must("GET", `${bindings}/kubeadm:node-autoapprove-bootstrap`);
        const answer = await api.ask("GET", "/api/v1/nodes", undefined, "unused.0000000000000000");
        expect(answer.status).toBe(401);
        cluster(299);
        expect(await tokenSecrets()).toEqual([]);
    });
});
