import { HostArgs, NodeArgs, SshArgs } from "../types";
import { isCanonical, isIP } from "./addresses";
import { duplicates, Fault, fault } from "./fault";

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const HOST_KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d{3}) [A-Za-z0-9+/]+={0,2}( .*)?$/;
const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export const isDnsName = (text: string): boolean =>
    text.length <= 253 && DNS_NAME.test(text) && !/(^|\.)\d+$/.test(text);

export const isPort = (port: unknown): boolean =>
    Number.isInteger(port) && (port as number) > 0 && (port as number) < 65536;

export function validateHost(path: string, host: HostArgs, ssh: SshArgs | undefined): Fault[] {
    const faults: Fault[] = [];
    if (!DNS_LABEL.test(host.name ?? "")) {
        faults.push(
            fault(`${path}.name`, host.name, "a DNS label: lower-case letters, digits and '-', at most 63 characters"),
        );
    }
    if (!isIP(host.address ?? "") && !isDnsName(host.address ?? "")) {
        faults.push(fault(`${path}.address`, host.address, "an IP address or a DNS name"));
    }
    if (
        host.privateAddress !== undefined
            ? !isIP(host.privateAddress)
            : isDnsName(host.address ?? "") && !isIP(host.address)
    ) {
        faults.push(
            fault(`${path}.privateAddress`, host.privateAddress, "an IP address of the host (address is a name)"),
        );
    }
    faults.push(...spellingFaults(path, host));
    if (host.port !== undefined && !isPort(host.port))
        faults.push(fault(`${path}.port`, host.port, "a port, 1 to 65535"));
    if (host.hostKey === undefined && ssh?.insecureSkipHostKeyCheck !== true) {
        faults.push(
            fault(
                `${path}.hostKey`,
                undefined,
                "the host's public key ('ssh-keyscan -t ed25519 <address>' shows it), in hostKey or the known_hosts file",
            ),
        );
    } else if (host.hostKey !== undefined && !HOST_KEY.test(host.hostKey)) {
        faults.push(
            fault(`${path}.hostKey`, host.hostKey, "'<type> <base64>' as in known_hosts, e.g. 'ssh-ed25519 AAAA…'"),
        );
    }
    return faults;
}

// Addresses are compared with what the host shows of its own, as texts.
const spellingFaults = (path: string, host: NodeArgs): Fault[] =>
    (["address", "privateAddress", "secondaryAddress"] as const)
        .filter((field) => !isCanonical(host[field] ?? ""))
        .map((field) =>
            fault(`${path}.${field}`, host[field], "its shortest spelling (RFC 5952), without a zone: fd00::11"),
        );

export function validateNode(path: string, node: NodeArgs, ssh: SshArgs | undefined): Fault[] {
    const taints = (node.taints ?? []).flatMap((taint, i) =>
        TAINT_EFFECTS.includes(taint.effect)
            ? []
            : [fault(`${path}.taints[${i}].effect`, taint.effect, TAINT_EFFECTS.join(", "))],
    );
    const labels = Object.keys(node.labels ?? {})
        .filter((key) => key === "node-role.kubernetes.io/control-plane")
        .map((key) => fault(`${path}.labels`, key, "another label: this one is kubeadm's"));
    return [...validateHost(path, node, ssh), ...taints, ...labels];
}

/** Hosts with the property path of each. */
export const place = (list: string, hosts: HostArgs[]) => hosts.map((host, i) => ({ path: `${list}[${i}]`, host }));

/** Names, addresses and host keys are a machine's identity: no two may share one. */
export function validateUnique(hosts: { path: string; host: HostArgs }[]): Fault[] {
    const pick = (field: "name" | "address" | "hostKey" | "privateAddress" | "secondaryAddress") =>
        hosts.map(({ path, host }: { path: string; host: NodeArgs }) => ({
            path: `${path}.${field}`,
            value: host[field],
        }));
    return [
        ...duplicates(pick("name"), "a name"),
        ...duplicates(pick("address"), "an address"),
        ...duplicates(pick("privateAddress"), "an address"),
        ...duplicates(pick("secondaryAddress"), "an address"),
        ...duplicates(pick("hostKey"), "a host key"),
    ];
}
