import { stringify } from "yaml";
import { CRI_SOCKET } from "../host/runtime";

/**
 * A kubelet that runs the static pods of its host and knows no API server (kubernetes.io, "Set up a High Availability etcd
 * Cluster with kubeadm"). It listens on the loopback interface alone, so it need not ask who calls.
 */
export const standaloneKubelet = (configuration: Record<string, unknown>): string =>
    stringify(
        {
            apiVersion: "kubelet.config.k8s.io/v1beta1",
            kind: "KubeletConfiguration",
            authentication: { anonymous: { enabled: false }, webhook: { enabled: false } },
            authorization: { mode: "AlwaysAllow" },
            address: "127.0.0.1",
            containerRuntimeEndpoint: CRI_SOCKET,
            staticPodPath: "/etc/kubernetes/manifests",
            ...configuration,
        },
        { lineWidth: 0 },
    );
