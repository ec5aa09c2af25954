import * as pulumi from "@pulumi/pulumi";
import { ScriptParameters, digest } from "./contract";
import { Dependencies, NO_DEPENDENCIES, mergeDependencies, untracked, whenSettled } from "./dependencies";
import { Host } from "./host";
import { Step } from "./phase";

/**
 * The state in which `prepare` found a host: `live` where it served already, `expired` where it did until its certificates expired.
 * The `prepare` of an `unreachable` host failed.
 */
export type HostState = "new" | "live" | "expired" | "unreachable";

/** The steps of one host that others wait for. */
export interface HostSteps {
    /** Known once `prepare` has ended. */
    state: pulumi.Output<HostState>;
    /** Ends when the host serves and is as the program says. */
    node: Step;
}

export interface HostStepsArgs {
    host: Host;
    /** The desired state. `prepare` stages it on the host, and `node` reads it there. */
    desired: pulumi.Output<ScriptParameters>;
    /** The step that must end before the host is changed. @default its own preflight */
    barrier?: pulumi.Resource;
    /** Further parameters of `node`: secrets, and what says that they were renewed. */
    parameters?: pulumi.Output<ScriptParameters>;
    /** Dependencies of `node` on a new host: what it joins. @default none */
    joinAfter?: Dependencies;
    /** Dependencies of `node` on a live host: the joins of the same run, and the host before it. */
    turnAfter: Dependencies;
}

/**
 * The life of every host after its preflight. `prepare` runs side by side on all hosts and finds out whether the host is new or
 * live. `node` makes a new host serve as soon as what it joins is there; it changes a live one in its turn.
 *
 * The output of `prepare` is that of its last run, so `prepare` has a digest of everything that `node` is sent: `node` never
 * changes a host by a word of a former `up`.
 */
export function hostSteps(name: string, args: HostStepsArgs, opts: pulumi.CustomResourceOptions): HostSteps {
    const { host, desired, barrier, joinAfter = NO_DEPENDENCIES, turnAfter } = args;
    const parameters = args.parameters ?? pulumi.output({});
    // Digests, so no secrets: the head must not hide the desired state's text from a diff.
    const staged = pulumi.unsecret(desired.apply(digest));
    const sent = pulumi.unsecret(parameters.apply(digest));
    const prepare = host.run(
        `${name}-prepare`,
        { phase: "prepare", head: { DESIRED: staged, NODE_DIGEST: sent }, parameters: desired },
        { ...opts, dependsOn: host.preflightDependencies(barrier) },
    );
    const state = whenSettled<HostState>(prepare, {
        ok: untracked(prepare.stdout.apply(hostState)),
        failed: "unreachable",
    });
    const node = host.run(
        `${name}-node`,
        { phase: "node", head: { DESIRED: staged }, parameters: pulumi.secret(parameters) },
        {
            ...opts,
            dependsOn: mergeDependencies([
                [prepare],
                state.apply((word): Dependencies => (word === "live" ? turnAfter : joinAfter)),
            ]),
        },
    );
    return { state, node };
}

// Under --continue-on-error a step that failed has no output.
const hostState = (word: string | undefined): HostState => STATES.find((state) => state === word?.trim()) ?? "new";

const STATES = ["new", "live", "expired"] as const;
