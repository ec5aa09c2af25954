import * as crypto from "crypto";
import * as fs from "fs";
import * as path from "path";
import { must } from "../process";
import { signingTime } from "./signingKey";
import { architecture } from "./versions";

/** A layer of an image: an uncompressed tar in the registry, known by its digest. */
export interface Layer {
    digest: string;
    size: number;
}

export interface Image {
    /** Without the registry's host: `coredns/coredns`. */
    repository: string;
    tag: string;
    layers: Layer[];
    entrypoint?: string[];
    /** What is run where nobody says; the first words of it, after an entrypoint. */
    command?: string[];
    user?: string;
    /** Variables beside PATH, as `NAME=value`. */
    environment?: string[];
}

const commandPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const mediaTypes = {
    config: "application/vnd.oci.image.config.v1+json",
    // Not compressed: over a bridge, unpacking costs more than what compressing saves.
    layer: "application/vnd.oci.image.layer.v1.tar",
    manifest: "application/vnd.oci.image.manifest.v1+json",
};

/**
 * Writes images straight into the storage directory of a registry (the layout of the `distribution` project's
 * filesystem driver), so that nothing has to run and nothing is pushed. The same content gives the same digests.
 */
export class RegistryStorage {
    private readonly root: string;

    constructor(dir: string) {
        this.root = path.join(dir, "docker/registry/v2");
    }

    /** Packs a directory's content as a layer. */
    async addLayer(dir: string): Promise<Layer> {
        const tar = path.join(this.root, `${crypto.randomUUID()}.tar`);
        fs.mkdirSync(this.root, { recursive: true });
        const reproducible = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
        await must("packing an image layer", ["tar", ...reproducible, "-C", dir, "-cf", tar, "."]);
        const digest = (await must("summing an image layer", ["sha256sum", tar])).split(" ")[0];
        const blob = this.blobFile(digest);
        fs.mkdirSync(path.dirname(blob), { recursive: true });
        fs.renameSync(tar, blob);
        return { digest: `sha256:${digest}`, size: fs.statSync(blob).size };
    }

    addImage(image: Image): void {
        const config = this.addJson(imageConfig(image));
        const manifest = this.addJson({
            schemaVersion: 2,
            mediaType: mediaTypes.manifest,
            config: { mediaType: mediaTypes.config, ...config },
            layers: image.layers.map((layer) => ({ mediaType: mediaTypes.layer, ...layer })),
        });
        for (const blob of [config, ...image.layers]) {
            this.link(image.repository, "_layers", blob.digest);
        }
        const tags = `_manifests/tags/${image.tag}`;
        this.link(image.repository, "_manifests/revisions", manifest.digest);
        this.link(image.repository, `${tags}/index`, manifest.digest);
        this.write(path.join("repositories", image.repository, tags, "current/link"), manifest.digest);
    }

    private addJson(document: object): Layer {
        const text = JSON.stringify(document);
        const digest = crypto.createHash("sha256").update(text).digest("hex");
        this.write(path.relative(this.root, this.blobFile(digest)), text);
        return { digest: `sha256:${digest}`, size: Buffer.byteLength(text) };
    }

    private link(repository: string, kind: string, digest: string): void {
        this.write(path.join("repositories", repository, kind, digest.replace(":", "/"), "link"), digest);
    }

    private blobFile(digest: string): string {
        return path.join(this.root, "blobs/sha256", digest.slice(0, 2), digest, "data");
    }

    private write(file: string, text: string): void {
        fs.mkdirSync(path.dirname(path.join(this.root, file)), { recursive: true });
        fs.writeFileSync(path.join(this.root, file), text);
    }
}

export function imageConfig(image: Image): object {
    return {
        created: signingTime.toISOString(),
        architecture,
        os: "linux",
        // What an image does not have is undefined, and so not in its JSON.
        config: {
            Env: [commandPath, ...(image.environment ?? [])],
            Entrypoint: image.entrypoint,
            Cmd: image.command,
            User: image.user,
        },
        rootfs: { type: "layers", diff_ids: image.layers.map((layer) => layer.digest) },
    };
}
