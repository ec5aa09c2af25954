import * as pulumi from "@pulumi/pulumi";
import { ScriptParameters } from "../host/contract";
import { whenSettled } from "../host/dependencies";
import { Host } from "../host/host";
import { irreplaceable } from "../lib/certificates";

/** A machine that may start etcd from the static list: this very one, told by all that tells one machine from another. */
interface Founder {
    name: string;
    address: string;
    hostKey: string;
    machineId: string;
    /** See `Host.claim`: a machine that left the program and came back has another. */
    claim: string;
}

/**
 * The record of an etcd cluster's founding members, made once, after every preflight and before the first member starts,
 * and protected. A machine that is not in it may only join, whatever the others answer; so no edit of a live cluster can
 * make a second, empty etcd beside it. Where a declared member's last preflight found that etcd ran there before there was a
 * record (it was taken out of the state), nobody is a founder. A preflight that is not run again tells what it found before.
 */
export class Formation {
    private readonly founders: pulumi.Output<Founder[]>;

    constructor(name: string, hosts: Host[], barrier: pulumi.Resource, opts: pulumi.CustomResourceOptions) {
        const members = hosts.map((host) => whenSettled(host.claim, { ok: candidate(host), failed: undefined }));
        const input = pulumi.all(members).apply((all) => {
            const reached = all.filter((member) => member !== undefined);
            return reached.some(({ etcdRan }) => etcdRan) ? [] : reached.map(({ founder }) => founder);
        });
        const options = { ...irreplaceable(opts), dependsOn: barrier, ignoreChanges: ["input"] };
        this.founders = new pulumi.Stash(`${name}-formation`, { input }, options).output as pulumi.Output<Founder[]>;
    }

    /** Parameters of this host's bootstrap; see scripts/lib/etcd/formation.sh. */
    public parametersOf(host: Host): pulumi.Output<ScriptParameters> {
        return pulumi.all([this.founders, host.claim.stdout]).apply(([founders, claim]): ScriptParameters => {
            const itself = founders.find((founder) => founder.claim === claim && isAt(host, founder));
            if (!itself) return {};
            const list = founders.map((founder) => `${founder.name}=${founder.address}`).join(" ");
            return { FOUNDER: itself.machineId, FOUNDERS: list };
        });
    }
}

const candidate = ({ settings: host, facts: read, claim: claimed }: Host) =>
    pulumi.all([read, claimed.stdout]).apply(([facts, claim]) => {
        const founder: Founder = {
            name: host.name,
            address: host.privateAddress,
            hostKey: host.hostKey ?? "",
            machineId: facts?.machineId ?? "",
            claim,
        };
        return { founder, etcdRan: facts?.etcdRan ?? false };
    });

const isAt = ({ settings: host }: Host, { name, address, hostKey }: Founder): boolean =>
    host.name === name && host.privateAddress === address && (host.hostKey ?? "") === hostKey;
