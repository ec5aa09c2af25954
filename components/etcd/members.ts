import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { checksumText, packageUse } from "../host/binaries";
import { ScriptParameters, digest, rolloutParameters } from "../host/contract";
import { Steps, afterTurns, union } from "../host/dependencies";
import { firewallParameters } from "../host/firewall";
import { Machine, MachineArgs } from "../host/host";
import { memberOpenings } from "../host/openings";
import { repositoryParameters, runtimeParameters, stagedParameters } from "../host/runtime";
import { Certificate } from "../lib/certificates";
import { PORTS } from "../lib/ports";
import { EtcdMemberSettings, EtcdRuntime, memberLayout } from "../model/etcd";
import { withEtcdDefaults } from "../model/etcdOptions";
import { resolveFirewall } from "../model/firewall";
import { HostArgs, privateAddressOf } from "../model/hosts";
import { KubeletSettings, etcdProgram, resolveKubelet } from "../model/runtime";
import { memberSecrets } from "./certificates";
import { etcdConfig, etcdPeers } from "./config";
import { EtcdClusterArgs } from "./etcdCluster";
import { Formation } from "./formation";
import { etcdPod } from "./pod";
import { standaloneKubelet } from "./standaloneKubelet";

/** What every member of one cluster is made from. */
export interface MembersContext {
    name: string;
    args: EtcdClusterArgs;
    ca: Certificate;
    owner: pulumi.Input<string>;
    barrier: pulumi.Resource;
    client: Certificate;
    child: { parent: pulumi.Resource };
}

/** A member on a machine of its own, with its steps so far. */
export interface Member {
    machine: Machine;
    host: HostArgs;
    desired: pulumi.Output<ScriptParameters>;
    bootstrap: remote.Command;
    /** All members'. */
    names: string[];
}

/** What a machine must be to take a member. Where no kubelet runs, nobody minds swap. */
export const etcdMachine = (
    etcd: EtcdMemberSettings,
): Pick<MachineArgs, "kind" | "ports" | "etcdLayout" | "etcdData" | "swapAllowed"> => ({
    kind: "etcd",
    ports: [PORTS.etcdClient, PORTS.etcdPeer],
    etcdLayout: memberLayout(etcd),
    etcdData: etcd.options.dataDir,
    ...(etcd.runtime === EtcdRuntime.Systemd ? { swapAllowed: true } : {}),
});

export const memberSettings = (args: EtcdClusterArgs, settings: KubeletSettings): EtcdMemberSettings => ({
    members: args.members,
    runtime: args.runtime ?? EtcdRuntime.Systemd,
    options: withEtcdDefaults(args),
    ...etcdProgram(settings),
});

/** The members come up side by side. */
export function startMembers(context: MembersContext, machines: Machine[]): Member[] {
    const formation = new Formation(context.name, machines, context.barrier, context.child);
    return machines.map((machine, i) => startMember(context, machine, context.args.members[i], formation));
}

function startMember(
    { name, args, ca, owner, barrier, client, child }: MembersContext,
    machine: Machine,
    host: HostArgs,
    formation: Formation,
): Member {
    const desired = stagedParameters(resolveKubelet(args), owner, etcdHostParameters(args, host));
    const prepare = machine.prepare(`${name}-${host.name}-prepare`, desired, {
        ...child,
        dependsOn: machine.passed(barrier),
    });
    const secrets = pulumi
        .all([memberSecrets(ca, client), formation.parametersOf(machine)])
        .apply(([pki, founding]): ScriptParameters => ({ NODE_NAME: host.name, ...pki, ...founding }));
    const options = { ...child, dependsOn: prepare };
    const bootstrap = machine.run(`${name}-${host.name}-bootstrap`, "bootstrap", pulumi.secret(secrets), options);
    return { machine, host, desired, bootstrap, names: args.members.map((member) => member.name) };
}

/** What a machine of etcd alone shall be. */
export function etcdHostParameters(args: EtcdClusterArgs, host: HostArgs): ScriptParameters {
    const settings = resolveKubelet(args);
    const member = memberParameters(memberSettings(args, settings), host);
    const kubelet = args.runtime === EtcdRuntime.StaticPod ? kubeletParameters(settings) : {};
    return {
        ...member,
        ...kubelet,
        ...packageUse(settings.sources.binaries),
        ...firewallParameters(
            resolveFirewall(args.firewall),
            host,
            memberOpenings(args.members, args.clients ?? "any", args.listenMetricsUrls, host),
        ),
        ROLE: "etcd",
        NODE_NAME: host.name,
        NODE_ADDRESS: privateAddressOf(host),
        // The member's own change has a digest of its own.
        ROLLOUT_DIGEST: digest(kubelet),
    };
}

const kubeletParameters = (settings: KubeletSettings): ScriptParameters => ({
    ...runtimeParameters(settings),
    ...repositoryParameters(settings),
    KUBELET_CONFIG: standaloneKubelet(settings.kubeletConfiguration),
});

/** A change goes from one member to the next. */
export function rollOut({ name, ca, client, child }: MembersContext, members: Member[]): remote.Command[] {
    const done: remote.Command[] = [];
    let before: Steps = pulumi.output([]);
    for (const { machine, host, desired, bootstrap } of members) {
        const parameters = pulumi
            .all([desired, memberSecrets(ca, client)])
            .apply(([state, pki]) => ({ ...rolloutParameters(host.name, state), ...pki }));
        const options = { ...child, dependsOn: union([[bootstrap], before]) };
        const rollout = machine.run(`${name}-${host.name}-rollout`, "rollout", pulumi.secret(parameters), options);
        done.push(rollout);
        before = afterTurns([{ bootstrap, rollout }], before);
    }
    return done;
}

/** What a host with a member that is not kubeadm's needs to know; a control plane node carries it with its own parameters. */
export function memberParameters(etcd: EtcdMemberSettings, host: HostArgs): ScriptParameters {
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
        // Who else is a member is no reason to restart one.
        ETCD_DIGEST: digest(run),
    };
}

/** The members that a member asks, and starts together with. */
export const membershipParameters = (
    { members, options }: Pick<EtcdMemberSettings, "members" | "options">,
    host: HostArgs,
): ScriptParameters => ({
    ETCD_NAME: host.name,
    ETCD_ADDRESS: privateAddressOf(host),
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
