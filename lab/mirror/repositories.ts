import * as fs from "fs";
import * as path from "path";
import { must } from "../../tools/process";
import type { Report } from "../../tools/progress";
import { built } from "../buildCache";
import { DEBIAN_LIKE, DOCKER_LIKE, indexRepository } from "./aptRepository";
import { buildDeb, Deb } from "./deb";
import { DEBIAN_PACKAGES, downloadDebianPackages, repackDebianPackages } from "./debian";
import { containerdPackages, etcdPackages, kubernetesPackages, packagedTools, Tools } from "./packages";
import type { ImageSet } from "./imageRecipes";
import { publicKey } from "./signingKey";
import { ARCHITECTURE, RELEASES } from "./versions";

/** Returns the folder that the web server serves: /kubernetes, /containerd, /debian, and /kubernetes-former for set `all`. */
export async function aptRepositories(
    say: Report,
    rootfs: string,
    tools: Tools,
    keyHome: string,
    set: ImageSet,
): Promise<string> {
    const debian = await built(say, "debian-packages", [rootfs, DEBIAN_PACKAGES], (dir) =>
        downloadDebianPackages(rootfs, dir),
    );
    const kubernetes = {
        kubernetes: RELEASES.current,
        ...(set === "all" ? { "kubernetes-former": RELEASES.former } : {}),
    };
    const recipe = [debian, keyHome, packagedTools(set).map((name) => tools[name]), sourceTexts()];
    return built(say, "apt-repositories", recipe, async (dir) => {
        const at = (...names: string[]): string => path.join(dir, ...names);
        await must("extracting the CNI plugins", ["dpkg-deb", "--extract", findCniPlugins(debian), at("cni")]);
        for (const [folder, release] of Object.entries(kubernetes)) {
            await buildAll(at(folder, ARCHITECTURE), kubernetesPackages(tools, at("cni/usr/lib/cni"), release));
        }
        await buildAll(at("containerd/pool"), containerdPackages(tools));
        await buildAll(at("debian/pool"), etcdPackages(tools));
        await repackDebianPackages(debian, at("debian/pool"));
        fs.rmSync(at("cni"), { recursive: true });
        for (const folder of Object.keys(kubernetes)) {
            await indexRepository(at(folder), keyHome);
            // The path in upstream's installation instructions.
            fs.copyFileSync(publicKey(keyHome), at(folder, "Release.key"));
        }
        await indexRepository(at("containerd"), keyHome, DOCKER_LIKE);
        await indexRepository(at("debian"), keyHome, DEBIAN_LIKE);
        fs.copyFileSync(publicKey(keyHome), at("containerd/gpg"));
    });
}

function findCniPlugins(pool: string): string {
    return path.join(pool, fs.readdirSync(pool).find((name) => name.startsWith("containernetworking-plugins_")) ?? "");
}

async function buildAll(dir: string, debs: Deb[]): Promise<void> {
    fs.mkdirSync(dir, { recursive: true });
    await Promise.all(debs.map((deb) => buildDeb(deb, dir)));
}

/** Returns the text of every file that packages depend on. It is part of the build's key, so a change rebuilds them. */
function sourceTexts(): string[] {
    const shipped = fs.readdirSync(path.join(__dirname, "packages"), { recursive: true, encoding: "utf8" });
    const files = [
        "packages.ts",
        "deb.ts",
        "debian.ts",
        "aptRepository.ts",
        "versions.ts",
        ...shipped.map((file) => `packages/${file}`),
    ];
    return files
        .map((file) => path.join(__dirname, file))
        .filter((file) => fs.statSync(file).isFile())
        .map((file) => fs.readFileSync(file, "utf8"));
}
