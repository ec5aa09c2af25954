import { existsSync, readdirSync, readFileSync } from "fs";
import * as path from "path";
import { parse } from "yaml";
import type { KnownClusterArgs } from "../../components/model/cluster";
import { PRIVATE_KEY, SIGNING_KEY, pem } from "./fixtures";

export const EXAMPLES = path.resolve(__dirname, "../../examples");
const file = (name: string) => path.join(EXAMPLES, name, `Pulumi.${name}.yaml`);

/** The examples that are a stack's configuration. */
export const exampleNames = readdirSync(EXAMPLES).filter((name) => existsSync(file(name)));

/** An example's configuration, by key without the project's name. */
export function exampleConfig(name: string): Record<string, object> {
    const { config } = parse(readFileSync(file(name), "utf8")) as { config: Record<string, object> };
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace("pulumi-kubeadm:", ""), value]),
    );
}

/** With what a person's files would bring: known_hosts and key, an existing etcd's credentials, signing keys, CAs, files for hosts. */
export function exampleArgs({ etcd, ...config }: Record<string, object>): KnownClusterArgs {
    const existing = etcd && "caFile" in etcd;
    const [caCertificate, clientKey] = [pem("ca.crt"), pem("ca.key")];
    const credentials = existing ? { caCertificate, clientCertificate: caCertificate, clientKey } : {};
    const ssh = { privateKey: PRIVATE_KEY, insecureSkipHostKeyCheck: true };
    const read = JSON.parse(JSON.stringify(config), (_, value) => {
        if (value?.keyFile) return { ...value, key: SIGNING_KEY };
        if (value?.caFile) return { ...value, caCertificate: pem("ca.crt") };
        const { contentFile, ...other } = value ?? {};
        return contentFile ? { ...other, content: "the file's text" } : value;
    });
    return { ...read, ssh, etcd: etcd && { ...etcd, ...credentials } };
}
