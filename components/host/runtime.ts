import { RuntimeSettings, RuntimeShape } from "../model/runtime";
import { RegistryPasswords } from "../model/secrets";
import { SourcesSettings } from "../model/sources";
import { pauseImage } from "../versions/versions";
import { PROGRAM_FILES, binaryParameters, binaryUris, packageUse } from "./binaries";
import { ValuesOf, flag, list, text } from "./parameters";
import { authorityRows, credentialRows, registryRows } from "./registries";
import { SecretsOf } from "./secretParameters";

export const CRI_SOCKET = "unix:///run/containerd/containerd.sock";

export const PROXY = {
    PROXY_HTTP: text("The proxy for downloads over HTTP: of packages, files and images.", ""),
    PROXY_HTTPS: text("The proxy for downloads over HTTPS.", ""),
    PROXY_NONE: text("Hosts, domains and networks that are called without a proxy, separated by commas.", ""),
};

export const RUNTIME = {
    KUBERNETES_VERSION: text("The version of Kubernetes, such as 1.36.3."),
    SANDBOX_IMAGE: text("The image of the pods' sandboxes (pause)."),
    SYSTEMD_CGROUP: flag("Whether containers are put into systemd's control groups."),
    RESTRICT_OOM_SCORE_ADJ: flag("containerd's restrict_oom_score_adj."),
    ...PROXY,
};

export const REPOSITORIES = {
    KUBERNETES_REPOSITORY: text(
        "The URI of the package repository of Kubernetes; empty where programs come as files.",
        "",
    ),
    KUBERNETES_SUITE: text("The suite and the components of KUBERNETES_REPOSITORY (Debian).", ""),
    KUBERNETES_KEY: text("The key that signs KUBERNETES_REPOSITORY: armored, or `FINGERPRINT URL`.", ""),
    CONTAINERD_REPOSITORY: text("The URI of the package repository of containerd.", ""),
    CONTAINERD_SUITE: text("The suite and the components of CONTAINERD_REPOSITORY (Debian).", ""),
    CONTAINERD_KEY: text("The key that signs CONTAINERD_REPOSITORY; empty: KUBERNETES_KEY.", ""),
    REGISTRIES: list("The servers that containerd asks for a registry's images: `registry url`.", []),
    REGISTRY_CAS: list("CAs of registries: `host base64(PEM)`.", []),
};

export const REGISTRY_SECRETS = {
    REGISTRY_LOGINS: list("Logins of registries, secret: `host base64(user:password)`.", []),
};

/** containerd, the kubelet's version and what both agree on. */
export function runtimeParameters(settings: RuntimeSettings): ValuesOf<typeof RUNTIME & typeof PROGRAM_FILES> {
    const cgroupDriver = settings.kubeletConfiguration.cgroupDriver ?? "systemd";
    return {
        KUBERNETES_VERSION: settings.kubernetesVersion,
        SANDBOX_IMAGE: pauseImage(settings.kubernetesVersion, settings.sources.imageRepository),
        SYSTEMD_CGROUP: cgroupDriver === "systemd",
        RESTRICT_OOM_SCORE_ADJ: settings.restrictOomScoreAdj,
        ...binaryParameters(settings.sources.binaries),
        ...httpProxyParameters(settings),
    };
}

/** Where programs and images come from: no reason to touch what runs on a live host. */
export const repositoryParameters = ({
    sources,
}: RuntimeSettings): ValuesOf<typeof REPOSITORIES & typeof PROGRAM_FILES> => ({
    ...(sources.binaries
        ? { ...packageUse(sources.binaries), ...binaryUris(sources.binaries) }
        : packageParameters(sources)),
    REGISTRIES: registryRows(sources.registryMirrors, sources.registries),
    REGISTRY_CAS: authorityRows(sources.registries),
});

function packageParameters({ kubernetes, containerd }: SourcesSettings): ValuesOf<typeof REPOSITORIES> {
    return {
        KUBERNETES_REPOSITORY: kubernetes.uri,
        KUBERNETES_SUITE: kubernetes.suite,
        KUBERNETES_KEY: kubernetes.key,
        CONTAINERD_REPOSITORY: containerd.uri,
        CONTAINERD_SUITE: containerd.suite,
        CONTAINERD_KEY: containerd.key === kubernetes.key ? "" : containerd.key,
    };
}

/** The URL that preflight must reach; it compares the host's clock with the `Date` header there. */
export const programSource = ({ sources }: RuntimeSettings): string =>
    sources.binaries?.kubelet.uri ?? sources.kubernetes.uri;

export const httpProxyParameters = ({ sources: { proxy } }: RuntimeSettings): ValuesOf<typeof PROXY> =>
    proxy
        ? {
              PROXY_HTTP: proxy.http,
              PROXY_HTTPS: proxy.https,
              PROXY_NONE: ["localhost", "127.0.0.1", ".svc", ...(proxy.no ?? []).map(withoutStar)].join(","),
          }
        : {};

/** containerd alone knows `*.example.com`. */
const withoutStar = (domain: string): string => domain.replace(/^\*\./, ".");

/** The logins of registries. */
export const registrySecrets = (
    { sources: { registries } }: RuntimeShape,
    passwords: RegistryPasswords,
): SecretsOf<typeof REGISTRY_SECRETS> =>
    Object.keys(passwords).length === 0 ? {} : { REGISTRY_LOGINS: credentialRows(registries, passwords) };
