import * as fs from "fs";
import * as path from "path";
import { must } from "../../tools/process";
import { ARCHITECTURE } from "./versions";

/** The content of a packaged file: a copy of another file, or a text. */
export type Content = { from: string } | { text: string };

export interface Deb {
    name: string;
    version: string;
    summary: string;
    /** Relations to other packages, by control field: Depends, Recommends, Conflicts, … */
    relations?: Record<string, string>;
    /** Files by path on the host. A copy keeps its mode. Files below /etc are configuration files. */
    files: Record<string, Content>;
    /** Maintainer scripts by name. */
    scripts?: Record<string, Content>;
}

/** Builds the package in `dir`. It is uncompressed, because hosts load it over a bridge and unpack it many times. */
export async function buildDeb(deb: Deb, dir: string): Promise<void> {
    const stage = path.join(dir, `${deb.name}.stage`);
    for (const [file, content] of Object.entries(deb.files)) {
        place(path.join(stage, file), content);
    }
    const control = path.join(stage, "DEBIAN");
    place(path.join(control, "control"), { text: controlFile(deb) });
    const configuration = Object.keys(deb.files).filter((file) => file.startsWith("/etc/"));
    if (configuration.length > 0) {
        place(path.join(control, "conffiles"), { text: configuration.map((file) => `${file}\n`).join("") });
    }
    for (const [name, script] of Object.entries(deb.scripts ?? {})) {
        place(path.join(control, name), script);
        fs.chmodSync(path.join(control, name), 0o755);
    }
    const file = path.join(dir, `${deb.name}_${deb.version}_${ARCHITECTURE}.deb`);
    await must(`packaging ${deb.name}`, ["dpkg-deb", "--root-owner-group", "-Znone", "--build", stage, file]);
    fs.rmSync(stage, { recursive: true });
}

export function controlFile(deb: Deb): string {
    const fields = {
        Package: deb.name,
        Version: deb.version,
        Architecture: ARCHITECTURE,
        Maintainer: "pulumi-kubeadm lab <lab@localhost>",
        Section: "admin",
        Priority: "optional",
        ...deb.relations,
        Description: deb.summary,
    };
    return Object.entries(fields)
        .map(([field, value]) => `${field}: ${value}\n`)
        .join("");
}

function place(target: string, content: Content): void {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    if ("text" in content) {
        fs.writeFileSync(target, content.text);
    } else {
        fs.copyFileSync(content.from, target);
    }
}
