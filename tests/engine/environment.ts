import { mkdirSync, symlinkSync, writeFileSync } from "fs";
import * as path from "path";
import { CACHE_DIR, operatorBin, pluginEnvironment } from "../../tools/toolchain";

const MODULES = path.resolve(__dirname, "../../node_modules");

const report = (line: string): void => void process.stdout.write(`[tools] ${line}\n`);

/** Fills an empty folder with what a stack of the stub provider needs, and returns the environment in which `pulumi` runs there. */
export async function prepare(folder: string): Promise<NodeJS.ProcessEnv> {
    linkSdk(folder);
    return {
        ...prepareStack(folder, installStub(folder), await operatorBin(report)),
        PULUMI_HOME: path.join(folder, "home"),
        STUB_FOLDER: folder,
    };
}

/** The same for a stack of the real plugins, which are found as in the lab. */
export async function prepareWithPlugins(folder: string): Promise<NodeJS.ProcessEnv> {
    symlinkSync(MODULES, path.join(folder, "node_modules"));
    const bin = await operatorBin(report);
    return { ...prepareStack(folder, bin), ...pluginEnvironment(path.join(folder, "home"), bin) };
}

function prepareStack(folder: string, ...bin: string[]): NodeJS.ProcessEnv {
    writeFileSync(path.join(folder, "Pulumi.yaml"), "name: engine\nruntime: nodejs\n");
    writeFileSync(path.join(folder, "package.json"), "{}");
    mkdirSync(path.join(folder, "state"));
    return {
        ...process.env,
        PATH: [...bin, path.dirname(process.execPath), process.env.PATH].join(":"),
        PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        // A program and a provider begin in every run, and most of that is reading the SDK.
        NODE_COMPILE_CACHE: path.join(CACHE_DIR, "node-compile-cache"),
    };
}

// The SDK alone: the engine would start the plugins of every other SDK that it finds.
function linkSdk(folder: string): void {
    const scope = path.join(folder, "node_modules/@pulumi");
    mkdirSync(scope, { recursive: true });
    symlinkSync(path.join(MODULES, "@pulumi/pulumi"), path.join(scope, "pulumi"));
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
