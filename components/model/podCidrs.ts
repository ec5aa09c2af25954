import { Subnet } from "../lib/addresses";
import { Fault, fault, inRange } from "../lib/faults";
import type { KnownClusterArgs } from "./cluster";
import { CniPlugin, resolveCni } from "./cni";
import { ControlPlaneComponentArgs, ExtraArg, flagOf } from "./controlPlaneComponents";
import type { HostAt } from "./hosts";
import { NetworkSettings, parseSubnets } from "./network";
import type { KnownNodeArgs } from "./nodes";

/**
 * Each node gets a subnet of the pods' addresses, its pod CIDR, from kube-controller-manager. These are the sizes of its flags (cmd/kube-controller-manager,
 * app/core.go, setNodeCIDRMaskSizes) and kubeadm's limits (validation.ValidatePodSubnetNodeMask, constants.MinimumAddressesInPodSubnet).
 */
const SIZES = {
    4: { flag: "node-cidr-mask-size-ipv4", mask: 24, bits: 32, smallest: 28, block: 26 },
    6: { flag: "node-cidr-mask-size-ipv6", mask: 64, bits: 128, smallest: 124, block: 122 },
} as const;
const SIZE_OF_BOTH = "node-cidr-mask-size";
const MOST_SUBNETS_BITS = 16;

/** A family of the pods' network, and the size of a node's subnet of it. */
interface Share extends Subnet {
    mask: number;
}

/** The sizes of the pods' network and of each node's part of it, and that all nodes and their pods have room. */
export function podCidrFaults(
    args: KnownClusterArgs,
    network: NetworkSettings,
    nodes: HostAt<KnownNodeArgs>[],
): Fault[] {
    const subnets = parseSubnets(network.podSubnet);
    if (!subnets) return [];
    const { controllerManager = {} } = args;
    const taker = takerOf(args);
    if (/^(false|f|0)$/i.test(flagOf(controllerManager, "allocate-node-cidrs") ?? "")) {
        return [...withoutCidrs(controllerManager, taker), ...blockFaults(args, network, subnets)];
    }
    const wrong = maskFaults(controllerManager, subnets);
    if (wrong.length > 0) return wrong;
    const shares = subnets.map((subnet) => ({ ...subnet, mask: maskOf(controllerManager, subnet) }));
    const sizes = [...sizeFaults(network, controllerManager, shares), ...blockFaults(args, network, subnets)];
    if (sizes.length > 0 || taker === undefined) return sizes;
    return [...roomFaults(network, shares, nodes.length), ...maxPodsFaults(args, shares, nodes)];
}

/** The CNI plugin, where it gives a node's pods no other addresses than those of its pod CIDR. */
function takerOf({ cni }: KnownClusterArgs): CniPlugin | undefined {
    const { plugin, values } = resolveCni(cni);
    const { mode = "kubernetes" } = (values?.ipam ?? {}) as { mode?: unknown };
    return plugin === CniPlugin.Flannel || (plugin === CniPlugin.Cilium && mode === "kubernetes") ? plugin : undefined;
}

function withoutCidrs(controllerManager: ControlPlaneComponentArgs, taker: CniPlugin | undefined): Fault[] {
    const expected = `true, because cni.plugin '${taker}' takes a node's addresses from its pod CIDR`;
    return taker ? flagFault(controllerManager, "allocate-node-cidrs", expected) : [];
}

/** A fault of the flag that counts, the last of its name. */
function flagFault({ extraArgs = [] }: ControlPlaneComponentArgs, name: string, expected: string): Fault[] {
    const i = extraArgs.map((argument) => argument.name).lastIndexOf(name);
    return [fault(`controllerManager.extraArgs[${i}]`, `${name}=${extraArgs[i].value}`, expected)];
}

/** kube-controller-manager ends with an error where these flags do not fit each other or the families. */
function maskFaults(controllerManager: ControlPlaneComponentArgs, subnets: Subnet[]): Fault[] {
    const families = subnets.map(({ family }) => family);
    const given = (flag: string) => flagOf(controllerManager, flag) !== undefined;
    const own = ([4, 6] as const).filter((family) => given(SIZES[family].flag));
    const both = given(SIZE_OF_BOTH);
    return [
        ...(both ? [{ flag: SIZE_OF_BOTH, bits: Math.min(...families.map((family) => SIZES[family].bits)) }] : []),
        ...own.map((family) => SIZES[family]),
    ].flatMap(({ flag, bits }) => {
        const only = families.length === 1 ? families[0] : undefined;
        const refuse = (expected: string) => flagFault(controllerManager, flag, expected);
        if (flag === SIZE_OF_BOTH && !only) {
            return refuse(`none, because podSubnet is dual-stack: set ${SIZE_OF_BOTH}-ipv4 and -ipv6`);
        }
        if (flag === SIZE_OF_BOTH && own.length > 0) return refuse(`none beside ${SIZES[own[0]].flag}`);
        if (only && flag !== SIZE_OF_BOTH && flag !== SIZES[only].flag) {
            return refuse(`none, because podSubnet has IPv${only} alone`);
        }
        const mask = Number(flagOf(controllerManager, flag));
        return Number.isInteger(mask) && inRange(mask, 1, bits) ? [] : refuse(`a prefix of 1 to ${bits}`);
    });
}

const maskOf = (controllerManager: ControlPlaneComponentArgs, { family }: Subnet): number =>
    Number(flagOf(controllerManager, SIZE_OF_BOTH) ?? kubeadmMask(controllerManager, family));

/** kubeadm does not read the flag of both families (validation.getClusterNodeMask). */
const kubeadmMask = (controllerManager: ControlPlaneComponentArgs, family: 4 | 6): number =>
    Number(flagOf(controllerManager, SIZES[family].flag) ?? SIZES[family].mask);

function sizeFaults(network: NetworkSettings, controllerManager: ControlPlaneComponentArgs, shares: Share[]): Fault[] {
    return shares.flatMap(({ family, prefix, mask }) => {
        const { flag, smallest } = SIZES[family];
        const refused = (ofNode: number, why: string) => {
            const [least, most] = [Math.max(ofNode - MOST_SUBNETS_BITS, 1), Math.min(ofNode, smallest)];
            const expected = `a prefix of ${least} to ${most} (IPv${family}): ${why}`;
            return inRange(prefix, least, most) ? undefined : [fault("network.podSubnet", network.podSubnet, expected)];
        };
        return (
            refused(mask, `every node takes a /${mask} of it`) ??
            refused(
                kubeadmMask(controllerManager, family),
                `kubeadm reads the flag ${flag} alone, so set it instead of ${SIZE_OF_BOTH}`,
            ) ??
            []
        );
    });
}

/** Calico's pools consist of blocks, of these sizes in its own manifest; a manifest of the user's may have others. */
function blockFaults({ cni }: KnownClusterArgs, { podSubnet }: NetworkSettings, subnets: Subnet[]): Fault[] {
    const { plugin, manifest } = resolveCni(cni);
    if (plugin !== CniPlugin.Calico || manifest !== undefined) return [];
    return subnets
        .filter(({ family, prefix }) => prefix > SIZES[family].block)
        .map(({ family }) =>
            fault(
                "network.podSubnet",
                podSubnet,
                `a prefix of at most ${SIZES[family].block} (IPv${family}): Calico takes blocks of this size`,
            ),
        );
}

function roomFaults({ podSubnet }: NetworkSettings, shares: Share[], nodes: number): Fault[] {
    const room = Math.min(...shares.map(({ prefix, mask }) => 2 ** (mask - prefix)));
    const taken = shares.map(({ family, mask }) => `a /${mask} of IPv${family}`).join(" and ");
    const expected = `a subnet for ${nodes} nodes: every node takes ${taken}, and there are ${room}`;
    return nodes > room ? [fault("network.podSubnet", podSubnet, expected)] : [];
}

/** Pods of the host's network need no address, so as many pods as addresses may run. The kubelet's own default, 110, is no wish. */
function maxPodsFaults(args: KnownClusterArgs, shares: Share[], nodes: HostAt<KnownNodeArgs>[]): Fault[] {
    const most = Math.min(...shares.map(({ family, mask }) => 2 ** (SIZES[family].bits - mask)));
    const taken = shares.map(({ mask }) => `/${mask}`).join(" and ");
    const wishes = nodes.map(({ path, host }) => wishOf(path, host) ?? fieldWish("kubeletConfiguration", args));
    const tooMany = new Map(wishes.flatMap((wish) => (wish && Number(wish.pods) > most ? [[wish.at, wish.pods]] : [])));
    return [...tooMany].map(([at, pods]) =>
        fault(at, pods, `at most ${most}, because a node has the addresses of a ${taken} for its pods`),
    );
}

interface Wish {
    at: string;
    pods: unknown;
}

/** The flag counts, where it is given beside the field. */
function wishOf(path: string, host: KnownNodeArgs): Wish | undefined {
    const extraArgs: ExtraArg[] = host.kubeletExtraArgs ?? [];
    const i = extraArgs.map(({ name }) => name).lastIndexOf("max-pods");
    return i < 0
        ? fieldWish(`${path}.kubeletConfiguration`, host)
        : { at: `${path}.kubeletExtraArgs[${i}].value`, pods: extraArgs[i].value };
}

function fieldWish(
    at: string,
    { kubeletConfiguration }: { kubeletConfiguration?: Record<string, unknown> },
): Wish | undefined {
    const pods = kubeletConfiguration?.maxPods;
    return pods === undefined ? undefined : { at: `${at}.maxPods`, pods };
}
