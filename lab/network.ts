import * as fs from "fs";
import { capture, must } from "../tools/process";
import { UserError } from "../tools/userError";
import { hostId, LAB_NAMESPACE, netnsPath } from "./paths";
import { HostsFile, LabHost, segmentsOf } from "./hostsFile";
import { beside, Place, placeOf } from "./segments";

const bridgeOf = (segment: number): string => `br${segment}`;
const portOf = (name: string): string => `v-${name}`;

/** Returns a hardware address that depends only on the IP address, because a machine with a new disk keeps its network card. */
function hardwareAddress(address: string): string {
    const hex = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
    return `02:00:${hex.join(":")}`;
}

const ipBatch = (what: string, namespace: string, commands: string[]): Promise<string> =>
    must(what, ["ip", "-n", namespace, "-batch", "-"], { input: commands.join("\n") + "\n" });

/** Returns a command line that runs a command in the lab's network, but in no other namespace of the lab. */
export const inNetwork = (argv: string[], namespace = LAB_NAMESPACE): string[] => [
    "nsenter",
    `--net=${netnsPath(namespace)}`,
    "--",
    ...argv,
];

/**
 * Creates one namespace with a bridge for each segment. It has no route out, so programs in it reach only the lab's hosts.
 * It is also the router between several segments.
 */
export async function createNetwork(lab: HostsFile): Promise<void> {
    const segments = segmentsOf(lab);
    await must("creating the lab's network", ["ip", "netns", "add", LAB_NAMESPACE]);
    await ipBatch("creating the lab's bridges", LAB_NAMESPACE, [
        "link set lo up",
        ...segments.flatMap((segment, i) => [
            // Without snooping the bridge floods multicast as a plain switch does. VRRP needs that.
            `link add ${bridgeOf(i)} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
            ...assign(bridgeOf(i), segment.gateway, beside(segment, segment.gateway)),
            `link set ${bridgeOf(i)} up`,
        ]),
    ]);
    // The namespace's own packet filter and connection tracking must not process frames between hosts.
    const settings = ["bridge/bridge-nf-call-iptables=0", "bridge/bridge-nf-call-ip6tables=0"];
    if (segments.length > 1) settings.push("ipv4/ip_forward=1", "ipv6/conf/all/forwarding=1");
    const write = 'for s; do f=/proc/sys/net/${s%=*}; test ! -e "$f" || echo "${s#*=}" > "$f"; done';
    await must("opening the bridges", inNetwork(["sh", "-c", write, "sh", ...settings]));
}

/** Creates the host's namespace, its link to the segment's bridge, its addresses and its default routes, which kubeadm needs. */
export async function attach(host: LabHost, lab: HostsFile): Promise<void> {
    const place = mustPlace(host, lab);
    const { gateway, ...segment } = segmentsOf(lab)[place.segment];
    const gateway6 = beside({ gateway, ...segment }, gateway);
    const namespace = hostId(host.name);
    const what = `connecting ${host.name}`;
    await must(what, ["ip", "netns", "add", namespace]);
    await ipBatch(what, LAB_NAMESPACE, [
        `link add ${portOf(host.name)} type veth peer name eth0 address ${hardwareAddress(place.v4)} netns ${namespace}`,
        `link set ${portOf(host.name)} master ${bridgeOf(place.segment)}`,
        `link set ${portOf(host.name)} up`,
    ]);
    await ipBatch(what, namespace, [
        "link set lo up",
        ...assign("eth0", place.only6 ? undefined : place.v4, place.v6),
        "link set eth0 up",
        ...(place.only6 ? [] : [`route add default via ${gateway}`]),
        ...(place.v6 ? [`route add default via ${gateway6} dev eth0`] : []),
    ]);
}

/** Gives the operator's namespace addresses that are its own. */
export async function addLoopbackAddresses(addresses: string[]): Promise<void> {
    const commands = addresses.map((address) => `addr replace ${address} dev lo`);
    if (commands.length > 0) await ipBatch("adding loopback addresses", LAB_NAMESPACE, commands);
}

// `nodad`, because an IPv6 address cannot be used while duplicate address detection (DAD) runs, about a second.
const assign = (link: string, v4: string | undefined, v6: string | undefined): string[] => [
    ...(v4 ? [`addr add ${v4}/24 dev ${link}`] : []),
    ...(v6 ? [`addr add ${v6}/64 dev ${link} nodad`] : []),
];

function mustPlace(host: LabHost, lab: HostsFile): Place {
    const place = placeOf(segmentsOf(lab), host.address);
    if (!place) throw new UserError(`${host.name}: ${host.address} is in no network of the lab`);
    return place;
}

/** Removes the host's namespace with all its interfaces, routes and filters. */
export async function detach(name: string): Promise<void> {
    await capture(["ip", "-n", LAB_NAMESPACE, "link", "del", portOf(name)]);
    await capture(["ip", "netns", "del", hostId(name)]);
}

/** Takes the host's link at the bridge up or down. */
export async function setLink(name: string, state: "up" | "down"): Promise<void> {
    await must(`taking ${name}'s link ${state}`, ["ip", "-n", LAB_NAMESPACE, "link", "set", portOf(name), state]);
}

/** Returns for each host whether its link is up. */
export async function linkStates(): Promise<Map<string, boolean>> {
    const links = JSON.parse(await must("reading the links", ["ip", "-n", LAB_NAMESPACE, "-json", "link"])) as {
        ifname: string;
        flags: string[];
    }[];
    const ports = links.filter((link) => link.ifname.startsWith("v-"));
    return new Map(ports.map((link) => [link.ifname.slice(2), link.flags.includes("UP")]));
}

/** Returns whether the lab's network exists. A name that a reboot left behind is a plain file, not a mounted namespace. */
export const networkExists = (): boolean =>
    fs.existsSync(netnsPath(LAB_NAMESPACE)) &&
    fs.statSync(netnsPath(LAB_NAMESPACE)).dev !== fs.statSync("/run/netns").dev;
