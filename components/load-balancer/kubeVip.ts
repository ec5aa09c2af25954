import type { core } from "@pulumi/kubernetes/types/input";
import { PORTS } from "../lib/ports";
import { hostMount, staticPod } from "../lib/staticPod";
import { KubeVipArgs } from "../model/kubeVip";
import { KUBE_VIP_IMAGE } from "../versions/versions";

export interface KubeVipConfig {
    nodeName: string;
    virtualAddress: string;
    lease: Required<KubeVipArgs>;
}

const ADMIN_CONF = "/etc/kubernetes/admin.conf";

/**
 * kube-vip by ARP: who holds a lease in the cluster holds the address. It asks its own node's kube-apiserver, whose
 * certificate has the name `kubernetes`, so it needs no virtual address to get one, and a node whose apiserver is gone
 * loses the lease. `@INTERFACE@` stands for the interface that carries the host's address.
 */
export function kubeVipManifest({ nodeName, virtualAddress, lease }: KubeVipConfig): string {
    const admin = hostMount("kubeconfig", ADMIN_CONF, "File");
    const environment = {
        address: virtualAddress,
        port: PORTS.apiServer,
        vip_arp: true,
        vip_interface: "@INTERFACE@",
        vip_subnet: virtualAddress.includes(":") ? 128 : 32,
        vip_nodename: nodeName,
        cp_enable: true,
        cp_namespace: "kube-system",
        vip_leaderelection: true,
        vip_leasename: "plndr-cp-lock",
        vip_leaseduration: lease.leaseDuration,
        vip_renewdeadline: lease.renewDeadline,
        vip_retryperiod: lease.retryPeriod,
    };
    return staticPod("kube-vip", {
        hostAliases: [{ ip: "127.0.0.1", hostnames: ["kubernetes"] }],
        containers: [
            {
                name: "kube-vip",
                image: KUBE_VIP_IMAGE,
                imagePullPolicy: "IfNotPresent",
                // Its metrics would listen at every address, for anyone.
                args: ["manager", "--prometheusHTTPServer="],
                env: Object.entries(environment).map(([name, value]): core.v1.EnvVar => ({
                    name,
                    value: String(value),
                })),
                securityContext: { capabilities: { add: ["NET_ADMIN", "NET_RAW"], drop: ["ALL"] } },
                volumeMounts: [admin.mount],
            },
        ],
        volumes: [admin.volume],
    });
}
