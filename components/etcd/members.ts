import * as pulumi from "@pulumi/pulumi";
import { ScriptParameters } from "../host/contract";
import { Dependencies, afterRollouts } from "../host/dependencies";
import { Host } from "../host/host";
import { Step } from "../host/phase";
import { PreflightChecks } from "../host/preflight";
import { stagedParameters } from "../host/runtime";
import { HostSteps, hostSteps } from "../host/steps";
import { Certificate } from "../lib/certificates";
import { PORTS } from "../lib/ports";
import { EtcdMemberSettings, EtcdRuntime, memberLayout } from "../model/etcd";
import { EtcdHostsSettings } from "../model/etcdCluster";
import { RegistryPasswords } from "../model/secrets";
import { memberSecrets } from "./credentials";
import { Formation } from "./formation";
import { etcdHostParameters } from "./memberParameters";

/** The preflight checks of a host that shall run a member. Without a kubelet, swap does no harm. */
export const memberChecks = (
    etcd: EtcdMemberSettings,
): Pick<PreflightChecks, "kind" | "ports" | "etcdLayout" | "etcdData" | "swapAllowed"> => ({
    kind: "etcd",
    ports: [PORTS.etcdClient, PORTS.etcdPeer],
    etcdLayout: memberLayout(etcd),
    etcdData: etcd.options.dataDir,
    ...(etcd.runtime === EtcdRuntime.Systemd ? { swapAllowed: true } : {}),
});

export interface EtcdMembersArgs {
    settings: EtcdHostsSettings;
    /** The hosts of `settings.etcd.members`, in their order. */
    hosts: Host[];
    registryPasswords: RegistryPasswords;
    /** Signs the members' certificates. */
    ca: Certificate;
    /** The client's certificate. Its renewal makes every member renew its own. */
    client: Certificate;
    clusterId: pulumi.Input<string>;
    /** The step that must end before the first of these hosts is changed. */
    barrier: pulumi.Resource;
}

/**
 * The members of an etcd cluster, each on a host of its own. They start side by side; a change goes from one member to the
 * next; a member that is no longer listed is removed.
 */
export class EtcdMembers {
    /** The steps of each member, in the order of the list. */
    public readonly steps: HostSteps[];
    private readonly parent: { parent: pulumi.Resource };

    constructor(
        private readonly name: string,
        private readonly args: EtcdMembersArgs,
        opts: { parent: pulumi.Resource },
    ) {
        this.parent = opts;
        const formation = new Formation(name, args.hosts, args.barrier, opts);
        this.steps = [];
        let changed: Dependencies = pulumi.output([]);
        for (const host of args.hosts) {
            const steps = this.member(host, formation, changed);
            this.steps.push(steps);
            changed = afterRollouts([steps], changed);
        }
    }

    private member(host: Host, formation: Formation, after: Dependencies): HostSteps {
        const { settings, registryPasswords, clusterId, ca, client, barrier } = this.args;
        const { name } = host.settings;
        const state = etcdHostParameters(settings, host.settings);
        const desired = stagedParameters(settings.runtime, registryPasswords, clusterId, state);
        const pki = memberSecrets(ca, client);
        const parameters = pulumi
            .all([pki, formation.parametersOf(host)])
            .apply(([secrets, founding]): ScriptParameters => ({ NODE_NAME: name, ...secrets, ...founding }));
        const steps = { host, desired, barrier, bootstrap: { parameters }, rollout: { parameters: pki, after } };
        return hostSteps(`${this.name}-${name}`, steps, this.parent);
    }

    /** Removes members that are no longer listed. Runs on the first member, once the clients have the new endpoints. */
    public removeDeparted(clients: pulumi.Resource[]): Step {
        const [first] = this.args.hosts;
        const names = this.args.hosts.map(({ settings }) => settings.name);
        // By then every listed member has started, so that none is taken for a departed one.
        const dependsOn = [...this.steps.flatMap(({ bootstrap, rollout }) => [bootstrap, rollout]), ...clients];
        return first.run(
            `${this.name}-members`,
            "etcd-members",
            // No script reads MEMBERS: it makes the step run again when the list changes.
            { NODE_NAME: first.settings.name, MEMBERS: names.join(" ") },
            { ...this.parent, dependsOn },
        );
    }
}
