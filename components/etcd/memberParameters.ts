import { checksumText, packageUse } from "../host/binaries";
import { ScriptParameters, digest } from "../host/contract";
import { firewallParameters } from "../host/firewall";
import { memberOpenings } from "../host/openings";
import { repositoryParameters, runtimeParameters } from "../host/runtime";
import { EtcdMemberSettings, EtcdRuntime, memberLayout } from "../model/etcd";
import { EtcdHostsSettings } from "../model/etcdCluster";
import { HostSettings } from "../model/hosts";
import { RuntimeSettings } from "../model/runtime";
import { etcdConfig, etcdPeers } from "./config";
import { etcdPod } from "./pod";
import { standaloneKubelet } from "./standaloneKubelet";

/** The desired state of a host that runs etcd and nothing else. */
export function etcdHostParameters(
    { etcd, runtime, firewall, clients }: EtcdHostsSettings,
    host: HostSettings,
): ScriptParameters {
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

const kubeletParameters = (runtime: RuntimeSettings): ScriptParameters => ({
    ...runtimeParameters(runtime),
    ...repositoryParameters(runtime),
    KUBELET_CONFIG: standaloneKubelet(runtime.kubeletConfiguration),
});

/** The parameters of a member that is not kubeadm's. A control plane node gets them with its own parameters. */
export function memberParameters(etcd: EtcdMemberSettings, host: HostSettings): ScriptParameters {
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
        ETCD_RUNTIME: etcd.runtime === EtcdRuntime.Systemd ? "systemd" : "static-pod",
        ETCD_LAYOUT: memberLayout(etcd),
        // The list of members is left out: a change of it must not restart this member.
        ETCD_DIGEST: digest(run),
    };
}

/** The members that a member asks, and starts together with. */
export const membershipParameters = (
    { members, options }: Pick<EtcdMemberSettings, "members" | "options">,
    host: HostSettings,
): ScriptParameters => ({
    ETCD_NAME: host.name,
    ETCD_ADDRESS: host.privateAddress,
    ETCD_PEERS: etcdPeers(members, host),
    ETCD_DATA: options.dataDir,
});

const programParameters = ({ source }: EtcdMemberSettings): ScriptParameters =>
    source.package
        ? { ETCD_PACKAGE: source.package }
        : {
              ETCD_ARCHIVE: source.uri ?? "",
              ETCD_SHA256: checksumText(source.sha256 ?? {}),
          };
