import * as pulumi from "@pulumi/pulumi";
import { askHosts } from "../host/ask";
import { Host } from "../host/host";
import { Table, ValuesOf, list, text } from "../host/parameters";
import { LIVE_HOST } from "../host/preflight";
import { HostSettings } from "../model/hosts";
import { irreplaceable } from "../lib/certificates";

/** The parameters of a member's bootstrap. A host that is sent none of them may only join. */
export const FORMATION = {
    FOUNDER: text("The machine-id of this host in the record of founding members; empty: this host may only join.", ""),
    FOUNDERS: list("Every founding member: `name=address`.", []),
} satisfies Table;

/** The parameters of the phase `formation`. */
export const FORMATION_QUESTION = {
    ETCD_DATA: LIVE_HOST.ETCD_DATA,
    HOST_KEY: text("The host's SSH key; empty where none is known."),
} satisfies Table;

/** What the phase `formation` prints: everything that identifies one machine, and whether etcd has run there. */
interface Member {
    name: string;
    address: string;
    hostKey: string;
    machineId: string;
    /** See `Host.claim`: a machine that left the program and came back has another. */
    claim: string;
    /** Whether an etcd member has run there. */
    etcdRan: boolean;
}

export interface FormationArgs {
    /** The hosts of all declared members. */
    hosts: Host[];
    /** The data directory of a member. */
    dataDir: string;
    barrier: pulumi.Resource;
}

/**
 * The record of an etcd cluster's founding members, made once, after every preflight and before the first member starts,
 * and protected. A machine that is not in it may only join, whatever the others answer; so no edit of a live cluster can
 * make a second, empty etcd beside it.
 *
 * Every declared member is asked when the record is made. Where etcd has run on one of them (the record was taken out of the
 * state), nobody is a founder; where one does not answer, there is no record.
 */
export class Formation {
    private readonly founders: pulumi.Output<Member[]>;

    constructor(name: string, { hosts, dataDir, barrier }: FormationArgs, opts: pulumi.CustomResourceOptions) {
        const members = askHosts<Member>(
            `${name}-formation`,
            {
                hosts,
                phase: "formation",
                parameters: ({ hostKey = "" }): ValuesOf<typeof FORMATION_QUESTION> => ({
                    ETCD_DATA: dataDir,
                    HOST_KEY: hostKey,
                }),
                unknown: "whether etcd has run there. Start it, or replace it in the configuration",
            },
            { ...irreplaceable(opts), dependsOn: barrier },
        );
        this.founders = members.apply((all) => (all.some(({ etcdRan }) => etcdRan) ? [] : all));
    }

    /** Parameters of this host's bootstrap; see scripts/lib/etcd/formation.sh. */
    public parametersOf(host: Host): pulumi.Output<ValuesOf<typeof FORMATION>> {
        return pulumi
            .all([this.founders, host.claim.stdout, host.settings])
            .apply(([founders, claim, settings]): ValuesOf<typeof FORMATION> => {
                const itself = founders.find((founder) => founder.claim === claim && isAt(settings, founder));
                if (!itself) return {};
                const members = founders.map((founder) => `${founder.name}=${founder.address}`);
                return { FOUNDER: itself.machineId, FOUNDERS: members };
            });
    }
}

const isAt = (host: HostSettings, { name, address, hostKey }: Member): boolean =>
    host.name === name && host.privateAddress === address && (host.hostKey ?? "") === hostKey;
