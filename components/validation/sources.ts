import type { ClusterArgs } from "../clusterArgs";
import { EtcdSourceArgs, PackageRepositoryArgs } from "../types";
import { Fault, fault } from "./fault";

export function sourceFaults({ sources = {} }: ClusterArgs): Fault[] {
    const mirrors = Object.entries(sources.registryMirrors ?? {})
        .filter(([, url]) => !/^https?:\/\/[^/]/.test(url))
        .map(([registry, url]) => fault(`sources.registryMirrors["${registry}"]`, url, "an http:// or https:// URL"));
    return [
        ...mirrors,
        ...repositoryFaults("sources.kubernetes", sources.kubernetes),
        ...repositoryFaults("sources.containerd", sources.containerd),
        ...etcdSourceFaults(sources.etcd),
    ];
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
    const sums = Object.entries(sha256 ?? {});
    if (sums.length === 0) faults.push(fault(`${path}.sha256`, sha256, 'a checksum by architecture, {"amd64": "…"}'));
    for (const [architecture, sum] of sums)
        if (!/^(amd64|arm64)=[0-9a-f]{64}$/.test(`${architecture}=${sum}`))
            faults.push(fault(`${path}.sha256.${architecture}`, sum, "64 hexadecimal digits, for amd64 or arm64"));
    return faults;
}

function repositoryFaults(path: string, repository: PackageRepositoryArgs | undefined): Fault[] {
    if (repository === undefined) return [];
    const faults: Fault[] = [];
    if (!/^https?:\/\//.test(repository.uri ?? ""))
        faults.push(fault(`${path}.uri`, repository.uri, "an http:// or https:// URI"));
    if (!repository.suite) faults.push(fault(`${path}.suite`, repository.suite, "suite and components, or '/'"));
    if (!/^(-----BEGIN PGP PUBLIC|[0-9A-F]{40} https?:)/.test(repository.key ?? "")) {
        faults.push(
            fault(`${path}.key`, repository.key?.slice(0, 40), "an armored public key, or '<fingerprint> <URL>'"),
        );
    }
    return faults;
}
