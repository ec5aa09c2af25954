import * as crypto from "crypto";
import * as fs from "fs";
import * as path from "path";
import { must } from "../../tools/process";
import { SUITE } from "../rootfs/build";
import { clearSign, SIGNING_TIME } from "./signingKey";
import { ARCHITECTURE } from "./versions";

/** The layout of a repository with `deb URL SUITE COMPONENT`. */
export interface Distribution {
    suite: string;
    component: string;
}

export const DEBIAN_LIKE: Distribution = { suite: SUITE, component: "main" };

export const DOCKER_LIKE: Distribution = { suite: SUITE, component: "stable" };

/** Indexes and signs the packages below `root`. Without a distribution the layout is flat (`deb URL /`), as that of pkgs.k8s.io. */
export async function indexRepository(root: string, keyHome: string, distribution?: Distribution): Promise<void> {
    const scan = ["dpkg-scanpackages", "--multiversion", "--hash", "sha256", "."];
    const packages = (await must(`indexing ${root}`, scan, { cwd: root })).replaceAll("Filename: ./", "Filename: ");
    const base = distribution ? path.join(root, "dists", distribution.suite) : root;
    const index = distribution ? path.join(distribution.component, `binary-${ARCHITECTURE}`, "Packages") : "Packages";
    fs.mkdirSync(path.dirname(path.join(base, index)), { recursive: true });
    fs.writeFileSync(path.join(base, index), packages);
    fs.writeFileSync(path.join(base, "Release"), releaseFile({ [index]: packages }, distribution));
    await clearSign(keyHome, path.join(base, "Release"));
}

export function releaseFile(indexes: Record<string, string>, distribution?: Distribution): string {
    const fields = {
        Origin: "pulumi-kubeadm lab",
        Label: "pulumi-kubeadm lab",
        ...(distribution && {
            Suite: distribution.suite,
            Codename: distribution.suite,
            Components: distribution.component,
        }),
        Architectures: ARCHITECTURE,
        Date: SIGNING_TIME.toUTCString().replace("GMT", "UTC"),
    };
    const lines = Object.entries(fields).map(([field, value]) => `${field}: ${value}`);
    const sums = Object.entries(indexes).map(([file, text]) => {
        const sum = crypto.createHash("sha256").update(text).digest("hex");
        return ` ${sum} ${Buffer.byteLength(text)} ${file}`;
    });
    return [...lines, "SHA256:", ...sums, ""].join("\n");
}
