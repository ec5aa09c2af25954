import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { packageUse } from "./binaries";
import { withEtcdDefaults } from "./config/etcd";
import { memberOpenings } from "./config/firewall";
import { standaloneKubelet } from "./config/standaloneKubelet";
import { PORTS } from "./constants";
import type { EtcdClusterArgs } from "./etcdCluster";
import { memberParameters, memberSecrets } from "./etcdMember";
import { EtcdMemberSettings, memberLayout } from "./etcdSettings";
import { Formation } from "./formation";
import { firewallParameters, resolveFirewall } from "./firewall";
import { repositoryParameters, runtimeParameters, stagedParameters } from "./hostSources";
import { afterTurns, Steps, union } from "./isolation";
import { Machine, MachineArgs } from "./machine";
import { Certificate } from "./pki";
import { privateAddressOf } from "./remote/connection";
import { digest, rolloutParameters, ScriptParameters } from "./remote/parameters";
import { etcdProgram, KubeletSettings, resolveKubelet } from "./settings";
import { EtcdRuntime, HostArgs } from "./types";

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
