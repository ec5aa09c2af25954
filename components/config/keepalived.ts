import type { VrrpSettings } from "../loadBalancerSettings";

export interface KeepalivedConfig {
    /** This host's address; VRRP is sent from it. */
    address: string;
    /** The other hosts' addresses. */
    peers: string[];
    virtualAddress: string;
    /** The local port whose health decides. */
    port: number;
    vrrp: VrrpSettings;
}

/**
 * keepalived.conf. Whether this host may hold the address is decided by what its endpoint answers, not by whether a
 * process runs. All priorities are equal and nobody preempts, so a host that comes back takes nothing away; they are high,
 * because a takeover waits (256 - priority) / 256 of an interval more. `@INTERFACE@` stands for the interface that carries
 * the host's address, `@VRRP_PASSWORD@` for the secret.
 */
export function keepalivedConfig({ address, peers, virtualAddress, port, vrrp }: KeepalivedConfig): string {
    const prefix = virtualAddress.includes(":") ? 128 : 32;
    return `global_defs {
    router_id pulumi-kubeadm
    script_user root
    enable_script_security
    vrrp_version ${vrrp.password === undefined ? 3 : 2}
    vrrp_garp_master_refresh 30
}

vrrp_script endpoint {
    script "/usr/bin/curl --silent --fail --insecure --max-time 2 --output /dev/null https://127.0.0.1:${port}/readyz"
    interval 1
    timeout 2
    fall 2
    rise 1
}

vrrp_instance endpoint {
    state BACKUP
    nopreempt
    interface @INTERFACE@
    virtual_router_id ${vrrp.virtualRouterId}
    priority 250
    advert_int ${vrrp.advertInterval}
${[...transport(address, peers, vrrp), ...authentication(vrrp)].map((line) => `    ${line}\n`).join("")}    virtual_ipaddress {
        ${virtualAddress}/${prefix}
    }
    track_script {
        endpoint
    }
}
`;
}

// Multicast has a source address too: the host may have several on that interface. A host alone has nobody to send to.
const transport = (address: string, peers: string[], { multicast }: VrrpSettings): string[] =>
    multicast || peers.length === 0
        ? [`mcast_src_ip ${address}`]
        : [
              `unicast_src_ip ${address}`,
              "check_unicast_src",
              "unicast_peer {",
              ...peers.map((peer) => `    ${peer}`),
              "}",
          ];

const authentication = ({ password }: VrrpSettings): string[] =>
    password === undefined ? [] : ["authentication {", "    auth_type PASS", "    auth_pass @VRRP_PASSWORD@", "}"];
