import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { etcdHostParameters } from "../../components/etcd/memberParameters";
import { ScriptParameters } from "../../components/host/contract";
import { EtcdRuntime } from "../../components/model/etcd";
import { resolveEtcdCluster } from "../../components/model/etcdCluster";
import { EtcdOptionsArgs } from "../../components/model/etcdOptions";
import { PRIVATE_KEY, node, resolvedNode } from "../unit/fixtures";
import { REPOSITORIES } from "./desired";
import { memberSecrets, THREE_MEMBERS } from "./memberSecrets";
import { Sandbox } from "./sandbox";

let secrets: ScriptParameters;
beforeAll(() => {
    secrets = memberSecrets();
});

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.write("fake/etcd/192.0.2.11/list", THREE_MEMBERS);
    for (const last of [12, 13]) host.write(`fake/etcd/192.0.2.${last}/status`, "{}");
});
afterEach(() => host.remove());

describe("a member as a static pod, on a machine of its own", () => {
    const pod = (kubernetesVersion?: string, options: EtcdOptionsArgs = {}): ScriptParameters => ({
        ...etcdHostParameters(
            resolveEtcdCluster({
                ...options,
                ssh: { user: "ops", privateKey: PRIVATE_KEY },
                members: [node("e1", 11), node("e2", 12), node("e3", 13)],
                runtime: EtcdRuntime.StaticPod,
                sources: REPOSITORIES,
                kubernetesVersion,
            }),
            resolvedNode(node("e1", 11)),
        ),
        ...{ CLUSTER_ID: "this-cluster", NODE_NAME: "e1", NODE_ADDRESS: "192.0.2.11", ROLE: "etcd" },
    });

    it("gets another kubelet, which finds no pod that the former one started; also where a change was cut and is taken back", async () => {
        host.write("fake/etcd/192.0.2.11/when", "/etc/kubernetes/manifests/etcd.yaml");
        host.ok("prepare", "create", pod());
        host.ok("node", "create", secrets);
        host.ok("node", "create", secrets);
        host.write("fake/running/etcd-e1", "");
        host.ok("prepare", "update", pod("1.36.4"));
        host.calls();
        host.ok("node", "update", secrets);
        const steps = host
            .calls()
            .filter((call) => /^apt-get .*install|systemctl (start|stop) kubelet|crictl stop /.test(call));
        expect(steps).toEqual([
            expect.stringContaining("kubelet=1.36.4-*"),
            "systemctl stop kubelet",
            "crictl stop --timeout 10 container-of-etcd-e1",
            "systemctl start kubelet",
        ]);
        host.ok("node", "update", secrets);
        expect(host.calls().filter((call) => / (start|stop) /.test(call))).toEqual([]);
        host.ok("prepare", "update", pod());
        await host.runAndKillAt(/systemctl stop kubelet/, "node", "update", secrets);
        host.ok("prepare", "update", pod("1.36.4"));
        host.calls();
        host.ok("node", "update", secrets);
        expect(host.calls()).toContain("systemctl start kubelet");
    });

    it.each([
        ["made again", { heartbeatInterval: 200 }],
        ["taken back", {}],
    ])("gets other options, and a change that was cut ends where it is %s", (how, options) => {
        host.hurry();
        host.write("fake/etcd/192.0.2.11/when", "/etc/kubernetes/manifests/etcd.yaml");
        host.ok("prepare", "create", pod());
        host.ok("node", "create", secrets);
        host.write("fake/running/etcd-e1", "");
        host.ok("prepare", "update", pod(undefined, { heartbeatInterval: 200 }));
        host.write(
            "toolkit/lib/cluster/zz-cut.sh",
            "etcd_pod_is_new() { return 0; }\nmark_etcd_applied() { die cut; }\n",
        );
        expect(host.run("node", "update", secrets).stderr).toContain("cut");
        host.write("toolkit/lib/cluster/zz-cut.sh", "etcd_pod_is_new() { [[ -e /fake/new-pod ]]; }\n");
        if (how === "taken back") host.write("fake/new-pod", "");
        host.ok("prepare", "update", pod(undefined, options));
        host.ok("node", "update", secrets);
        expect(host.read("etc/etcd/etcd.yaml").includes("heartbeat-interval: 200")).toBe(how === "made again");
    });
});
