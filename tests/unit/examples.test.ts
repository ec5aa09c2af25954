import { existsSync, readdirSync, readFileSync } from "fs";
import * as path from "path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { ClusterArgs } from "../../components/clusterArgs";
import { clusterFaults } from "../../components/validation/cluster";
import { unknownKeys } from "../../components/validation/keys";

const EXAMPLES = path.resolve(__dirname, "../../examples");
const file = (name: string) => path.join(EXAMPLES, name, `Pulumi.${name}.yaml`);
const names = readdirSync(EXAMPLES).filter((name) => existsSync(file(name)));

/** With what a person's files would bring: known_hosts and key, an existing etcd's credentials, signing keys, CAs. */
function args({ etcd, ...config }: Record<string, object>): ClusterArgs {
    const pem = "-----BEGIN TEST PEM-----";
    const existing = etcd && "caFile" in etcd;
    const credentials = existing ? { caCertificate: pem, clientCertificate: pem, clientKey: pem } : {};
    const ssh = { privateKey: pem, insecureSkipHostKeyCheck: true };
    const read = JSON.parse(JSON.stringify(config), (_, value) =>
        value?.keyFile
            ? { ...value, key: "-----BEGIN PGP PUBLIC KEY BLOCK-----" }
            : value?.caFile
              ? { ...value, caCertificate: "-----BEGIN CERTIFICATE-----" }
              : value,
    );
    return { ...read, ssh, etcd: etcd && { ...etcd, ...credentials } } as unknown as ClusterArgs;
}

describe("an example's stack configuration", () => {
    it.each(names)("%s has no unknown key and no fault", (name) => {
        const { config } = parse(readFileSync(file(name), "utf8"));
        const plain = Object.fromEntries(
            Object.entries(config).map(([key, value]) => [key.replace("pulumi-kubeadm:", ""), value]),
        );
        expect(unknownKeys(plain)).toEqual([]);
        expect(clusterFaults(args(plain as Record<string, object>))).toEqual([]);
    });
});
