import { Fault, fault, hiddenFault } from "../lib/faults";
import { isUrl } from "../lib/forms";
import { minorOf } from "../versions/versions";
import { OsFamily } from "./osFamily";

/** A package repository, of Debian's form or (for `osFamily: redhat`) rpm's, and the key that signs it. */
export interface PackageRepositoryArgs {
    /**
     * The package repository with kubeadm, kubelet and kubectl, or with containerd.io (containerd 2). With `osFamily:
     * redhat` it is a `baseurl`.
     * @kind URL
     * @change The next installation uses it.
     */
    uri: string;
    /**
     * Debian: suite and components, or `/` for a flat repository. None with `redhat`.
     * @change The next installation uses it.
     */
    suite?: string;
    /**
     * The signing key: an armored public key, or `<fingerprint> <URL>`, which the host fetches and refuses if its
     * fingerprint differs.
     * @change The next installation uses it.
     */
    key: string;
}

/** pkgs.k8s.io, one repository a minor; the key is that of its build service (kubernetes.io, "Installing kubeadm"). */
export const kubernetesRepository = (version: string, family: OsFamily): PackageRepositoryArgs => {
    const uri = `https://pkgs.k8s.io/core:/stable:/v${minorOf(version)}`;
    const fingerprint = "DE15B14486CD377B9E876E1A234654DA9A296436";
    return family === OsFamily.Debian
        ? { uri: `${uri}/deb`, suite: "/", key: `${fingerprint} ${uri}/deb/Release.key` }
        : { uri: `${uri}/rpm/`, key: `${fingerprint} ${uri}/rpm/repodata/repomd.xml.key` };
};

/** Docker's repositories carry containerd 2 as containerd.io; its keys are named in docs.docker.com, "Install". */
export const CONTAINERD_REPOSITORY: Record<OsFamily, PackageRepositoryArgs> = {
    [OsFamily.Debian]: {
        uri: "https://download.docker.com/linux/debian",
        suite: "bookworm stable",
        key: "9DC858229FC7DD38854AE2D88D81803C0EBFCD88 https://download.docker.com/linux/debian/gpg",
    },
    [OsFamily.RedHat]: {
        uri: "https://download.docker.com/linux/centos/$releasever/$basearch/stable",
        key: "060A61C51B558A7F742B77AAC52FEB6B621E9F35 https://download.docker.com/linux/centos/gpg",
    },
};

export function repositoryFaults(
    path: string,
    repository: PackageRepositoryArgs | undefined,
    family: OsFamily,
): Fault[] {
    if (repository === undefined) return [];
    const faults: Fault[] = [];
    if (!isUrl(repository.uri ?? "")) {
        faults.push(fault(`${path}.uri`, repository.uri, "an http:// or https:// URL"));
    }
    if (family === OsFamily.Debian && !/^([\w.:/-]*\/|[\w.:/-]*[\w.:-]( [\w.:/-]+)+)$/.test(repository.suite ?? "")) {
        faults.push(fault(`${path}.suite`, repository.suite, "suite and components, or '/'"));
    }
    if (family === OsFamily.RedHat && repository.suite !== undefined) {
        faults.push(fault(`${path}.suite`, repository.suite, "none: osFamily is 'redhat'"));
    }
    if (!isSigningKey(repository.key ?? "")) {
        const expected = "a whole armored public key, or '<fingerprint> <URL>'";
        faults.push(hiddenFault(`${path}.key`, repository.key ? "a text of another form" : "nothing", expected));
    }
    return faults;
}

function isSigningKey(text: string): boolean {
    if (
        /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n[\s\S]+\n-----END PGP PUBLIC KEY BLOCK-----\s*$/.test(
            text.replaceAll("\r\n", "\n"),
        )
    ) {
        return true;
    }
    const [fingerprint, url, ...more] = text.split(" ");
    return /^[0-9A-F]{40}$/.test(fingerprint) && isUrl(url ?? "") && more.length === 0;
}
