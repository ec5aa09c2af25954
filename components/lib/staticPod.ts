import type { core } from "@pulumi/kubernetes/types/input";
import { stringify } from "yaml";

/** A static pod of the node's own network, in the folder that the kubelet watches. It goes last when memory runs short. */
export const staticPod = (name: string, spec: core.v1.PodSpec): string =>
    stringify(
        {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name, namespace: "kube-system", labels: { component: name, tier: "control-plane" } },
            spec: { hostNetwork: true, priorityClassName: "system-node-critical", ...spec },
        } satisfies core.v1.Pod,
        { lineWidth: 0 },
    );

/** A file or folder of the host, at the same path in the pod. */
export const hostMount = (name: string, path: string, type: string) => ({
    volume: { name, hostPath: { path, type } } satisfies core.v1.Volume,
    mount: { name, mountPath: path, readOnly: true } satisfies core.v1.VolumeMount,
});
