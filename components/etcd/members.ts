import * as pulumi from "@pulumi/pulumi";
import { CHANGE_ATTEMPT, attemptAt } from "../host/attempt";
import { Dependencies } from "../host/dependencies";
import { Host } from "../host/host";
import { Table, ValuesOf, trigger } from "../host/parameters";
import { Step } from "../host/phase";
import { PreflightChecks } from "../host/preflight";
import { registrySecrets } from "../host/runtime";
import { HostSteps, hostSteps } from "../host/steps";
import { inTurns } from "../host/turns";
import { Certificate } from "../lib/certificates";
import { PORTS } from "../lib/ports";
import { EtcdRuntime, memberLayout } from "../model/etcd";
import { EtcdHostsSettings, EtcdHostsShape } from "../model/etcdCluster";
import { RegistryPasswords } from "../model/secrets";
import { MEMBER_SECRETS, memberSecrets } from "./credentials";
import { FORMATION, Formation } from "./formation";
import { MEMBERSHIP, etcdHostParameters, membershipParameters } from "./memberParameters";

/** The parameters of the step that removes members. ATTEMPT makes it run again when a change of the list is taken back. */
export const DEPARTED = {
    ...MEMBERSHIP,
    ...CHANGE_ATTEMPT,
    MEMBERS: trigger("The names of the members, so that the step runs again when the list changes."),
} satisfies Table;

/** The preflight checks of a host that shall run a member. Without a kubelet, swap does no harm. */
export const memberChecks = (
    etcd: EtcdHostsShape["etcd"],
): Pick<PreflightChecks, "ports" | "etcdLayout" | "etcdData" | "swapAllowed" | "installsContainerd"> => ({
    ports: [PORTS.etcdClient, PORTS.etcdPeer],
    etcdLayout: memberLayout(etcd),
    etcdData: etcd.options.dataDir,
    ...(etcd.runtime === EtcdRuntime.Systemd ? { swapAllowed: true } : { installsContainerd: true }),
});

export interface EtcdMembersArgs {
    shape: EtcdHostsShape;
    settings: pulumi.Output<EtcdHostsSettings>;
    /** The hosts of `settings.etcd.members`, in their order. */
    hosts: Host[];
    registryPasswords: RegistryPasswords;
    /** Signs the members' certificates. */
    ca: Certificate;
    /** The client's certificate. Its renewal makes every member renew its own. */
    client: Certificate;
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
    /** The joins that succeeded, and the last change of a live member. */
    public readonly changed: Dependencies;
    private readonly parent: { parent: pulumi.Resource };

    constructor(
        private readonly name: string,
        private readonly args: EtcdMembersArgs,
        opts: { parent: pulumi.Resource },
    ) {
        this.parent = opts;
        const { shape, hosts: founding, barrier } = args;
        const formation = new Formation(name, { hosts: founding, dataDir: shape.etcd.options.dataDir, barrier }, opts);
        const { hosts, changed } = inTurns({
            items: args.hosts,
            create: (host, turnAfter) => this.member(host, formation, turnAfter),
        });
        this.steps = hosts;
        this.changed = changed;
    }

    private member(host: Host, formation: Formation, turnAfter: Dependencies): HostSteps {
        const { shape, settings, registryPasswords, ca, client, barrier } = this.args;
        const desired = pulumi.all([settings, host.settings]).apply(([all, itself]) => etcdHostParameters(all, itself));
        // A member under systemd comes from an archive.
        const secrets =
            shape.etcd.runtime === EtcdRuntime.StaticPod ? registrySecrets(shape.runtime, registryPasswords) : {};
        const parameters = pulumi
            .all([memberSecrets(ca, client, shape.certificates), formation.parametersOf(host)])
            .apply(([secrets, founding]): ValuesOf<typeof MEMBER_SECRETS & typeof FORMATION> => ({
                ...secrets,
                ...founding,
            }));
        const name = `${this.name}-${host.shape.name}`;
        return hostSteps(name, { host, desired, secrets, barrier, parameters, turnAfter }, this.parent);
    }

    /** Removes members that are no longer listed. Runs on the first member, once the clients have the new endpoints. */
    public removeDeparted(clients: pulumi.Resource[]): Step {
        const [first] = this.args.hosts;
        const names = this.args.hosts.map(({ shape }) => shape.name).join(" ");
        // By then every listed member has started, so that none is taken for a departed one.
        const dependsOn = [...this.steps.map(({ node }) => node), ...clients];
        return first.run(
            `${this.name}-members`,
            {
                phase: "etcd-members",
                parameters: pulumi
                    .all([
                        this.args.settings,
                        first.settings,
                        attemptAt(`${this.name}-members-attempt`, names, this.parent),
                    ])
                    .apply(([{ etcd }, itself, attempt]): ValuesOf<typeof DEPARTED> => ({
                        ...membershipParameters(etcd, itself),
                        MEMBERS: names,
                        ATTEMPT: attempt,
                    })),
            },
            { ...this.parent, dependsOn },
        );
    }
}
