import type { ClusterArgs } from "../clusterArgs";
import { EtcdSourceArgs, OsFamily, PackageRepositoryArgs, ProxyArgs, RegistryArgs } from "../types";
import { checksumFaults } from "./binaries";
import { Fault, fault, oneOf } from "./fault";

export function sourceFaults({ sources = {}, osFamily = OsFamily.Debian }: ClusterArgs): Fault[] {
    const mirrors = Object.entries(sources.registryMirrors ?? {})
        .filter(([, url]) => !/^https?:\/\/[^/]/.test(url))
        .map(([registry, url]) => fault(`sources.registryMirrors["${registry}"]`, url, "an http:// or https:// URL"));
    return [
        ...mirrors,
        ...Object.entries(sources.registries ?? {}).flatMap(registryFaults),
        ...proxyFaults(sources.proxy),
        ...oneOf("osFamily", osFamily, OsFamily),
        ...repositoryFaults("sources.kubernetes", sources.kubernetes, osFamily),
        ...repositoryFaults("sources.containerd", sources.containerd, osFamily),
        ...etcdSourceFaults(sources.etcd),
    ];
}

function registryFaults([host, { username, password, caCertificate }]: [string, RegistryArgs]): Fault[] {
    const path = `sources.registries["${host}"]`;
    const faults: Fault[] = [];
    if (!/^[a-z0-9.[\]:-]+$/.test(host)) faults.push(fault(path, host, "a registry's host, or host:port"));
    if (username !== undefined && password === undefined)
        faults.push(fault(`${path}.password`, undefined, "the password of that username, as a secret"));
    if (username === undefined && password !== undefined)
        faults.push(fault(`${path}.username`, undefined, "the username of that password"));
    if (caCertificate !== undefined && !caCertificate.startsWith("-----BEGIN CERTIFICATE-----"))
        faults.push(fault(`${path}.caCertificate`, caCertificate.slice(0, 40), "a certificate, PEM"));
    return faults;
}

function proxyFaults(proxy: ProxyArgs | undefined): Fault[] {
    if (proxy === undefined) return [];
    const urls = (["http", "https"] as const)
        .filter((scheme) => proxy[scheme] !== undefined && !/^https?:\/\/[^/\s"@]+$/.test(proxy[scheme]))
        .map((scheme) =>
            fault(
                `sources.proxy.${scheme}`,
                proxy[scheme],
                "the proxy's URL without credentials, e.g. 'http://10.0.0.2:3128'",
            ),
        );
    return proxy.http === undefined && proxy.https === undefined
        ? [fault("sources.proxy", {}, "http, https, or both")]
        : urls;
}

/** An archive with its checksum, or a package. */
export function etcdSourceFaults(source: EtcdSourceArgs | undefined): Fault[] {
    if (source === undefined) return [];
    const { uri, sha256, package: name } = source;
    const path = "sources.etcd";
    if (name !== undefined) {
        const archive = uri ?? sha256;
        return archive === undefined
            ? []
            : [fault(`${path}.package`, name, "none beside uri and sha256: one or the other")];
    }
    const faults: Fault[] = [];
    if (!/^https?:\/\/[^/]/.test(uri ?? ""))
        faults.push(fault(`${path}.uri`, uri, "the http:// or https:// URL of an archive, or a package instead"));
    if (Object.keys(sha256 ?? {}).length === 0)
        faults.push(fault(`${path}.sha256`, sha256, 'a checksum by architecture, {"amd64": "…"}'));
    return [...faults, ...checksumFaults(`${path}.sha256`, sha256)];
}

function repositoryFaults(path: string, repository: PackageRepositoryArgs | undefined, family: OsFamily): Fault[] {
    if (repository === undefined) return [];
    const faults: Fault[] = [];
    if (!/^https?:\/\//.test(repository.uri ?? ""))
        faults.push(fault(`${path}.uri`, repository.uri, "an http:// or https:// URI"));
    if (family === OsFamily.Debian && !repository.suite)
        faults.push(fault(`${path}.suite`, repository.suite, "suite and components, or '/'"));
    if (family === OsFamily.RedHat && repository.suite !== undefined)
        faults.push(fault(`${path}.suite`, repository.suite, "none: osFamily is 'redhat'"));
    if (!/^(-----BEGIN PGP PUBLIC|[0-9A-F]{40} https?:)/.test(repository.key ?? "")) {
        faults.push(
            fault(`${path}.key`, repository.key?.slice(0, 40), "an armored public key, or '<fingerprint> <URL>'"),
        );
    }
    return faults;
}
