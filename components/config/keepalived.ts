export interface KeepalivedConfig {
    /** This host's address; VRRP is sent from it. */
    address: string;
    /** The other hosts' addresses. */
    peers: string[];
    virtualAddress: string;
    virtualRouterId: number;
    /** Seconds between advertisements. */
    advertInterval: number;
    /** The local port whose health decides. */
    port: number;
}

/**
 * keepalived.conf: unicast VRRP (clouds and many switches drop multicast). Whether this host may hold the address is
 * decided by what its endpoint answers, not by whether a process runs. All priorities are equal and nobody preempts, so
 * a host that comes back takes nothing away. `@INTERFACE@` stands for the interface that carries the host's address.
 */
export function keepalivedConfig(config: KeepalivedConfig): string {
    const prefix = config.virtualAddress.includes(":") ? 128 : 32;
    return `global_defs {
    router_id pulumi-kubeadm
    script_user root
    enable_script_security
    vrrp_version 3
}

vrrp_script endpoint {
    script "/usr/bin/curl --silent --fail --insecure --max-time 2 --output /dev/null https://127.0.0.1:${config.port}/readyz"
    interval 1
    timeout 3
    fall 2
    rise 1
}

vrrp_instance endpoint {
    state BACKUP
    nopreempt
    interface @INTERFACE@
    virtual_router_id ${config.virtualRouterId}
    priority 100
    advert_int ${config.advertInterval}
    unicast_src_ip ${config.address}
    unicast_peer {
${config.peers.map((peer) => `        ${peer}`).join("\n")}
    }
    virtual_ipaddress {
        ${config.virtualAddress}/${prefix}
    }
    track_script {
        endpoint
    }
}
`;
}
