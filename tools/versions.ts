import * as fs from "fs";
import * as path from "path";

/** Reads `KEY=value` lines, which bash can source as well. */
const readPins = (file: string): Record<string, string> =>
    Object.fromEntries(
        [...fs.readFileSync(file, "utf8").matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key, value]),
    );

const BOOTSTRAP = readPins(path.join(__dirname, "bootstrap.env"));

/**
 * Every version of the toolchain. `fallback/modules/<tool>/go.mod` and `go.sum` pin the same versions by content; a unit
 * test compares the two.
 *
 * No tool is downloaded as a release archive, because its checksum would first have to be verified against the
 * publisher's signature. `go` verifies a module's content against the public checksum database.
 */
export const VERSIONS = {
    node: BOOTSTRAP.NODE_VERSION,
    go: BOOTSTRAP.GO_VERSION,
    pulumi: "3.274.1",
    /** The newest version that is part of a published module. */
    pulumiLanguageNodejs: "3.66.0",
    /** The newest version whose provider is a Go module. The SDK in package.json is the same. */
    pulumiKubernetes: "4.25.0",
    kubernetes: "1.36.3",
    /** The previous minor version, for tests of upgrades. */
    kubernetesFormer: "1.35.4",
    containerd: "2.4.2",
    etcd: "3.6.6",
    coredns: "1.14.6",
    criTools: "1.36.0",
    crane: "0.22.1",
    flannel: "0.28.4",
    /** The newest version in the checksum database. */
    kubeVip: "0.9.1",
    calico: "3.28.5",
    localPathProvisioner: "0.0.30",
    metricsServer: "0.9.0",
} as const;

/** The oldest `pulumi` that runs the pinned Node SDK. The toolchain ignores an older one on PATH. */
export const MINIMUM_PULUMI = "3.220.0";

/** The versions of the plugins that the SDKs in package.json need. */
export const PLUGIN_VERSIONS: Record<string, string> = sdkVersions("tls", "kubernetes", "command");

function sdkVersions(...names: string[]): Record<string, string> {
    const manifest = JSON.parse(fs.readFileSync(path.join(__dirname, "../package.json"), "utf8")) as {
        dependencies: Record<string, string>;
    };
    return Object.fromEntries(names.map((name) => [name, manifest.dependencies[`@pulumi/${name}`]]));
}

/** Returns a negative number if `a` is older than `b`, zero if they are equal, else a positive one. Ignores pre-release parts. */
export function compareVersions(a: string, b: string): number {
    const parts = (version: string): number[] => version.split(/[-+]/)[0].split(".").map(Number);
    const [left, right] = [parts(a), parts(b)];
    const difference = left.findIndex((part, i) => part !== (right[i] ?? 0));
    return difference < 0 ? 0 : left[difference] - (right[difference] ?? 0);
}
