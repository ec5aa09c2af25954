import * as crypto from "crypto";
import * as fs from "fs";
import * as path from "path";
import { must } from "../process";
import { suite } from "../rootfs/build";
import { clearSign, signingTime } from "./signingKey";
import { architecture } from "./versions";

/** A repository as apt sees it: `deb URL SUITE COMPONENT`. */
export interface Distribution {
    suite: string;
    component: string;
}

export const debianLike: Distribution = { suite, component: "main" };

export const dockerLike: Distribution = { suite, component: "stable" };

/** Indexes and signs the packages below `root`; flat (`deb URL /`, as pkgs.k8s.io) where no distribution is given. */
export async function indexRepository(root: string, keyHome: string, distribution?: Distribution): Promise<void> {
    const scan = ["dpkg-scanpackages", "--multiversion", "--hash", "sha256", "."];
    const packages = (await must(`indexing ${root}`, scan, { cwd: root })).replaceAll("Filename: ./", "Filename: ");
    const base = distribution ? path.join(root, "dists", distribution.suite) : root;
    const index = distribution ? path.join(distribution.component, `binary-${architecture}`, "Packages") : "Packages";
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
        Architectures: architecture,
        Date: signingTime.toUTCString().replace("GMT", "UTC"),
    };
    const lines = Object.entries(fields).map(([field, value]) => `${field}: ${value}`);
    const sums = Object.entries(indexes).map(([file, text]) => {
        const sum = crypto.createHash("sha256").update(text).digest("hex");
        return ` ${sum} ${Buffer.byteLength(text)} ${file}`;
    });
    return [...lines, "SHA256:", ...sums, ""].join("\n");
}
