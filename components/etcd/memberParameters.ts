import { PROGRAM_FILES, checksumWords, packageUse } from "../host/binaries";
import { ROLLOUT, digest } from "../host/contract";
import { FIREWALL_RULES, firewallParameters } from "../host/firewall";
import { memberOpenings } from "../host/openings";
import { Table, ValuesOf, list, required, text } from "../host/parameters";
import { LIVE_HOST } from "../host/preflight";
import { REPOSITORIES, RUNTIME, repositoryParameters, runtimeParameters } from "../host/runtime";
import { EtcdMemberSettings, EtcdRuntime, memberLayout } from "../model/etcd";
import { EtcdHostsSettings } from "../model/etcdCluster";
import { HostSettings } from "../model/hosts";
import { RuntimeSettings } from "../model/runtime";
import { etcdConfig, etcdPeers } from "./config";
import { etcdPod } from "./pod";
import { standaloneKubelet } from "./standaloneKubelet";

/** The parameters of a member: its name and address, and the other members, which it asks and starts together with. */
export const MEMBERSHIP = {
    ETCD_NAME: text("The name of the host's member."),
    ETCD_ADDRESS: text("The address of the host's member."),
    ETCD_PEERS: list("The other declared members: `name=address`."),
    ETCD_DATA: LIVE_HOST.ETCD_DATA,
} satisfies Table;

/** The parameters that the scripts read on every host. */
export const ANY_ETCD = {
    ETCD_RUNTIME: text(
        "What runs the member on this host: `kubeadm`, `systemd` or `static-pod`; `none`: no member runs here.",
        "none",
    ),
} satisfies Table;

/** The parameters of a control plane node, and of a host with etcd. */
export const ETCD = {
    ETCD_RUNTIME: required(ANY_ETCD.ETCD_RUNTIME),
    ETCD_LAYOUT: LIVE_HOST.ETCD_LAYOUT,
} satisfies Table;

/** Further names and addresses in the certificates of a member, kubeadm's too. */
export const MEMBER_SANS = {
    ETCD_SERVER_SANS: list("Further names and addresses in the server certificate of the host's etcd member."),
    ETCD_PEER_SANS: list("Further names and addresses in the peer certificate of the host's etcd member."),
} satisfies Table;

/** The parameters of a member that is not kubeadm's. */
export const MEMBER = {
    ...ETCD,
    ...MEMBERSHIP,
    ...MEMBER_SANS,
    ETCD_CONFIG: text("etcd's configuration file, without initial-cluster."),
    ETCD_DIGEST: text("The digest of what restarts the member."),
} satisfies Table;

/** The programs of a member under systemd. */
export const SYSTEMD_MEMBER = {
    ETCD_PACKAGE: text("The package with etcd's programs; empty: they come from ETCD_ARCHIVE.", ""),
    ETCD_ARCHIVE: text("The URL of the archive with etcd's programs; `{arch}` stands for amd64 or arm64.", ""),
    ETCD_SHA256: list("The checksums of ETCD_ARCHIVE: `amd64=…`.", []),
} satisfies Table;

/** The static pod of a member. */
export const POD_MEMBER = {
    ETCD_IMAGE: text("The image of the member's static pod."),
    ETCD_POD: text("The manifest of the member's static pod."),
} satisfies Table;

export const STANDALONE_KUBELET = {
    KUBELET_CONFIG: text(
        "The configuration of the kubelet that runs the member's static pod on a host that is no node.",
    ),
} satisfies Table;

/** The parameters of a member that is not kubeadm's. */
export type MemberParameters = ValuesOf<typeof MEMBER & typeof SYSTEMD_MEMBER> & Partial<ValuesOf<typeof POD_MEMBER>>;

/** The parameters of a kubelet without an API server. */
type KubeletParameters = ValuesOf<
    typeof RUNTIME & typeof PROGRAM_FILES & typeof REPOSITORIES & typeof STANDALONE_KUBELET
>;

type EtcdHostParameters = MemberParameters &
    Partial<KubeletParameters> &
    ValuesOf<typeof FIREWALL_RULES & typeof ROLLOUT>;

/** The desired state of a host that runs etcd and nothing else. */
export function etcdHostParameters(
    { etcd, runtime, firewall, clients }: EtcdHostsSettings,
    host: HostSettings,
): EtcdHostParameters {
    const kubelet = etcd.runtime === EtcdRuntime.StaticPod ? kubeletParameters(runtime) : {};
    const openings = memberOpenings(etcd.members, clients, etcd.options.listenMetricsUrls, host);
    return {
        ...memberParameters(etcd, host),
        ...kubelet,
        ...packageUse(runtime.sources.binaries),
        ...firewallParameters(firewall, host, openings),
        // The member's own change has a digest of its own.
        ROLLOUT_DIGEST: digest(kubelet),
    };
}

const kubeletParameters = (runtime: RuntimeSettings): KubeletParameters => ({
    ...runtimeParameters(runtime),
    ...repositoryParameters(runtime),
    KUBELET_CONFIG: standaloneKubelet(runtime.kubeletConfiguration),
});

/** The parameters of a member that is not kubeadm's. A control plane node gets them with its own parameters. */
export function memberParameters(etcd: EtcdMemberSettings, host: HostSettings): MemberParameters {
    const config = etcdConfig(host, etcd.options);
    const run = {
        ETCD_CONFIG: config,
        ...(etcd.runtime === EtcdRuntime.Systemd
            ? programParameters(etcd)
            : { ETCD_IMAGE: etcd.image, ETCD_POD: etcdPod(etcd.image, config, etcd.options) }),
    };
    return {
        ...run,
        ...membershipParameters(etcd, host),
        ...memberSans(etcd),
        ETCD_RUNTIME: etcd.runtime === EtcdRuntime.Systemd ? "systemd" : "static-pod",
        ETCD_LAYOUT: memberLayout(etcd),
        // The list of members is left out: a change of it must not restart this member.
        ETCD_DIGEST: digest(run),
    };
}

export const memberSans = ({
    certificateNames: { serverCertSANs, peerCertSANs },
}: Pick<EtcdMemberSettings, "certificateNames">): ValuesOf<typeof MEMBER_SANS> => ({
    ETCD_SERVER_SANS: serverCertSANs,
    ETCD_PEER_SANS: peerCertSANs,
});

export const membershipParameters = (
    { members, options }: Pick<EtcdMemberSettings, "members" | "options">,
    host: HostSettings,
): ValuesOf<typeof MEMBERSHIP> => ({
    ETCD_NAME: host.name,
    ETCD_ADDRESS: host.privateAddress,
    ETCD_PEERS: etcdPeers(members, host),
    ETCD_DATA: options.dataDir,
});

const programParameters = ({ source }: EtcdMemberSettings): ValuesOf<typeof SYSTEMD_MEMBER> =>
    source.package
        ? { ETCD_PACKAGE: source.package }
        : {
              ETCD_ARCHIVE: source.uri,
              ETCD_SHA256: checksumWords(source.sha256 ?? {}),
          };
