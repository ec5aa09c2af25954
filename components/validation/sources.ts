import type { ClusterArgs } from "../clusterArgs";
import { PackageRepositoryArgs } from "../types";
import { Fault, fault } from "./fault";

export function sourceFaults({ sources = {} }: ClusterArgs): Fault[] {
    const mirrors = Object.entries(sources.registryMirrors ?? {})
        .filter(([, url]) => !/^https?:\/\/[^/]/.test(url))
        .map(([registry, url]) => fault(`sources.registryMirrors["${registry}"]`, url, "an http:// or https:// URL"));
    return [
        ...mirrors,
        ...repositoryFaults("sources.kubernetes", sources.kubernetes),
        ...repositoryFaults("sources.containerd", sources.containerd),
    ];
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
