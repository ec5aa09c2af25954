import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { RELEASES } from "../../../lab/mirror/versions";
import { membersSeenBy, voters } from "../etcdMembers";
import { exampleConfig } from "../example";
import { expectVersion, ofFormer } from "../kubernetesVersions";
import { podsReachEachOther } from "../looks";
import { expectRestartedInTurn } from "../order";
import { Config, kubectl, onHost, said, sshConnections, Stack, stepFailed } from "../stack";
import { powerCut, testTopology } from "../topology";
import { expectWritesDuring } from "../writes";

const { former, current } = RELEASES;
const controlPlane = ["cp1", "cp2", "cp3"];
const workers = ["w1", "w2"];
const nodes = [...controlPlane, ...workers];

testTopology("stacked", {
    title: "a cluster that is upgraded by a minor version",
    hosts: nodes,
    nodes,
    images: "all",
    change: ofFormer,
    failures: [powerCut("cp2", 15)],
    looks: () => {
        const stack = new Stack(exampleConfig("stacked"));
        const shape = { controlPlane, nodes, etcd: controlPlane };

        it("is of the former version, and has a workload that may not be away", async () => {
            await expectVersion(former, shape);
            const sleeping = ["--image=lab/tools:1", "--replicas=4", "--", "busybox", "sleep", "86400"];
            await kubectl("create", "deployment", "shop", ...sleeping);
            await kubectl("create", "pdb", "shop", "--selector=app=shop", "--min-available=3");
            await kubectl("wait", "--for=condition=Available", "deployment/shop", "--timeout=60s");
        });

        it("is upgraded by up, and by the next one where that was cut; no acknowledged write is lost", async () => {
            const manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
            // Two cores that start a new kube-proxy on five nodes at once leave etcd without a turn for some seconds.
            await expectWritesDuring(15, async () => {
                await stack.upKilledWhen("the second control plane node changes", async () => {
                    await onHost("cp1", `grep -q 'kube-apiserver:v${current.version}$' ${manifest}`);
                    await onHost("cp2", "test -e /var/lib/pulumi-kubeadm/static-pods");
                });
                const outcome = await stack.up();
                expect(outcome.code, said(outcome)).toBe(0);
            });
        });

        it("has every node, its parts and the add-ons of the new version, and takes pods everywhere", async () => {
            await expectVersion(current, shape);
            expect(await onHost("cp1", "kubeadm upgrade plan 2>&1 || true")).not.toMatch(/\[FATAL\]|error/i);
        });

        it("pods on different nodes reach each other again, and the workload is there", async () => {
            await podsReachEachOther();
            expect(await kubectl("get", "deployment", "shop", "-o", "jsonpath={.status.availableReplicas}")).toBe("4");
        });

        it("a second up changes nothing and opens no connection", async () => {
            const before = await sshConnections(nodes);
            const outcome = await stack.up();
            expect(outcome.stdout).toMatch(/Resources:\n\s+\d+ unchanged\n/);
            expect(await sshConnections(nodes)).toBe(before);
        });

        it("has no way back to the former minor: every control plane node refuses, and all versions stay", async () => {
            const outcome = await new Stack(ofFormer(exampleConfig("stacked"))).up();
            expect(outcome.code).not.toBe(0);
            const refusal = `kubernetesVersion: got '${former.version}', expected 1.36.x or 1.37.x`;
            const table = said(outcome).replace(/ +/g, " ");
            for (const host of controlPlane) expect(table).toContain(`${host} version ${refusal}`);
            await expectVersion(current, shape);
            expect((await stack.up()).code).toBe(0);
        });
    },
});

/** All that can be a static pod is one: etcd on hosts whose kubelet knows no API server, a balancer on every node. */
const asPods = (config: Config): Config => ({
    ...config,
    etcd: { ...config.etcd, runtime: "staticPod" },
    loadBalancer: { placement: "nodeLocal" },
});

const members = ["etcd1", "etcd2", "etcd3"];
const two = ["cp1", "cp2", ...workers];

testTopology("external-etcd-dedicated", {
    title: "a cluster of static pods that is upgraded by a minor version",
    hosts: [...two, ...members],
    nodes: two,
    images: "all",
    change: (config) => ofFormer(asPods(config)),
    failures: [],
    looks: () => {
        const upgraded = new Stack(asPods(exampleConfig("external-etcd-dedicated")));

        it("does not begin while a control plane node is off", async () => {
            await lab.kill("cp2");
            const outcome = await upgraded.up();
            expect(outcome.code).not.toBe(0);
            expect(stepFailed(outcome, "cp2-preflight"), said(outcome)).toBe(true);
            for (const host of ["cp1", "w1", "w2"]) {
                expect(await onHost(host, "kubelet --version")).toBe(`Kubernetes v${former.version}`);
            }
            await lab.startHost("cp2");
        });

        it("is upgraded by one up, one etcd host after the other", async () => {
            const outcome = await upgraded.up();
            expect(outcome.code, said(outcome)).toBe(0);
            await expectVersion(current, { controlPlane: ["cp1", "cp2"], nodes: two, etcd: [] });
            for (const host of members) {
                expect(await onHost(host, "kubelet --version")).toBe(`Kubernetes v${current.version}`);
                expect(await onHost(host, "crictl ps --name etcd --quiet | wc -l")).toBe("1");
                expect(await membersSeenBy(host)).toEqual(voters(...members));
            }
            await expectRestartedInTurn("kubelet", members);
        });

        it("pods on different nodes reach each other again", podsReachEachOther);
    },
});

/** The address in a lease that the cluster itself keeps, and a network whose agents enforce policies. */
const withKubeVip = (config: Config): Config => ({ ...config, loadBalancer: exampleConfig("kube-vip").loadBalancer });

testTopology("calico", {
    title: "a cluster with kube-vip and Calico that is upgraded by a minor version",
    hosts: nodes,
    nodes,
    images: "all",
    change: (config) => ofFormer(withKubeVip(config)),
    failures: [],
    looks: () => {
        it("is upgraded by one up; no acknowledged write is lost", async () => {
            await expectWritesDuring(15, async () => {
                const outcome = await new Stack(withKubeVip(exampleConfig("calico"))).up();
                expect(outcome.code, said(outcome)).toBe(0);
            });
            await expectVersion(current, { controlPlane, nodes, etcd: controlPlane });
        });

        it("pods on different nodes reach each other again", podsReachEachOther);
    },
});
