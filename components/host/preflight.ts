import { HostSettings } from "../model/hosts";
import { KubeProxyMode } from "../model/network";
import { OsFamily } from "../model/osFamily";
import { ScriptParameters } from "./contract";

/** The kinds of hosts, with the minimum of memory and processors; that of nodes is kubeadm's own. */
const KINDS = {
    controlPlane: { role: "control-plane", memoryMiB: 1700, cpus: 2 },
    worker: { role: "worker", memoryMiB: 512, cpus: 1 },
    loadBalancer: { role: "load-balancer", memoryMiB: 256, cpus: 1 },
    etcd: { role: "etcd", memoryMiB: 512, cpus: 1 },
} as const;

export type HostKind = keyof typeof KINDS;

/** The scripts' name for a host of each kind (`ROLE`). */
export const roleOf = (kind: HostKind): string => KINDS[kind].role;

export const isNode = (kind: HostKind): boolean => kind === "controlPlane" || kind === "worker";

/** The checks of preflight on one host, before any host is changed. */
export interface PreflightChecks {
    /** TCP ports that must be free on a new host. */
    ports: readonly number[];
    /** URL that preflight must reach; its `Date` header is used to check the host's clock. Empty: no check. */
    packageSource: string;
    osFamily: OsFamily;
    /** The proxy for that URL; see `proxyParameters`. */
    proxy?: ScriptParameters;
    /** @default false */
    swapAllowed?: boolean;
    /** The etcd that the host has or shall have, in a few words. Preflight refuses a live host with another one: its data would stay behind. */
    etcdLayout?: string;
    /** See `networkWords`: a live control plane node with another network is refused. @otherwise no check */
    network?: string;
    /** The data directory of the host's etcd. @otherwise no etcd of ours runs here */
    etcdData?: string;
    /** URLs that must answer; a refused request is an answer. @default [] */
    mustReach?: string[];
    /** The cluster's endpoint. Preflight refuses a live host with another one: its clients would lose the API. @otherwise no check */
    endpoint?: { text: string; placement: string };
    /** Whether the kubelet and its helpers come as files. @default false */
    staticBinaries?: boolean;
    /** Commands that no package will bring, and who calls each. @otherwise missing ones are installed */
    neededCommands?: Record<string, string>;
    /** The version that a live control plane node's is compared with; a minor cannot be skipped. @otherwise no check */
    kubernetesVersion?: string;
    /** kube-proxy's mode, which needs kernel modules. @otherwise none: the host is no node */
    kubeProxy?: KubeProxyMode;
    /** Whether the kernel must have dummy interfaces (NodeLocal DNSCache). @default false */
    dummyInterface?: boolean;
    /** See `firewallChecks`. @otherwise no check */
    firewall?: ScriptParameters;
    /** The address families for which the host needs a default route. @default [] */
    defaultRoutes?: (4 | 6)[];
}

/** The facts that preflight read from a host. */
export interface HostFacts {
    machineId: string;
    hostname: string;
    architecture: string;
    /** The active firewall, and the networks that it takes for the nodes' (CIDR, separated by blanks). */
    firewall?: string;
    nodeNetworks?: string;
}

// Under --continue-on-error a preflight that failed has no output, and the engine skips all that depends on it.
export const parseFacts = (stdout: string | undefined): HostFacts | undefined =>
    stdout === undefined ? undefined : (JSON.parse(stdout) as HostFacts);

export const preflightParameters = (kind: HostKind, host: HostSettings, checks: PreflightChecks): ScriptParameters => ({
    SECONDARY_ADDRESS: host.secondaryAddress ?? "",
    DEFAULT_ROUTES: (checks.defaultRoutes ?? []).map((family) => `-${family}`).join(" "),
    PORTS: checks.ports.join(" "),
    MINIMUM_MEMORY_MIB: KINDS[kind].memoryMiB,
    MINIMUM_CPUS: KINDS[kind].cpus,
    SWAP_ALLOWED: checks.swapAllowed ?? false,
    PACKAGE_SOURCE: checks.packageSource,
    ...(checks.endpoint ? { ENDPOINT: checks.endpoint.text, ENDPOINT_PLACEMENT: checks.endpoint.placement } : {}),
    ...(checks.kubernetesVersion ? { KUBERNETES_VERSION: checks.kubernetesVersion } : {}),
    ...checks.proxy,
    ...checks.firewall,
    OS_FAMILY: checks.osFamily,
    ETCD_LAYOUT: checks.etcdLayout ?? "",
    ...(checks.network ? { NETWORK: checks.network } : {}),
    ...(checks.etcdData ? { ETCD_DATA: checks.etcdData } : {}),
    MUST_REACH: (checks.mustReach ?? []).join(" "),
    KUBE_PROXY_MODE: checks.kubeProxy ?? KubeProxyMode.None,
    ...(checks.dummyInterface ? { DUMMY_INTERFACE: true } : {}),
    ...(checks.neededCommands ? programParameters(checks.neededCommands, checks.staticBinaries ?? false) : {}),
});

const programParameters = (commands: Record<string, string>, staticBinaries: boolean): ScriptParameters => ({
    HOST_PACKAGES: false,
    STATIC_BINARIES: staticBinaries,
    NEEDED_COMMANDS: Object.entries(commands)
        .map(([command, caller]) => `${command} ${caller}`)
        .join("\n"),
});
