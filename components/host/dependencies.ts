import * as pulumi from "@pulumi/pulumi";

/**
 * The resources that a step waits for. With `--continue-on-error` the engine skips every resource that depends on a failed
 * one. These helpers wait for a step to end, then depend only on the steps that succeeded, so one failed host does not stop
 * the others.
 */
export type Dependencies = pulumi.Output<pulumi.Resource[]>;

/** Waits for `step` to end, then returns `ok` where it succeeded, else `failed`. */
export const whenSettled = <T>(
    step: pulumi.Resource,
    { ok, failed }: { ok: pulumi.Input<T>; failed: pulumi.Input<T> },
): pulumi.Output<T> =>
    pulumi
        .recover(
            step.urn.apply(() => true),
            () => false,
        )
        .apply((succeeded) => (succeeded ? ok : failed)) as pulumi.Output<T>;

/** The steps that succeeded. If all failed, the first (failed) one, so that its dependents are skipped. */
export const allSucceeded = (steps: pulumi.Resource[]): Dependencies =>
    mergeDependencies([
        firstSucceeded(steps),
        ...steps.map((step) => whenSettled<pulumi.Resource[]>(step, { ok: [step], failed: [] })),
    ]);

/** The first step in the list that succeeded. If all failed, the first. */
export const firstSucceeded = (steps: pulumi.Resource[]): Dependencies =>
    indexOfFirstSucceeded(steps).apply((i) => [steps[i]]);

/** The index of the first step in the list that succeeded; 0 if all failed. */
export const indexOfFirstSucceeded = (steps: pulumi.Resource[]): pulumi.Output<number> =>
    pulumi
        .all(steps.map((step) => whenSettled(step, { ok: true, failed: false })))
        .apply((succeeded) => Math.max(0, succeeded.indexOf(true)));

/**
 * Dependencies of the next rollout: the rollouts of these hosts. A host that never bootstrapped has no rollout to wait for;
 * `before` stands in its place. A rollout that failed stops those after it.
 */
export const afterRollouts = (
    hosts: { bootstrap: pulumi.Resource; rollout: pulumi.Resource }[],
    before: pulumi.Input<pulumi.Resource[]>,
): Dependencies =>
    mergeDependencies(hosts.map(({ bootstrap, rollout }) => whenSettled(bootstrap, { ok: [rollout], failed: before })));

/** All of them, each once. */
export const mergeDependencies = (all: pulumi.Input<pulumi.Resource[]>[]): Dependencies =>
    pulumi.all(all).apply((lists) => [...new Set(lists.flat())]);
