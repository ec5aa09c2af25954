import { Backend } from "../model/loadBalancer";
import { VrrpSettings } from "../model/vrrp";
import { PASSES_ON, virtualServer } from "./lvs";

export interface KeepalivedConfig {
    /** This host's address; VRRP is sent from it. */
    address: string;
    /** The other hosts' addresses. */
    peers: string[];
    /** Its place in the list of hosts, from 0. */
    rank: number;
    virtualAddress: string;
    /** The port of the endpoint. */
    port: number;
    /** The kube-apiservers to which the kernel passes packets on (LVS). @otherwise the port's own host answers */
    passOnTo?: Backend[];
    vrrp: VrrpSettings;
}

// VRRP's highest is 254; a takeover waits (256 - priority) / 256 of an interval more, so these differ by about 80 ms of a
// second. With equal ones two hosts take the address at once, and clients may believe the one that then steps back.
const PRIORITY = { first: 250, step: 20, least: 10 };

// Seconds between announcements of the holder (gratuitous ARP, unsolicited neighbour advertisement). When a host stops kube-vip
// while keepalived elsewhere holds the address already, neighbours learn the holder only from the next announcement.
const ANNOUNCE_INTERVAL = 2;

/**
 * keepalived.conf. Whether this host may hold the address is decided by what its endpoint answers (with LVS: by what the
 * kernel passes packets on to), not by whether a process runs. Nobody preempts, whatever the priorities, so a host that comes back takes nothing away. `@INTERFACE@`
 * stands for the interface that carries the host's address, `@VRRP_PASSWORD@` for the secret.
 */
export function keepalivedConfig(config: KeepalivedConfig): string {
    const { address, peers, rank, virtualAddress, port, passOnTo, vrrp } = config;
    const healthy = passOnTo ? PASSES_ON : answers(port);
    const prefix = virtualAddress.includes(":") ? 128 : 32;
    return `global_defs {
    router_id pulumi-kubeadm
    script_user root
    enable_script_security
    vrrp_version ${vrrp.hasPassword ? 2 : 3}
    vrrp_garp_master_delay 1
    vrrp_garp_master_refresh ${ANNOUNCE_INTERVAL}
}

vrrp_script endpoint {
    script "${healthy}"
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
    priority ${Math.max(PRIORITY.first - rank * PRIORITY.step, PRIORITY.least)}
    advert_int ${vrrp.advertInterval}
${[...transport(address, peers, vrrp), ...authentication(vrrp)].map((line) => `    ${line}\n`).join("")}    virtual_ipaddress {
        ${virtualAddress}/${prefix}
    }
    track_script {
        endpoint
    }
}
${passOnTo ? virtualServer(virtualAddress, port, passOnTo) : ""}`;
}

const answers = (port: number): string =>
    `/usr/bin/curl --silent --fail --insecure --max-time 2 --output /dev/null https://127.0.0.1:${port}/readyz`;

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

const authentication = ({ hasPassword }: VrrpSettings): string[] =>
    hasPassword ? ["authentication {", "    auth_type PASS", "    auth_pass @VRRP_PASSWORD@", "}"] : [];
