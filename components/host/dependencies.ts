import * as pulumi from "@pulumi/pulumi";
import { untracked } from "../lib/outputs";

/**
 * The resources that a step waits for. With `--continue-on-error` the engine skips every resource that depends on a failed
 * one. These helpers wait for a step to end, then depend only on the steps that succeeded, so one failed host does not stop
 * the others.
 */
export type Dependencies = pulumi.Output<pulumi.Resource[]>;

export const NO_DEPENDENCIES: Dependencies = pulumi.output([]);

/** Waits for `step` to end, then returns `ok` where it succeeded, else `failed`. */
export const whenSettled = <T>(
    step: pulumi.Resource,
    { ok, failed }: { ok: pulumi.Input<T>; failed: pulumi.Input<T> },
): pulumi.Output<T> => hasSucceeded(step).apply((succeeded) => (succeeded ? ok : failed)) as pulumi.Output<T>;

const hasSucceeded = (step: pulumi.Resource): pulumi.Output<boolean> =>
    untracked(
        pulumi.recover(
            step.urn.apply(() => true),
            () => false,
        ),
    );

/** The steps that succeeded. If all failed, the first (failed) one, so that its dependents are skipped. */
export const allSucceeded = (steps: pulumi.Resource[]): Dependencies =>
    mergeDependencies([
        firstSucceeded(steps),
        ...steps.map((step) => whenSettled<pulumi.Resource[]>(step, { ok: [step], failed: [] })),
    ]);

/** Waits for all of the steps, and depends only on those that failed, so that its dependents are skipped then. */
export const unlessFailed = (steps: pulumi.Resource[]): Dependencies =>
    mergeDependencies(steps.map((step) => whenSettled<pulumi.Resource[]>(step, { ok: [], failed: [step] })));

/** The first step in the list that succeeded. If all failed, the first. */
export const firstSucceeded = (steps: pulumi.Resource[]): Dependencies =>
    indexOfFirstSucceeded(steps).apply((i) => [steps[i]]);

/** The index of the first step in the list that succeeded; 0 if all failed. */
export const indexOfFirstSucceeded = (steps: pulumi.Resource[]): pulumi.Output<number> =>
    pulumi
        .all(steps.map((step) => whenSettled(step, { ok: true, failed: false })))
        .apply((succeeded) => Math.max(0, succeeded.indexOf(true)));

/** All of them, each once. */
export const mergeDependencies = (all: pulumi.Input<pulumi.Resource[]>[]): Dependencies =>
    pulumi.all(all).apply((lists) => [...new Set(lists.flat())]);
