import * as fs from "fs";
import * as os from "os";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEBIAN_LIKE, releaseFile } from "../../lab/mirror/aptRepository";
import { controlFile } from "../../lab/mirror/deb";
import { imageConfig, RegistryStorage } from "../../lab/mirror/image";
import { IMAGE_RECIPES, imageTools } from "../../lab/mirror/imageRecipes";
import { OURS_DIR } from "../../lab/mirror/images";
import { containerdPackages, kubernetesPackages, packagedTools } from "../../lab/mirror/packages";
import { RELEASES, VERSIONS } from "../../lab/mirror/versions";
import { recipeOf } from "../../tools/recipes";

let dir: string;
beforeEach(() => (dir = fs.mkdtempSync(path.join(os.tmpdir(), "lab-test-"))));
afterEach(() => fs.rmSync(dir, { recursive: true }));

describe("the packages", () => {
    const tools = Object.fromEntries(packagedTools("all").map((name) => [name, `/tools/${name}`]));

    it("have upstream's names, versions and relations", () => {
        const debs = [...kubernetesPackages(tools, dir, RELEASES.current), ...containerdPackages(tools)];
        expect(debs.map((deb) => `${deb.name} ${deb.version}`)).toEqual([
            `kubelet ${RELEASES.current.version}-1.1`,
            `kubeadm ${RELEASES.current.version}-1.1`,
            `kubectl ${RELEASES.current.version}-1.1`,
            `cri-tools ${VERSIONS.criTools}-1.1`,
            `kubernetes-cni ${VERSIONS.kubernetesCni}-1.1`,
            `containerd.io ${VERSIONS.containerd}-1`,
        ]);
        expect(controlFile(debs[0])).toContain("\nDepends: iptables (>= 1.4.21), kubernetes-cni (>= 1.2.0), mount");
    });

    it("ship only files that are there", () => {
        const debs = [...kubernetesPackages(tools, dir, RELEASES.current), ...containerdPackages(tools)];
        const contents = debs.flatMap((deb) => [...Object.values(deb.files), ...Object.values(deb.scripts ?? {})]);
        const sources = contents.flatMap((content) => ("from" in content ? [content.from] : []));
        expect(sources.filter((file) => !file.startsWith("/tools/") && !fs.existsSync(file))).toEqual([]);
    });

    it("of a former Kubernetes are made of its own commands", () => {
        const [kubelet] = kubernetesPackages(tools, dir, RELEASES.former);
        expect(kubelet.version).toBe(`${RELEASES.former.version}-1.1`);
        expect(kubelet.files["/usr/bin/kubelet"]).toEqual({ from: "/tools/kubelet-former" });
        expect(packagedTools("core").filter((name) => name.endsWith(RELEASES.former.suffix))).toEqual([]);
    });

    it("leave containerd as Docker's package does, with CRI off: the library has to configure it", () => {
        const config = containerdPackages(tools)[0].files["/etc/containerd/config.toml"] as { from: string };
        expect(fs.readFileSync(config.from, "utf8")).toContain('disabled_plugins = ["cri"]');
    });
});

describe("releaseFile", () => {
    it("names the distribution and sums its indexes", () => {
        const text = releaseFile({ "main/binary-amd64/Packages": "Package: x\n" }, DEBIAN_LIKE);
        expect(text).toContain("Codename: bookworm\nComponents: main\n");
        expect(text).toMatch(/SHA256:\n [0-9a-f]{64} 11 main\/binary-amd64\/Packages\n$/);
    });

    it("has neither suite nor component in a flat repository", () => {
        expect(releaseFile({ Packages: "" })).not.toMatch(/Suite|Codename|Components/);
    });
});

describe("the images", () => {
    it("are each there once", () => {
        const names = IMAGE_RECIPES.all.map(({ repository, tag }) => `${repository}:${tag}`);
        expect(new Set(names).size).toBe(names.length);
    });

    it("are of what the toolchain makes", () => {
        expect(imageTools("core")).toContain("kube-apiserver");
        expect(() => imageTools("all").forEach(recipeOf)).not.toThrow();
    });

    it("are of folders that are there", () => {
        const folders = IMAGE_RECIPES.all.flatMap(({ ours }) => ours ?? []);
        expect(folders.filter((folder) => !fs.existsSync(path.join(OURS_DIR, folder)))).toEqual([]);
    });

    it("say what runs in them", () => {
        const silent = IMAGE_RECIPES.all.filter(({ entrypoint, command }) => !entrypoint && !command);
        expect(silent).toEqual([]);
    });
});

describe("imageConfig", () => {
    const image = { repository: "a/b", tag: "v1", layers: [] };
    const written = (more: object): object => JSON.parse(JSON.stringify(imageConfig({ ...image, ...more }))).config;

    it("says what upstream's image says", () => {
        const more = { command: ["start"], user: "99", environment: ["SVDIR=/etc/service"] };
        expect(written(more)).toEqual({
            Env: [expect.stringContaining("PATH=/usr/local/sbin:"), "SVDIR=/etc/service"],
            Cmd: ["start"],
            User: "99",
        });
    });

    it("leaves out what an image does not have", () => {
        expect(Object.keys(written({ entrypoint: ["/pause"] }))).toEqual(["Env", "Entrypoint"]);
    });
});

describe("RegistryStorage", () => {
    const digests = async (storage: string, content: string): Promise<string> => {
        const files = path.join(dir, `files-${content}`);
        fs.mkdirSync(files, { recursive: true });
        fs.writeFileSync(path.join(files, "program"), content);
        const registry = new RegistryStorage(path.join(dir, storage));
        const layer = await registry.addLayer(files);
        registry.addImage({ repository: "a/b", tag: "v1", layers: [layer], entrypoint: ["/program"] });
        const repository = path.join(dir, storage, "docker/registry/v2/repositories/a/b");
        return fs.readFileSync(path.join(repository, "_manifests/tags/v1/current/link"), "utf8");
    };

    it("gives the same content the same digest, and other content another", async () => {
        const first = await digests("one", "x");
        expect(await digests("two", "x")).toBe(first);
        expect(await digests("three", "y")).not.toBe(first);
    });

    it("keeps the manifest, its config and its layers as blobs", async () => {
        const blobs = path.join(dir, "s/docker/registry/v2/blobs/sha256");
        const read = (digest: string): Buffer => {
            const hex = digest.replace("sha256:", "");
            return fs.readFileSync(path.join(blobs, hex.slice(0, 2), hex, "data"));
        };
        const manifest = JSON.parse(read(await digests("s", "z")).toString());
        const config = JSON.parse(read(manifest.config.digest).toString());
        expect(read(manifest.layers[0].digest)).toHaveLength(manifest.layers[0].size);
        expect(config.rootfs.diff_ids).toEqual([manifest.layers[0].digest]);
        expect(config.config.Entrypoint).toEqual(["/program"]);
    });
});
