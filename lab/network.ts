import * as fs from "fs";
import { hostId, labNamespace, netnsPath } from "./paths";
import { capture, must } from "./process";
import type { HostsFile, LabHost } from "./hostsFile";

const bridge = "br0";
const portOf = (name: string): string => `v-${name}`;

/** A fixed hardware address per lab address: a machine keeps its network card when its disk is replaced. */
function hardwareAddress(address: string): string {
    const hex = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
    return `02:00:${hex.join(":")}`;
}

const ipBatch = (what: string, namespace: string, commands: string[]): Promise<string> =>
    must(what, ["ip", "-n", namespace, "-batch", "-"], { input: commands.join("\n") + "\n" });

/** Prefixes a command so that it runs in the lab's network, and in nothing else of the lab. */
export const inNetwork = (argv: string[], namespace = labNamespace): string[] => [
    "nsenter",
    `--net=${netnsPath(namespace)}`,
    "--",
    ...argv,
];

/** One namespace with a bridge and no way out: what runs in it reaches the lab's hosts and nothing else. */
export async function createNetwork(lab: HostsFile): Promise<void> {
    await must("creating the lab's network", ["ip", "netns", "add", labNamespace]);
    await ipBatch("creating the lab's bridge", labNamespace, [
        "link set lo up",
        // Without snooping the bridge floods multicast as a plain switch does, which VRRP needs.
        `link add ${bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
        `addr add ${lab.gateway}/24 dev ${bridge}`,
        `link set ${bridge} up`,
    ]);
    // Frames between hosts must not run through this namespace's own packet filter and connection tracking.
    const nfCall = "/proc/sys/net/bridge/bridge-nf-call-iptables";
    await must("opening the bridge", inNetwork(["sh", "-c", `test ! -e ${nfCall} || echo 0 > ${nfCall}`]));
}

/** A namespace of the host's own, its cable to the bridge, its address and default route (kubeadm looks for one). */
export async function attach(host: LabHost, gateway: string): Promise<void> {
    const namespace = hostId(host.name);
    const what = `connecting ${host.name}`;
    await must(what, ["ip", "netns", "add", namespace]);
    await ipBatch(what, labNamespace, [
        `link add ${portOf(host.name)} type veth peer name eth0 address ${hardwareAddress(host.address)} netns ${namespace}`,
        `link set ${portOf(host.name)} master ${bridge}`,
        `link set ${portOf(host.name)} up`,
    ]);
    await ipBatch(what, namespace, [
        "link set lo up",
        `addr add ${host.address}/24 dev eth0`,
        "link set eth0 up",
        `route add default via ${gateway}`,
    ]);
}

/** Takes the host's network away for good, with whatever interfaces, routes and filters it had made for itself. */
export async function detach(name: string): Promise<void> {
    await capture(["ip", "-n", labNamespace, "link", "del", portOf(name)]);
    await capture(["ip", "netns", "del", hostId(name)]);
}

/** Pulls or plugs the cable at the bridge. */
export async function setLink(name: string, state: "up" | "down"): Promise<void> {
    await must(`taking ${name}'s link ${state}`, ["ip", "-n", labNamespace, "link", "set", portOf(name), state]);
}

/** Whether the cable is plugged, host by host. */
export async function linkStates(): Promise<Map<string, boolean>> {
    const links = JSON.parse(await must("reading the links", ["ip", "-n", labNamespace, "-json", "link"])) as {
        ifname: string;
        flags: string[];
    }[];
    const ports = links.filter((link) => link.ifname.startsWith("v-"));
    return new Map(ports.map((link) => [link.ifname.slice(2), link.flags.includes("UP")]));
}

/** A name left from before a reboot is a plain file; a namespace is on a file system of its own. */
export const networkExists = (): boolean =>
    fs.existsSync(netnsPath(labNamespace)) &&
    fs.statSync(netnsPath(labNamespace)).dev !== fs.statSync("/run/netns").dev;
