import { mkdirSync, symlinkSync, writeFileSync } from "fs";
import * as path from "path";
import { CACHE_DIR, operatorBin } from "../../tools/toolchain";

/** Fills an empty folder with what a stack needs, and returns the environment in which `pulumi` runs there. */
export async function prepare(folder: string): Promise<NodeJS.ProcessEnv> {
    const report = (line: string): void => void process.stdout.write(`[tools] ${line}\n`);
    writeFileSync(path.join(folder, "Pulumi.yaml"), "name: engine\nruntime: nodejs\n");
    linkSdk(folder);
    mkdirSync(path.join(folder, "state"));
    const bin = [installStub(folder), await operatorBin(report), path.dirname(process.execPath), process.env.PATH];
    return {
        ...process.env,
        PATH: bin.join(":"),
        PULUMI_HOME: path.join(folder, "home"),
        PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        STUB_FOLDER: folder,
        // A program and a provider begin in every run, and most of that is reading the SDK.
        NODE_COMPILE_CACHE: path.join(CACHE_DIR, "node-compile-cache"),
    };
}

// The SDK alone: the engine would start the plugins of every other SDK that it finds.
function linkSdk(folder: string): void {
    const scope = path.join(folder, "node_modules/@pulumi");
    mkdirSync(scope, { recursive: true });
    symlinkSync(path.resolve(__dirname, "../../node_modules/@pulumi/pulumi"), path.join(scope, "pulumi"));
}

/** Makes the stub provider a plugin that the engine finds on PATH. Returns its folder. */
function installStub(folder: string): string {
    const bin = path.join(folder, "bin");
    const stub = path.join(__dirname, "stubProvider.mjs");
    mkdirSync(bin);
    writeFileSync(path.join(bin, "pulumi-resource-stub"), `#!/bin/sh\nexec '${process.execPath}' '${stub}' "$@"\n`, {
        mode: 0o755,
    });
    return bin;
}
