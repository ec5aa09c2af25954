import * as path from "path";
import { must } from "../../tools/process";
import type { Report } from "../../tools/progress";
import { ensureTools } from "../../tools/toolchain";
import { commonFlags, podman } from "../container";
import { attach, inNetwork } from "../network";
import { hostRootfs, mirrorRootfs } from "../rootfs/build";
import type { HostsFile } from "../hostsFile";
import { ImageSet, imageTools } from "./imageRecipes";
import { registryStorage } from "./images";
import { packagedTools } from "./packages";
import { aptRepositories } from "./repositories";
import { publicKey, signingKey } from "./signingKey";

/** The files on this machine that the mirror runs and serves. */
export interface Mirror {
    rootfs: string;
    repositories: string;
    images: string;
    /** Manifests that upstream publishes for `kubectl apply`. */
    manifests: string[];
    aptKey: string;
}

/** The toolchain's names of these manifests. */
const MANIFESTS = ["calico.yaml", "calico-vxlan.yaml"];

const HOST_NAME = "mirror";
const SETTINGS = path.join(__dirname, "settings");

/** Builds what the cache lacks. Tools and file systems come first, because the rest is made of them. */
export async function prepareMirror(say: Report, set: ImageSet): Promise<Mirror> {
    const shown = set === "all" ? MANIFESTS : [];
    const [tools, hosts, rootfs, keyHome] = await Promise.all([
        ensureTools([...packagedTools(set), ...imageTools(set), ...shown], say),
        hostRootfs(say),
        mirrorRootfs(say),
        signingKey(say),
    ]);
    const [repositories, images] = await Promise.all([
        aptRepositories(say, hosts, tools, keyHome, set),
        registryStorage(say, tools, set),
    ]);
    const manifests = shown.map((name) => tools[name]);
    return { rootfs, repositories, images, manifests, aptKey: publicKey(keyHome) };
}

/** Starts one container with a web server and a registry, which have read-only access to the prepared files. */
export async function startMirror(mirror: Mirror, lab: HostsFile): Promise<void> {
    await attach({ name: HOST_NAME, address: lab.mirror }, lab);
    const mounts = [
        `${mirror.repositories}:/srv/apt:ro`,
        `${mirror.images}:/srv/images:ro`,
        ...mirror.manifests.map((file) => `${file}:/srv/manifests/${path.basename(file)}:ro`),
        `${SETTINGS}:/etc/lab:ro`,
    ];
    await must(
        "starting the mirror",
        podman(
            ...commonFlags(HOST_NAME),
            ...mounts.flatMap((mount) => ["--volume", mount]),
            ...["--rootfs", `${mirror.rootfs}:O`, "/bin/bash", "/etc/lab/serve.sh"],
        ),
    );
    const answers = `for i in $(seq 100); do
        curl --silent --fail --output /dev/null http://${lab.mirror}/debian/dists/ &&
            curl --silent --fail --output /dev/null http://${lab.mirror}:5000/v2/ && exit 0
        sleep 0.1
    done; exit 1`;
    await must("waiting for the mirror", inNetwork(["sh", "-c", answers]));
}
