import { expect } from "vitest";
import { KubernetesRelease, RELEASES } from "../../lab/mirror/versions";
import { expectReady } from "./looks";
import { Config, eventually, kubectl } from "./stack";

/** The same cluster, of the minor before: another version, and the repository of that minor. */
export const ofFormer = ({ sources, ...config }: Config): Config => ({
    ...config,
    kubernetesVersion: RELEASES.former.version,
    sources: { ...sources, kubernetes: { ...sources.kubernetes, uri: "http://10.88.0.2/kubernetes-former" } },
});

const words = async (...command: string[]): Promise<string[]> =>
    (await kubectl(...command)).split(" ").filter((word) => word !== "");

const images = async (label: string): Promise<string[]> => {
    const all = "jsonpath={.items[*].spec.containers[*].image}";
    const found = await words("-n", "kube-system", "get", "pods", "-l", label, "-o", all);
    return found.map((image) => image.replace(/.*\//, ""));
};

/** Every kubelet, control plane pod and add-on is of this version, and every node takes pods. */
export async function expectVersion(
    { version, tags }: KubernetesRelease,
    { controlPlane, nodes, etcd }: { controlPlane: string[]; nodes: string[]; etcd: string[] },
): Promise<void> {
    const kubelets = "jsonpath={.items[*].status.nodeInfo.kubeletVersion}";
    expect(await words("get", "nodes", "-o", kubelets)).toEqual(nodes.map(() => `v${version}`));
    expect(await words("get", "nodes", "-o", "jsonpath={.items[*].spec.unschedulable}")).toEqual([]);
    await expectReady(nodes);
    for (const component of ["kube-apiserver", "kube-controller-manager", "kube-scheduler"]) {
        expect(await images(`component=${component}`)).toEqual(
            controlPlane.map(() => `${component}:${tags.kubernetes}`),
        );
    }
    expect(await images("component=etcd")).toEqual(etcd.map(() => `etcd:${tags.etcd}`));
    await eventually(60, "kube-proxy and CoreDNS are of it", async () => {
        expect(await images("k8s-app=kube-proxy")).toEqual(nodes.map(() => `kube-proxy:${tags.kubernetes}`));
        expect(new Set(await images("k8s-app=kube-dns"))).toEqual(new Set([`coredns:${tags.coredns}`]));
    });
}
