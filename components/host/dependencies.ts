import * as pulumi from "@pulumi/pulumi";

/**
 * What a step waits for. A failed resource among `dependsOn` makes the engine skip whatever waits for it; so that a machine
 * that fails takes no other along (`pulumi up --continue-on-error`), it is waited for its end here, and then for what came
 * to be.
 */
export type Steps = pulumi.Output<pulumi.Resource[]>;

/** Once `step` has ended: `made` where it was made, else `failed`. */
export const onceEnded = <T>(step: pulumi.Resource, made: pulumi.Input<T>, failed: pulumi.Input<T>): pulumi.Output<T> =>
    pulumi
        .recover(
            step.urn.apply(() => true),
            () => false,
        )
        .apply((was) => (was ? made : failed)) as pulumi.Output<T>;

/** Those that were made; where none was, the first, so that what waits for it is skipped. */
export const thoseMade = (steps: pulumi.Resource[]): Steps =>
    union([oneMade(steps), ...steps.map((step) => onceEnded(step, [step], []))]);

/** One that was made; where none was, the first. */
export const oneMade = (steps: pulumi.Resource[]): Steps => firstMade(steps).apply((i) => [steps[i]]) as Steps;

/** The first in the list that was made, as an index; 0 where none was. */
export const firstMade = (steps: pulumi.Resource[]): pulumi.Output<number> =>
    pulumi.all(steps.map((step) => onceEnded(step, true, false))).apply((made) => Math.max(0, made.indexOf(true)));

/** A machine comes up beside all others; its change takes its turn. */
export interface Turn {
    bootstrap: pulumi.Resource;
    rollout: pulumi.Resource;
}

/** What the next turn waits for. A machine that never came up has none; a change that failed stops those after it. */
export const afterTurns = (turns: Turn[], before: pulumi.Input<pulumi.Resource[]>): Steps =>
    union(turns.map(({ bootstrap, rollout }) => onceEnded(bootstrap, [rollout], before)));

/** All of them, each once. */
export const union = (all: pulumi.Input<pulumi.Resource[]>[]): Steps =>
    pulumi.all(all).apply((steps) => [...new Set(steps.flat())]) as Steps;
