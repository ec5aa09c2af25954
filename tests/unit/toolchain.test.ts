import { execFileSync } from "child_process";
import * as fs from "fs";
import * as os from "os";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureBuilt, isComplete } from "../../tools/build";
import { parseWords } from "../../tools/commandLine";
import { inputKey, linkerFlags } from "../../tools/inputs";
import { withLock } from "../../tools/lock";
import { findOnPath } from "../../tools/onPath";
import { outputsOf, Recipe, recipeOf, RECIPES } from "../../tools/recipes";
import { compareVersions, PLUGIN_VERSIONS, VERSIONS } from "../../tools/versions";

const quiet = (): void => undefined;

let scratch: string;
let recipe: Recipe;

beforeEach(() => {
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), "toolchain-"));
    const source = path.join(scratch, "source");
    fs.mkdirSync(source);
    fs.writeFileSync(path.join(source, "go.mod"), "module example.com/greeter\n\ngo 1.26.0\n");
    fs.writeFileSync(path.join(source, "main.go"), `package main\n\nfunc main() { println("hello") }\n`);
    recipe = { name: "greeter", version: "1.0.0", source, packages: { greeter: "." } };
});

afterEach(() => fs.rmSync(scratch, { recursive: true }));

describe("the key of a tool", () => {
    const changes: Record<string, (changed: Recipe) => unknown> = {
        source: ({ source }) => fs.appendFileSync(path.join(source, "main.go"), "\n"),
        "pinned modules": ({ source }) =>
            fs.writeFileSync(path.join(source, "go.sum"), "example.com/other v1.0.0 h1:x\n"),
        "file name": ({ source }) => fs.renameSync(path.join(source, "main.go"), path.join(source, "other.go")),
        "linker variables": (changed) => (changed.variables = { "main.version": "2" }),
        "build tags": (changed) => (changed.tags = "small"),
        "static linking against C": (changed) => (changed.cgo = true),
        packages: (changed) => (changed.packages = { greeter: "./cmd" }),
        "copied files": (changed) => (changed.copies = { module: "example.com/other", paths: { page: "page.html" } }),
    };

    it.each(Object.keys(changes))("changes with its %s", (what) => {
        const before = inputKey(recipe);
        changes[what](recipe);
        expect(inputKey(recipe)).not.toBe(before);
    });

    it("stays with unchanged inputs, other tests and another place", () => {
        const before = inputKey(recipe);
        const elsewhere = path.join(scratch, "elsewhere");
        fs.cpSync(recipe.source, elsewhere, { recursive: true });
        fs.writeFileSync(path.join(elsewhere, "main_test.go"), "package main\n");
        expect(inputKey({ ...recipe, source: elsewhere })).toBe(before);
    });
});

describe("building", () => {
    let builds: number;
    const options = (): Parameters<typeof ensureBuilt>[2] => ({
        root: path.join(scratch, "cache"),
        builder: async (_, target) => {
            builds++;
            await new Promise((resolve) => setTimeout(resolve, 20));
            fs.writeFileSync(path.join(target, "greeter"), "an executable");
        },
    });

    beforeEach(() => {
        builds = 0;
    });

    it("happens once, then the cache serves", async () => {
        const first = await ensureBuilt(recipe, quiet, options());
        expect(await ensureBuilt(recipe, quiet, options())).toBe(first);
        expect(fs.readFileSync(path.join(first, "greeter"), "utf8")).toBe("an executable");
        expect(builds).toBe(1);
    });

    it("happens once for two that want it at the same time", async () => {
        const folders = await Promise.all([1, 2].map(() => ensureBuilt(recipe, quiet, options())));
        expect(new Set(folders).size).toBe(1);
        expect(builds).toBe(1);
    });

    const damages: Record<string, (folder: string) => void> = {
        "an executable is cut short": (folder) => fs.truncateSync(path.join(folder, "greeter"), 3),
        "an executable is gone": (folder) => fs.rmSync(path.join(folder, "greeter")),
        "the list of sizes is gone": (folder) => fs.rmSync(path.join(folder, "sizes.json")),
    };

    it.each(Object.keys(damages))("is done again when %s", async (what) => {
        const folder = await ensureBuilt(recipe, quiet, options());
        damages[what](folder);
        expect(isComplete(recipe, folder)).toBe(false);
        await ensureBuilt(recipe, quiet, options());
        expect(isComplete(recipe, folder)).toBe(true);
        expect(builds).toBe(2);
    });

    it("leaves nothing that looks done when it fails, and starts afresh after that", async () => {
        const failing = async (_: Recipe, target: string): Promise<void> => {
            fs.writeFileSync(path.join(target, "left-over"), "");
            throw new Error("no space left");
        };
        await expect(ensureBuilt(recipe, quiet, { ...options(), builder: failing })).rejects.toThrow("no space left");
        const folder = await ensureBuilt(recipe, quiet, options());
        expect(fs.readdirSync(folder).sort()).toEqual(["greeter", "sizes.json"]);
    });

    it("compiles a module without writing to it", async () => {
        const before = fs.readdirSync(recipe.source);
        const folder = await ensureBuilt(recipe, quiet, { root: path.join(scratch, "cache") });
        expect(execFileSync(path.join(folder, "greeter"), { stdio: ["ignore", "pipe", "pipe"] }).toString()).toBe("");
        expect(fs.readdirSync(folder).sort()).toEqual(["greeter", "sizes.json"]);
        expect(fs.readdirSync(recipe.source)).toEqual(before);
    }, 120_000);

    it("shows what the compiler said", async () => {
        fs.writeFileSync(path.join(recipe.source, "main.go"), "package main\n\nfunc main() { undefinedName() }\n");
        await expect(ensureBuilt(recipe, quiet, { root: scratch })).rejects.toThrow(/building greeter.*undefinedName/s);
    }, 120_000);
});

describe("a lock", () => {
    it("is free again after its holder failed", async () => {
        const file = path.join(scratch, "lock");
        await expect(withLock(file, quiet, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
        expect(await withLock(file, quiet, async () => "held")).toBe("held");
    });

    it("names its holder, and waits no longer than the limit", async () => {
        const file = path.join(scratch, "lock");
        const lines: string[] = [];
        const waiting = withLock(file, quiet, () =>
            withLock(
                file,
                (line) => lines.push(line),
                async () => undefined,
                { limitSeconds: 2 },
            ),
        );
        await expect(waiting).rejects.toThrow(`lock ${file}: process ${process.pid} has held it for more than 2 s`);
        expect(lines).toEqual([`waiting for process ${process.pid} (lock ${file})`]);
    });

    it("is free again after its holder was killed", async () => {
        const file = path.join(scratch, "lock");
        const lock = path.resolve(__dirname, "../../tools/lock.ts");
        const program = `require(${JSON.stringify(lock)}).withLock(${JSON.stringify(file)}, () => {}, () => {
            process.kill(process.pid, "SIGKILL");
            return new Promise(() => {});
        })`;
        expect(() => execFileSync("tsx", ["-e", program], { stdio: "pipe" })).toThrow();
        expect(fs.readFileSync(file, "utf8")).toMatch(/^\d+\n$/);
        expect(await withLock(file, quiet, async () => "held", { limitSeconds: 5 })).toBe("held");
    });
});

describe("a command line", () => {
    it("is split into options and others", () => {
        const { values, positionals } = parseWords("greet", "see help", ["bob", "--loud"], {
            loud: { type: "boolean" },
        });
        expect([values.loud, positionals]).toEqual([true, ["bob"]]);
    });

    it.each([
        [["--lout"], "greet: unknown option '--lout'; see help"],
        [["--times"], "greet: option '--times <value>' argument missing; see help"],
    ])("with a mistake in %s is an error that names it", (words, message) =>
        expect(() => parseWords("greet", "see help", words, { times: { type: "string" } })).toThrow(message),
    );
});

describe("versions", () => {
    it.each([
        ["1.26.8", "1.26.8", 0],
        ["1.26.10", "1.26.8", 2],
        ["1.19", "1.26.8", -7],
        ["3.259.0-alpha.1+x", "3.220.0", 39],
    ])("%s against %s", (a, b, difference) => expect(compareVersions(a, b)).toBe(difference));

    it("are those of the Go modules", () => {
        const required = (name: string): string =>
            fs.readFileSync(path.join(recipeOf(name).source, "go.mod"), "utf8").replace(/\/\/.*/g, "");
        expect(required("pulumi")).toContain(`github.com/pulumi/pulumi/pkg/v3 v${VERSIONS.pulumi}`);
        expect(required("pulumi")).toContain(`github.com/pulumi/pulumi/sdk/v3 v${VERSIONS.pulumi}`);
        // The provider's own tags are no versions of its module: this is the commit of v4.25.0.
        expect(required("pulumi-resource-kubernetes")).toContain(
            "pulumi-kubernetes/provider/v4 v4.0.0-20260115033456-f47bc2d6f199",
        );
        expect(required("pulumi-resource-kubernetes")).toContain(`/sdk/v4 v${VERSIONS.pulumiKubernetes}`);
        expect(required("pulumi-language-nodejs")).toContain(`pulumi/sdk/v3 v${VERSIONS.pulumiLanguageNodejs}`);
        expect(required("kubelet")).toContain(`k8s.io/kubernetes v${VERSIONS.kubernetes}`);
        expect(required("kubelet")).toContain(`k8s.io/api v0.${VERSIONS.kubernetes.replace(/^1\./, "")}`);
        expect(required("kubelet-former")).toContain(`k8s.io/kubernetes v${VERSIONS.kubernetesFormer}`);
        expect(required("kubelet-former")).toContain(`k8s.io/api v0.${VERSIONS.kubernetesFormer.replace(/^1\./, "")}`);
        expect(required("containerd")).toContain(`github.com/containerd/containerd/v2 v${VERSIONS.containerd}`);
        expect(required("etcd")).toContain(`go.etcd.io/etcd/server/v3 v${VERSIONS.etcd}`);
        expect(required("coredns")).toContain(`github.com/coredns/coredns v${VERSIONS.coredns}`);
        expect(required("crictl")).toContain(`sigs.k8s.io/cri-tools v${VERSIONS.criTools}`);
        expect(required("crane")).toContain(`github.com/google/go-containerregistry v${VERSIONS.crane}`);
        expect(required("flanneld")).toContain(`github.com/flannel-io/flannel v${VERSIONS.flannel}`);
        // Calico's own tags are no versions of its module: this is the commit of v3.28.5.
        expect(required("calico-node")).toContain(
            "projectcalico/calico v1.11.0-cni-plugin.0.20250813170300-a0db560f05",
        );
        expect(required("local-path-provisioner")).toContain(`-provisioner v${VERSIONS.localPathProvisioner}`);
        expect(required("metrics-server")).toContain(`sigs.k8s.io/metrics-server v${VERSIONS.metricsServer}`);
        expect(required("kube-vip")).toContain(`github.com/kube-vip/kube-vip v${VERSIONS.kubeVip}`);
    });

    it("of our plugins are those the SDKs ask for", () => {
        expect(recipeOf("pulumi-resource-tls").version).toBe(PLUGIN_VERSIONS.tls);
        expect(recipeOf("pulumi-resource-command").version).toBe(PLUGIN_VERSIONS.command);
        expect(recipeOf("pulumi-resource-kubernetes").version).toBe(PLUGIN_VERSIONS.kubernetes);
    });
});

describe("recipes", () => {
    it("each name what they make once", () => {
        const names = RECIPES.flatMap(outputsOf);
        expect(new Set(names).size).toBe(names.length);
    });

    it("link statically where C is needed", () => {
        expect(linkerFlags(recipeOf("flanneld"))).toContain("-extldflags -static");
        expect(linkerFlags(recipe)).toBe("-s -w");
    });

    it("are found by what they make, and an unknown one is named", () => {
        expect(recipeOf("kubectl")).toBe(recipeOf("kubelet"));
        expect(recipeOf("calico-vxlan.yaml")).toBe(recipeOf("calico-node"));
        expect(() => recipeOf("kubeadmin")).toThrow(/tool kubeadmin: got an unknown name, expected one of .*kubeadm/);
    });
});

describe("PATH", () => {
    it("gives the first executable file, and no folder or plain file of that name", () => {
        const [folder, plain, real] = ["folder", "plain", "real"].map((name) => path.join(scratch, name));
        fs.mkdirSync(path.join(folder, "tool"), { recursive: true });
        for (const [place, mode] of [
            [plain, 0o644],
            [real, 0o755],
        ] as const) {
            fs.mkdirSync(place);
            fs.writeFileSync(path.join(place, "tool"), "#!/bin/sh\n", { mode });
        }
        expect(findOnPath("tool", [folder, "relative", plain, real].join(":"))).toBe(path.join(real, "tool"));
        expect(findOnPath("tool", folder)).toBeUndefined();
    });
});
