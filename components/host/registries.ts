import * as pulumi from "@pulumi/pulumi";
import { RegistrySettings } from "../model/registries";
import { RegistryPasswords } from "../model/secrets";

/** The hosts.toml of one registry, for containerd (docs/hosts.md). */
interface HostsFile {
    registry: string;
    /** The servers that containerd asks, in this order: the mirror, then the registry itself. */
    urls: string[];
}

/** Every registry that has a mirror or settings of its own. */
export function registryFiles(
    mirrors: Record<string, string>,
    registries: Record<string, RegistrySettings>,
): HostsFile[] {
    // containerd would append "/v2" to a path that is "/".
    const mirrored = Object.entries(mirrors).map(([registry, url]) => ({ registry, urls: [url.replace(/\/+$/, "")] }));
    // A mirror's host may have images of its own too, which need the same login. The mirror says how it is spoken to.
    const schemeOf = (registry: string) => (Object.values(mirrors).some(isPlainAt(registry)) ? "http" : "https");
    const alone = Object.keys(registries)
        .filter((registry) => !(registry in mirrors))
        .map((registry) => ({ registry, urls: [`${schemeOf(registry)}://${registry}`] }));
    return [...mirrored, ...alone];
}

const isPlainAt =
    (registry: string) =>
    (url: string): boolean =>
        url === `http://${registry}` || url.startsWith(`http://${registry}/`);

/** `registry url` */
export const registryRows = (mirrors: Record<string, string>, registries: Record<string, RegistrySettings>): string[] =>
    registryFiles(mirrors, registries).flatMap(({ registry, urls }) => urls.map((url) => `${registry} ${url}`));

/** `host base64(user:password)`, for those that want a login. A secret. */
export const credentialRows = (
    registries: Record<string, RegistrySettings>,
    passwords: RegistryPasswords,
): pulumi.Output<string[]> =>
    pulumi.all(
        Object.entries(passwords).map(([host, password]) =>
            password.apply((word) => `${host} ${base64(`${registries[host].username}:${word}`)}`),
        ),
    );

/** `host base64(PEM)`, for those with a CA of their own. */
export const authorityRows = (registries: Record<string, RegistrySettings>): string[] =>
    Object.entries(registries)
        .filter(([, { caCertificate }]) => caCertificate !== undefined)
        .map(([host, { caCertificate = "" }]) => `${host} ${base64(caCertificate)}`);

const base64 = (text: string): string => Buffer.from(text).toString("base64");
