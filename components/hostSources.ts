import * as pulumi from "@pulumi/pulumi";
import { authorityLines, credentialLines, registryLines } from "./config/registries";
import { ScriptParameters } from "./remote/parameters";
import { KubeletSettings } from "./settings";
import { pauseImage } from "./versions";

/** containerd, the kubelet's version and what both agree on. */
export function runtimeParameters(settings: KubeletSettings): ScriptParameters {
    const cgroupDriver = settings.kubeletConfiguration.cgroupDriver ?? "systemd";
    return {
        KUBERNETES_VERSION: settings.kubernetesVersion,
        SANDBOX_IMAGE: pauseImage(settings.kubernetesVersion, settings.sources.imageRepository),
        SYSTEMD_CGROUP: cgroupDriver === "systemd",
        RESTRICT_OOM_SCORE_ADJ: settings.restrictOomScoreAdj,
        ...proxyParameters(settings),
    };
}

/** Where packages and images come from: no reason to touch what runs on a live host. */
export function repositoryParameters({ sources }: KubeletSettings): ScriptParameters {
    const { kubernetes, containerd, registryMirrors, registries } = sources;
    return {
        KUBERNETES_REPOSITORY: kubernetes.uri,
        KUBERNETES_SUITE: kubernetes.suite ?? "",
        KUBERNETES_KEY: kubernetes.key,
        CONTAINERD_REPOSITORY: containerd.uri,
        CONTAINERD_SUITE: containerd.suite ?? "",
        CONTAINERD_KEY: containerd.key === kubernetes.key ? "" : containerd.key,
        REGISTRIES: registryLines(registryMirrors, registries),
        REGISTRY_CAS: authorityLines(registries),
    };
}

export const proxyParameters = ({ sources: { proxy } }: KubeletSettings): ScriptParameters =>
    proxy
        ? {
              PROXY_HTTP: proxy.http ?? "",
              PROXY_HTTPS: proxy.https ?? "",
              PROXY_NONE: ["localhost", "127.0.0.1", ".svc", ...(proxy.no ?? [])].join(","),
          }
        : {};

/** A host's whole desired state; a secret where it has a password, a registry's or one of `secrets`. */
export function stagedParameters(
    { sources: { registries } }: KubeletSettings,
    clusterId: pulumi.Input<string>,
    parameters: ScriptParameters,
    secrets: pulumi.Input<ScriptParameters> = {},
): pulumi.Output<ScriptParameters> {
    const staged = pulumi
        .all([clusterId, credentialLines(registries), secrets])
        .apply(([id, logins, more]): ScriptParameters => ({
            ...parameters,
            ...more,
            CLUSTER_ID: id,
            ...(logins ? { REGISTRY_LOGINS: logins } : {}),
        }));
    return Object.values(registries).some(({ password }) => password !== undefined) ? pulumi.secret(staged) : staged;
}
