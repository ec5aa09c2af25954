import { RuntimeSettings, RuntimeShape } from "../model/runtime";
import { RegistryPasswords } from "../model/secrets";
import { SourcesSettings } from "../model/sources";
import { pauseImage } from "../versions/versions";
import { binaryParameters, binaryUris, packageUse } from "./binaries";
import { ScriptParameters } from "./contract";
import { authorityLines, credentialLines, registryLines } from "./registries";
import { SecretParameters } from "./secretParameters";

export const CRI_SOCKET = "unix:///run/containerd/containerd.sock";

/** containerd, the kubelet's version and what both agree on. */
export function runtimeParameters(settings: RuntimeSettings): ScriptParameters {
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
export const repositoryParameters = ({ sources }: RuntimeSettings): ScriptParameters => ({
    ...(sources.binaries
        ? { ...packageUse(sources.binaries), ...binaryUris(sources.binaries) }
        : packageParameters(sources)),
    REGISTRIES: registryLines(sources.registryMirrors, sources.registries),
    REGISTRY_CAS: authorityLines(sources.registries),
});

function packageParameters({ kubernetes, containerd }: SourcesSettings): ScriptParameters {
    return {
        KUBERNETES_REPOSITORY: kubernetes.uri,
        KUBERNETES_SUITE: kubernetes.suite ?? "",
        KUBERNETES_KEY: kubernetes.key,
        CONTAINERD_REPOSITORY: containerd.uri,
        CONTAINERD_SUITE: containerd.suite ?? "",
        CONTAINERD_KEY: containerd.key === kubernetes.key ? "" : containerd.key,
    };
}

/** The URL that preflight must reach; it compares the host's clock with the `Date` header there. */
export const programSource = ({ sources }: RuntimeSettings): string =>
    sources.binaries?.kubelet.uri ?? sources.kubernetes.uri;

export const httpProxyParameters = ({ sources: { proxy } }: RuntimeSettings): ScriptParameters =>
    proxy
        ? {
              PROXY_HTTP: proxy.http ?? "",
              PROXY_HTTPS: proxy.https ?? "",
              PROXY_NONE: ["localhost", "127.0.0.1", ".svc", ...(proxy.no ?? [])].join(","),
          }
        : {};

/** The logins of registries. */
export const registrySecrets = (
    { sources: { registries } }: RuntimeShape,
    passwords: RegistryPasswords,
): SecretParameters =>
    Object.keys(passwords).length === 0 ? {} : { REGISTRY_LOGINS: credentialLines(registries, passwords) };
