import type { core } from "@pulumi/kubernetes/types/input";
import { stringify } from "yaml";
import { createHash } from "crypto";
import { EtcdOptions } from "../model/etcdOptions";
import { ETCD_FOLDER } from "./config";

/**
 * The static pod of a member that is not kubeadm's: kubeadm's own manifest, but that it reads etcd's configuration file. The
 * file's digest is part of it, so that the kubelet replaces the pod when the configuration changes.
 */
export function etcdPod(image: string, config: string, options: EtcdOptions): string {
    const probe = (path: string, failureThreshold: number): core.v1.Probe => ({
        httpGet: { ...probeTarget(options.listenMetricsUrls[0]), path },
        periodSeconds: 10,
        timeoutSeconds: 15,
        failureThreshold,
    });
    const folders = { config: ETCD_FOLDER, data: options.dataDir };
    return stringify(
        {
            apiVersion: "v1",
            kind: "Pod",
            metadata: {
                name: "etcd",
                namespace: "kube-system",
                labels: { component: "etcd", tier: "control-plane" },
                annotations: { "pulumi-kubeadm/config": createHash("sha256").update(config).digest("hex") },
            },
            spec: {
                hostNetwork: true,
                priority: 2000001000,
                priorityClassName: "system-node-critical",
                securityContext: { seccompProfile: { type: "RuntimeDefault" } },
                containers: [
                    {
                        name: "etcd",
                        image,
                        imagePullPolicy: "IfNotPresent",
                        command: ["etcd", `--config-file=${ETCD_FOLDER}/etcd.yaml`],
                        resources: { requests: { cpu: "100m", memory: "100Mi" } },
                        livenessProbe: probe("/livez", 8),
                        startupProbe: probe("/readyz", 24),
                        volumeMounts: Object.entries(folders).map(([name, mountPath]): core.v1.VolumeMount => ({
                            name,
                            mountPath,
                        })),
                    },
                ],
                volumes: Object.entries(folders).map(([name, path]): core.v1.Volume => ({
                    name,
                    hostPath: { path, type: "DirectoryOrCreate" },
                })),
            },
        } satisfies core.v1.Pod,
        { lineWidth: 0 },
    );
}

// A member that listens everywhere is probed at the loopback address, as kubeadm does it.
function probeTarget(metricsUrl: string): core.v1.HTTPGetAction {
    const { protocol, hostname, port } = new URL(metricsUrl);
    const loopbacks: Record<string, string> = { "0.0.0.0": "127.0.0.1", "[::]": "::1" };
    const host = loopbacks[hostname] ?? hostname.replace(/^\[(.*)\]$/, "$1");
    return { scheme: protocol.replace(":", "").toUpperCase(), host, port: Number(port) };
}
