import * as pulumi from "@pulumi/pulumi";
import { Dependencies, NO_DEPENDENCIES, mergeDependencies, whenSettled } from "./dependencies";
import { HostSteps } from "./steps";

export interface TurnsArgs<Item, Made extends HostSteps> {
    items: Item[];
    /** How many live hosts may change at one time. @default 1 */
    atOnce?: number;
    /** Whether live hosts wait for the new ones to join. @default true */
    joinsFirst?: boolean;
    /** Dependencies of the first live hosts, beside the joins. */
    after?: Dependencies;
    /** Creates the steps of one host. */
    create: (item: Item, turnAfter: Dependencies) => Made;
}

/** The steps of hosts of one kind, and the dependencies of what comes after all of them. */
export interface Turns<Made extends HostSteps> {
    hosts: Made[];
    /** The joins that succeeded, and the last turns: if a live host's change failed, what depends on it is skipped. */
    changed: Dependencies;
}

/**
 * Creates the steps of hosts of one kind. New hosts join side by side. Live ones change in turns, after every new one has joined:
 * each waits for the live host that is `atOnce` places before it, so no host's dependencies name all others. A host that
 * `prepare` did not reach is left out.
 */
export function inTurns<Item, Made extends HostSteps>(args: TurnsArgs<Item, Made>): Turns<Made> {
    const { items, atOnce = 1, joinsFirst = true, after = NO_DEPENDENCIES, create } = args;
    const hosts: Made[] = [];
    // The new hosts are known when every host is created, which is after this function has returned.
    const joined = pulumi.output(Promise.resolve().then(() => mergeDependencies(hosts.map(joinOf))));
    const turns: Dependencies[] = Array.from({ length: atOnce }, () => after);
    items.forEach((item, i) => {
        const before = turns[i % atOnce];
        const host = create(item, joinsFirst ? mergeDependencies([joined, before]) : before);
        hosts.push(host);
        turns[i % atOnce] = host.state.apply((state): Dependencies =>
            state === "live" ? pulumi.output([host.node]) : before,
        );
    });
    return { hosts, changed: mergeDependencies([joined, ...turns]) };
}

const joinOf = ({ state, node }: HostSteps): Dependencies =>
    state.apply((word): Dependencies =>
        word === "new" || word === "expired" ? whenSettled(node, { ok: [node], failed: [] }) : NO_DEPENDENCIES,
    );
