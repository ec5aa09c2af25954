import * as fs from "fs";
import * as path from "path";
import { built } from "../buildCache";
import { must } from "../process";
import type { Report } from "../report";
import { bootstrap } from "../rootfs/build";
import { Layer, RegistryStorage } from "./image";
import type { Tools } from "./packages";
import { imageTags } from "./versions";

/** The tools that go into images. */
export const imageTools = [
    ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"],
    ...["etcd", "etcdctl", "etcdutl", "coredns", "pause", "flanneld", "flannel"],
];

/** What kube-proxy and flanneld call, with a shell and cp for the manifests' own commands. */
const networkPackages = ["iptables", "nftables", "conntrack", "ipset", "kmod", "busybox-static"];

/** For trying things in a pod: wget, nslookup, nc and an httpd come with busybox. */
const workbenchPackages = ["curl", "iproute2", "busybox-static"];

/** The registry's storage directory, with every image a cluster needs. */
export async function registryStorage(say: Report, tools: Tools): Promise<string> {
    const [network, workbench] = [
        await imageBase(say, "network-image-base", networkPackages),
        await imageBase(say, "workbench-image-base", workbenchPackages),
    ];
    const sources = ["images.ts", "image.ts", "versions.ts"].map((file) =>
        fs.readFileSync(path.join(__dirname, file), "utf8"),
    );
    const recipe = [network, workbench, imageTools.map((name) => tools[name]), sources];
    return built(say, "image-registry", recipe, (dir) => fill(new RegistryStorage(dir), tools, network, workbench));
}

/** Packages unpacked, not installed: an image needs their files, not a working dpkg. */
function imageBase(say: Report, name: string, packages: string[]): Promise<string> {
    return built(say, name, packages, async (dir) => {
        await bootstrap(dir, [`--include=${packages.join(",")}`], "extract");
        await must("trimming an image base", ["bash", path.join(__dirname, "trim-image-base.sh"), dir]);
    });
}

async function fill(registry: RegistryStorage, tools: Tools, network: string, workbench: string): Promise<void> {
    const layerOf = (files: Record<string, string>): Promise<Layer> => binaryLayer(registry, tools, files);
    const inPath = (...names: string[]): Record<string, string> =>
        Object.fromEntries(names.map((name) => [`usr/local/bin/${name}`, name]));
    const add = (repository: string, tag: string, layers: Layer[], entrypoint: string): void =>
        registry.addImage({ repository, tag, layers, entrypoint: [entrypoint] });

    const networkLayer = await registry.addLayer(network);
    for (const name of ["kube-apiserver", "kube-controller-manager", "kube-scheduler"]) {
        add(name, imageTags.kubernetes, [await layerOf(inPath(name))], name);
    }
    add("kube-proxy", imageTags.kubernetes, [networkLayer, await layerOf(inPath("kube-proxy"))], "kube-proxy");
    add("etcd", imageTags.etcd, [await layerOf(inPath("etcd", "etcdctl", "etcdutl"))], "etcd");
    add("coredns/coredns", imageTags.coredns, [await layerOf({ coredns: "coredns" })], "/coredns");
    add("pause", imageTags.pause, [await layerOf({ pause: "pause" })], "/pause");
    const flanneld = [networkLayer, await layerOf({ "opt/bin/flanneld": "flanneld" })];
    add("flannel-io/flannel", imageTags.flannel, flanneld, "/opt/bin/flanneld");
    const plugin = [networkLayer, await layerOf({ flannel: "flannel" })];
    add("flannel-io/flannel-cni-plugin", imageTags.flannelCniPlugin, plugin, "/flannel");
    add("lab/tools", imageTags.tools, [await registry.addLayer(workbench)], "/bin/sh");
}

/** A layer with nothing but binaries of the toolchain, by their path in the image. */
async function binaryLayer(registry: RegistryStorage, tools: Tools, files: Record<string, string>): Promise<Layer> {
    const stage = fs.mkdtempSync("/tmp/lab-layer-");
    try {
        for (const [file, tool] of Object.entries(files)) {
            fs.mkdirSync(path.dirname(path.join(stage, file)), { recursive: true });
            fs.copyFileSync(tools[tool], path.join(stage, file));
            fs.chmodSync(path.join(stage, file), 0o755);
        }
        fs.chmodSync(stage, 0o755);
        return await registry.addLayer(stage);
    } finally {
        fs.rmSync(stage, { recursive: true });
    }
}
