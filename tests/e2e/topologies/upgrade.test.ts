import { expect, it } from "vitest";
import { releases } from "../../../lab/mirror/versions";
import { expectReady, podsReachEachOther } from "../looks";
import { Config, eventually, kubectl, onHost, said, sshConnections, Stack } from "../stack";
import { exampleConfig } from "../example";
import { powerCut, testTopology } from "../topology";
import { writesDuring } from "../writes";

const controlPlane = ["cp1", "cp2", "cp3"];
const nodes = [...controlPlane, "w1", "w2"];
const { former, current } = releases;

/** The same cluster, of the version before: another version, and the repository of that minor. */
const ofFormer = ({ sources, ...config }: Config): Config => ({
    ...config,
    kubernetesVersion: former.version,
    sources: { ...sources, kubernetes: { ...sources.kubernetes, uri: "http://10.88.0.2/kubernetes-former" } },
});

const kubelets = () => kubectl("get", "nodes", "-o", "jsonpath={.items[*].status.nodeInfo.kubeletVersion}");

const images = async (...selection: string[]): Promise<string[]> =>
    (
        await kubectl(
            "-n",
            "kube-system",
            "get",
            "pods",
            ...selection,
            "-o",
            "jsonpath={.items[*].spec.containers[*].image}",
        )
    )
        .split(" ")
        .map((image) => image.replace(/.*\//, ""));

const runs = (host: string, version: string) =>
    onHost(host, `grep -q 'kube-apiserver:v${version}$' /etc/kubernetes/manifests/kube-apiserver.yaml`);

testTopology("stacked", {
    title: "a cluster that is upgraded by a minor version",
    hosts: nodes,
    nodes,
    images: "all",
    change: ofFormer,
    failures: [powerCut("cp2", 15)],
    looks: () => {
        const stack = new Stack(exampleConfig("stacked"));

        it("is of the former version, with workloads that may not be away", async () => {
            expect(await kubelets()).toBe(nodes.map(() => `v${former.version}`).join(" "));
            await kubectl(
                "create",
                "deployment",
                "shop",
                "--image=lab/tools:1",
                "--replicas=4",
                "--",
                "busybox",
                "sleep",
                "86400",
            );
            await kubectl("create", "pdb", "shop", "--selector=app=shop", "--min-available=3");
            await kubectl("wait", "--for=condition=Available", "deployment/shop", "--timeout=60s");
        });

        it("is upgraded by up, and by the next one where that was cut; no acknowledged write is lost", async () => {
            const writes = await writesDuring(async () => {
                await stack.upKilledWhen("the second control plane node changes", async () => {
                    await runs("cp1", current.version);
                    await onHost("cp2", "test -e /var/lib/pulumi-kubeadm/static-pods");
                });
                const outcome = await stack.up();
                expect(outcome.code, said(outcome)).toBe(0);
            });
            expect(writes.lost).toEqual([]);
            // Two cores that start a new kube-proxy on five nodes at once leave etcd without a turn for some seconds.
            expect(writes.longestGapMs, "ms without a write").toBeLessThanOrEqual(15_000);
        });

        it("has every node, its parts and the add-ons of the new version, and takes pods everywhere", async () => {
            expect(await kubelets()).toBe(nodes.map(() => `v${current.version}`).join(" "));
            await expectReady(nodes);
            expect(await kubectl("get", "nodes", "-o", "jsonpath={.items[*].spec.unschedulable}")).toBe("");
            for (const component of ["kube-apiserver", "kube-controller-manager", "kube-scheduler"]) {
                const expected = controlPlane.map(() => `${component}:${current.tags.kubernetes}`);
                expect(await images("-l", `component=${component}`)).toEqual(expected);
            }
            expect(await images("-l", "component=etcd")).toEqual(controlPlane.map(() => `etcd:${current.tags.etcd}`));
            await eventually(60, "kube-proxy and CoreDNS are the new ones", async () => {
                expect(await images("-l", "k8s-app=kube-proxy")).toEqual(
                    nodes.map(() => `kube-proxy:${current.tags.kubernetes}`),
                );
                const dns = await images("-l", "k8s-app=kube-dns");
                expect(dns).toEqual(dns.map(() => `coredns:${current.tags.coredns}`));
            });
            expect(await onHost("cp1", "kubeadm upgrade plan 2>&1 || true")).not.toMatch(/\[FATAL\]|error/i);
        });

        it("pods on different nodes reach each other again, and the workloads are there", async () => {
            await podsReachEachOther();
            expect(await kubectl("get", "deployment", "shop", "-o", "jsonpath={.status.availableReplicas}")).toBe("4");
        });

        it("a second up changes nothing and opens no connection", async () => {
            const before = await sshConnections(nodes);
            const outcome = await stack.up();
            expect(outcome.stdout).toMatch(/Resources:\n\s+\d+ unchanged\n/);
            expect(await sshConnections(nodes)).toBe(before);
        });

        it("has no way back to the former minor: every control plane node refuses, and nothing is changed", async () => {
            const outcome = await new Stack(ofFormer(exampleConfig("stacked"))).up();
            expect(outcome.code).not.toBe(0);
            for (const host of controlPlane)
                expect(said(outcome)).toContain(
                    `${host}: kubernetesVersion: got '${former.version}', expected 1.36.x or 1.37.x`,
                );
            expect(await kubelets()).toBe(nodes.map(() => `v${current.version}`).join(" "));
            expect((await stack.up()).code).toBe(0);
        });
    },
});
