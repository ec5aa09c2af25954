import * as crypto from "crypto";
import * as fs from "fs";
import * as path from "path";
import { must } from "../../tools/process";
import { SIGNING_TIME } from "./signingKey";
import { ARCHITECTURE } from "./versions";

/** A layer of an image: an uncompressed tar in the registry, identified by its digest. */
export interface Layer {
    digest: string;
    size: number;
}

export interface Image {
    /** The name without the registry's host: `coredns/coredns`. */
    repository: string;
    tag: string;
    layers: Layer[];
    entrypoint?: string[];
    /** The default command, or the default arguments of the entrypoint. */
    command?: string[];
    user?: string;
    /** Variables besides PATH, as `NAME=value`. */
    environment?: string[];
}

const COMMAND_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const MEDIA_TYPES = {
    config: "application/vnd.oci.image.config.v1+json",
    // Not compressed, because decompression takes longer than the transfer over a bridge.
    layer: "application/vnd.oci.image.layer.v1.tar",
    manifest: "application/vnd.oci.image.manifest.v1+json",
};

/**
 * Writes images into the storage directory of a registry, in the layout of the `distribution` project's filesystem driver.
 * So no registry has to run during the build. The same content gives the same digests.
 */
export class RegistryStorage {
    private readonly root: string;

    constructor(dir: string) {
        this.root = path.join(dir, "docker/registry/v2");
    }

    /** Packs a directory's content as a layer. Returns its digest and size. */
    async addLayer(dir: string): Promise<Layer> {
        const tar = path.join(this.root, `${crypto.randomUUID()}.tar`);
        fs.mkdirSync(this.root, { recursive: true });
        const reproducible = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
        await must("packing an image layer", ["tar", ...reproducible, "-C", dir, "-cf", tar, "."]);
        const digest = (await must("hashing an image layer", ["sha256sum", tar])).split(" ")[0];
        const blob = this.blobFile(digest);
        fs.mkdirSync(path.dirname(blob), { recursive: true });
        fs.renameSync(tar, blob);
        return { digest: `sha256:${digest}`, size: fs.statSync(blob).size };
    }

    addImage(image: Image): void {
        const config = this.addJson(imageConfig(image));
        const manifest = this.addJson({
            schemaVersion: 2,
            mediaType: MEDIA_TYPES.manifest,
            config: { mediaType: MEDIA_TYPES.config, ...config },
            layers: image.layers.map((layer) => ({ mediaType: MEDIA_TYPES.layer, ...layer })),
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
        created: SIGNING_TIME.toISOString(),
        architecture: ARCHITECTURE,
        os: "linux",
        // JSON omits undefined fields.
        config: {
            Env: [COMMAND_PATH, ...(image.environment ?? [])],
            Entrypoint: image.entrypoint,
            Cmd: image.command,
            User: image.user,
        },
        rootfs: { type: "layers", diff_ids: image.layers.map((layer) => layer.digest) },
    };
}
