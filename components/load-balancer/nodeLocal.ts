import { hostMount, staticPod } from "../lib/staticPod";
import { LoadBalancerType } from "../model/loadBalancerType";
import { PROXY_IMAGES } from "../versions/versions";

/** Folder on a node with what its own balancer's static pod reads. */
export const NODE_LOCAL_FOLDER = "/etc/kubernetes/load-balancer";

type Proxy = keyof typeof PROXY_IMAGES;

const COMMANDS: Record<Proxy, string[]> = {
    // A master process takes SIGUSR2 for a reload, and its workers end when their connections do.
    [LoadBalancerType.Haproxy]: ["haproxy", "-W", "-db", "-f", `${NODE_LOCAL_FOLDER}/haproxy.cfg`],
    [LoadBalancerType.Nginx]: ["nginx", "-c", `${NODE_LOCAL_FOLDER}/nginx.conf`, "-g", "daemon off;"],
};

/**
 * A proxy of the node's own, at its loopback. The configuration is a mounted folder, not a file: a file that is replaced
 * would stay the old one in the pod. No user of the host has that number.
 */
export function nodeLocalManifest(proxy: Proxy, port: number): string {
    const folder = hostMount("configuration", NODE_LOCAL_FOLDER, "Directory");
    return staticPod("load-balancer", {
        // Asked to end, haproxy's image waits for the last connection, and takes no new one meanwhile.
        terminationGracePeriodSeconds: 2,
        securityContext: { runAsUser: 65532, runAsGroup: 65532, runAsNonRoot: true },
        containers: [
            {
                name: "load-balancer",
                image: PROXY_IMAGES[proxy],
                imagePullPolicy: "IfNotPresent",
                command: COMMANDS[proxy],
                resources: { requests: { cpu: "25m", memory: "64Mi" } },
                livenessProbe: { tcpSocket: { host: "127.0.0.1", port }, periodSeconds: 10, failureThreshold: 3 },
                securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ["ALL"] },
                },
                volumeMounts: [folder.mount, { name: "scratch", mountPath: "/tmp" }],
            },
        ],
        volumes: [folder.volume, { name: "scratch", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } }],
    });
}
