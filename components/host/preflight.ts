import { HostSettings } from "../model/hosts";
import { KubeProxyMode } from "../model/network";
import { OsFamily } from "../model/osFamily";
import { PreflightSettings } from "../model/preflightChecks";
import { BALANCER_HOST } from "./balancerHost";
import { FIREWALL_CHECKS } from "./firewall";
import { Table, ValuesOf, flag, list, number, text } from "./parameters";
import { PROGRAM_FILES } from "./binaries";
import { PROXY, REPOSITORIES, RUNTIME } from "./runtime";
import { SETUP, aliasLines } from "./setupTables";

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
    preflight: PreflightSettings;
    /** TCP ports that must be free on a new host. */
    ports: readonly number[];
    /** URL that preflight must reach; its `Date` header is used to check the host's clock. Empty: no check. */
    packageSource: string;
    /** What `prepare` will download; see host/sources.ts. @default [] */
    sources?: { rows: string[]; authorities: string[] };
    osFamily: OsFamily;
    /** The proxy for these URLs; see `proxyParameters`. */
    proxy?: ValuesOf<typeof PROXY>;
    /** @default false */
    swapAllowed?: boolean;
    /** The etcd that the host has or shall have, in a few words. Preflight refuses a live host with another one: its data would stay behind. */
    etcdLayout?: string;
    /** See `networkWords`: a live control plane node with another network is refused. @otherwise no check */
    network?: string;
    /** The data directory of the host's etcd. @otherwise no etcd of ours runs here */
    etcdData?: string;
    /** URLs at which a server must answer: any HTTP status or TLS error will do, a refused connection will not. @default [] */
    mustReach?: string[];
    /** The cluster's endpoint. Preflight refuses a live host with another one: its clients would lose the API. @otherwise no check */
    endpoint?: { text: string; placement: string };
    /** Whether the kubelet and its helpers come as files. @default false */
    staticBinaries?: boolean;
    /** Commands that no package will bring, and who calls each. @otherwise missing ones are installed */
    neededCommands?: Record<string, string>;
    /**
     * The version of the kubelet, on hosts that have one. A live control plane node's is compared with it: a minor cannot be skipped.
     * @otherwise no check
     */
    kubernetesVersion?: string;
    /** kube-proxy's mode, which needs kernel modules. @otherwise none: the host is no node */
    kubeProxy?: KubeProxyMode;
    /** Whether the kernel must have dummy interfaces (NodeLocal DNSCache). @default false */
    dummyInterface?: boolean;
    /** Whether the kernel must have IP-in-IP tunnels (Calico's mode `ipip`). @default false */
    ipipTunnel?: boolean;
    /** The kube-apiservers' addresses, on a host that passes packets on to them by LVS. @otherwise no check */
    lvsBackends?: string[];
    /** See `firewallChecks`. @otherwise no check */
    firewall?: ValuesOf<typeof FIREWALL_CHECKS>;
    /** Whether the program installs a CNI plugin on the host. @default false */
    installsCni?: boolean;
    /** Whether the host gets containerd. @default false */
    installsContainerd?: boolean;
    /** The services of the load balancer on this host (`balancerServices`). @default [] */
    balancerServices?: string[];
    /** The virtual address that this host may hold, and the addresses of all that may. @otherwise no check */
    virtualAddress?: { address: string; hosts: string[] };
    /** The kubelet's `resolvConf`; empty: kubeadm's choice. @otherwise no check: the host has no pods */
    resolvConf?: string;
    /** An address of each network of Services, which the host must have a route to. @default [] */
    serviceAddresses?: string[];
}

/** The parts of a host's desired state with which preflight compares the next one. */
export const LIVE_HOST = {
    ENDPOINT_PLACEMENT: text("Where the load balancer of the endpoint runs (`placementWord`)."),
    ETCD_LAYOUT: text("The etcd of the host, in a few words (`layoutOf`); empty where the host has none."),
    ETCD_DATA: text("The data directory of the etcd member; empty where no member runs here."),
    NETWORK: text(
        "The cluster's network, in a few words (`networkWords`); empty on a host that is no control plane node.",
    ),
} satisfies Table;

export const PREFLIGHT = {
    CA_VALID_FROM: text("The beginning of the CA's validity, RFC 3339."),
    KEY_DIGESTS: list("The keys of the cluster: `file digest`; the file is below /etc/kubernetes/pki."),
    SECONDARY_ADDRESS: text("The host's address of the other family; empty where it has none.", ""),
    PREFLIGHT_WARN: list("The checks whose faults are only warnings.", []),
    PREFLIGHT_SKIP: list("The checks that do not run.", []),
    INSTALLS_CNI: flag("Whether the program installs a CNI plugin on the host.", false),
    INSTALLS_CONTAINERD: flag("Whether the host gets containerd.", false),
    ...BALANCER_HOST,
    VIRTUAL_ADDRESS_HOSTS: list("The addresses of the hosts that may hold the virtual address.", []),
    RESOLV_CONF: text(
        "The file with the name servers of pods; empty: kubeadm's choice; `none`: the host has no pods.",
        "none",
    ),
    SETUP_ALIASES: SETUP.SETUP_ALIASES,
    SERVICE_ADDRESSES: list("An address of each network of Services, which the host must have a route to.", []),
    PORTS: list("TCP ports that must be free on a new host."),
    MINIMUM_MEMORY_MIB: number("The memory that a host of this kind needs, in MiB."),
    MINIMUM_CPUS: number("The processors that a host of this kind needs."),
    SWAP_ALLOWED: flag("Whether swap may be on."),
    PACKAGE_SOURCE: text(
        "A URL that must answer; `{arch}` stands for amd64 or arm64. Its `Date` header is compared with the host's clock. Empty: no check.",
    ),
    SOURCES: list(
        "What `prepare` will download: `name url…`, of which one must answer; `{arch}` stands for amd64 or arm64.",
        [],
    ),
    REGISTRY_CAS: REPOSITORIES.REGISTRY_CAS,
    ENDPOINT: text(
        "The cluster's endpoint, `host:port`. Preflight refuses a live host with another endpoint. Empty: no check.",
    ),
    KUBERNETES_VERSION: RUNTIME.KUBERNETES_VERSION,
    OS_FAMILY: text("`debian` or `redhat`, which must be the host's family."),
    MUST_REACH: list(
        "URLs at which a server must answer: any HTTP status or TLS error will do, a refused connection will not.",
        [],
    ),
    KUBE_PROXY_MODE: text("kube-proxy's mode, which needs kernel modules; `none` on a host that is no node."),
    DUMMY_INTERFACE: flag("Whether the kernel must have dummy interfaces (NodeLocal DNSCache).", false),
    IPIP_TUNNEL: flag("Whether the kernel must have IP-in-IP tunnels (Calico's mode `ipip`).", false),
    LVS_BACKENDS: list(
        "The kube-apiservers' addresses, on a host that passes packets on to them by LVS: its kernel and its network must be fit for it.",
        [],
    ),
    HOST_PACKAGES: PROGRAM_FILES.HOST_PACKAGES,
    STATIC_BINARIES: flag("Whether the kubelet and its helpers come as files.", false),
    NEEDED_COMMANDS: list("Commands that no package will bring: `command caller`.", []),
    ...LIVE_HOST,
    ...PROXY,
    ...FIREWALL_CHECKS,
    PEERS: list("The hosts that this one must reach: `name address port…`.", []),
};

/** The parameters that do not follow from the host's kind, settings and checks. */
type FromCluster = "CA_VALID_FROM" | "KEY_DIGESTS" | "PEERS";

export const preflightParameters = (
    kind: HostKind,
    host: HostSettings,
    checks: PreflightChecks,
): Omit<ValuesOf<typeof PREFLIGHT>, FromCluster> => ({
    SECONDARY_ADDRESS: host.secondaryAddress,
    PREFLIGHT_WARN: checks.preflight.warn,
    PREFLIGHT_SKIP: checks.preflight.skip,
    INSTALLS_CNI: checks.installsCni,
    INSTALLS_CONTAINERD: checks.installsContainerd,
    LOAD_BALANCER: checks.balancerServices,
    VIRTUAL_ADDRESS: checks.virtualAddress?.address,
    VIRTUAL_ADDRESS_HOSTS: checks.virtualAddress?.hosts,
    RESOLV_CONF: checks.resolvConf,
    SETUP_ALIASES: aliasLines(host.setup),
    SERVICE_ADDRESSES: checks.serviceAddresses,
    PORTS: checks.ports.map(String),
    MINIMUM_MEMORY_MIB: KINDS[kind].memoryMiB,
    MINIMUM_CPUS: KINDS[kind].cpus,
    SWAP_ALLOWED: checks.swapAllowed ?? false,
    PACKAGE_SOURCE: checks.packageSource,
    SOURCES: checks.sources?.rows,
    REGISTRY_CAS: checks.sources?.authorities,
    ENDPOINT: checks.endpoint?.text ?? "",
    ENDPOINT_PLACEMENT: checks.endpoint?.placement ?? "",
    KUBERNETES_VERSION: checks.kubernetesVersion ?? "",
    ...checks.proxy,
    ...checks.firewall,
    OS_FAMILY: checks.osFamily,
    ETCD_LAYOUT: checks.etcdLayout ?? "",
    NETWORK: checks.network ?? "",
    ETCD_DATA: checks.etcdData ?? "",
    MUST_REACH: checks.mustReach,
    KUBE_PROXY_MODE: checks.kubeProxy ?? KubeProxyMode.None,
    DUMMY_INTERFACE: checks.dummyInterface,
    IPIP_TUNNEL: checks.ipipTunnel,
    LVS_BACKENDS: checks.lvsBackends,
    ...(checks.neededCommands ? programParameters(checks.neededCommands, checks.staticBinaries ?? false) : {}),
});

const programParameters = (commands: Record<string, string>, staticBinaries: boolean) => ({
    HOST_PACKAGES: false,
    STATIC_BINARIES: staticBinaries,
    NEEDED_COMMANDS: Object.entries(commands).map(([command, caller]) => `${command} ${caller}`),
});
