import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { ScriptParameters, digest, preamble } from "./contract";
import { Dependencies, NO_DEPENDENCIES, mergeDependencies, whenSettled } from "./dependencies";
import { untracked } from "../lib/outputs";
import { Host } from "./host";
import { Step, outputOf } from "./phase";
import { setupParameters, setupSecrets } from "./setup";
import { SecretParameters, secretDigest, secretValues } from "./secretParameters";

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
    /** The desired state. `prepare` stages it on the host, and `node` reads it there. Without secrets, so that its diff can be read. */
    desired: pulumi.Input<ScriptParameters>;
    /** The passwords that the desired state needs on the host. @default {} */
    secrets?: SecretParameters;
    /** The step that must end before the host is changed. @otherwise its own preflight */
    barrier?: pulumi.Resource;
    /** Further parameters of `node`: keys, and what says that they were renewed. */
    parameters?: pulumi.Input<ScriptParameters>;
    /** Dependencies of `node` on a new host: what it joins. */
    joinAfter?: Dependencies;
    /** Dependencies of `node` on a live host: the joins of the same run, and the host before it. */
    turnAfter: Dependencies;
}

/**
 * The life of every host after its preflight. `prepare` runs side by side on all hosts and finds out whether the host is new or
 * live. `node` makes a new host serve as soon as what it joins is there; it changes a live one in its turn. Where the desired state
 * needs passwords, `secrets` stages them before.
 *
 * Each of the two runs whenever the other one does. `prepare` has a digest of everything that `node` is sent, so `node` never changes
 * a host by a word of a former `up`. `node` has the output of `prepare`, another one after each run: when a `node` has failed and its
 * change is taken back, Pulumi itself sees a change of `prepare` alone (host/attempt.ts).
 */
export function hostSteps(name: string, args: HostStepsArgs, opts: pulumi.CustomResourceOptions): HostSteps {
    const { host, barrier, joinAfter = NO_DEPENDENCIES, turnAfter } = args;
    const desired = pulumi.all([args.desired, setupParameters(host)]).apply(([own, setup]) => ({ ...own, ...setup }));
    const secrets = { ...args.secrets, ...setupSecrets(host) };
    const parameters = pulumi.output<ScriptParameters>(args.parameters ?? {});
    const before = host.preflightDependencies(barrier);
    const staged = stageSecrets(name, { host, secrets }, { ...opts, dependsOn: before });
    const head = { ...staged.head, DESIRED: desired.apply(digest) };
    // A digest of keys, so no secret: the head must not hide the desired state's text from a diff.
    const sent = pulumi.unsecret(parameters.apply(digest));
    const prepare = host.run(
        `${name}-prepare`,
        { phase: "prepare", head: { ...head, NODE_DIGEST: sent }, parameters: desired },
        { ...opts, dependsOn: [...before, ...staged.steps] },
    );
    if (host.shape.sudoAsks) showDesired(`${name}-desired`, desired, { ...opts, dependsOn: prepare });
    const prepared = untracked(outputOf(prepare));
    const state = whenSettled<HostState>(prepare, { ok: prepared.apply(hostState), failed: "unreachable" });
    const node = host.run(
        `${name}-node`,
        {
            phase: "node",
            head: { ...head, PREPARED: whenSettled(prepare, { ok: prepared, failed: "" }) },
            parameters: pulumi.secret(parameters),
        },
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

/**
 * The desired state that the host has, as a resource that does nothing else: the input of `prepare` is a secret where it has the
 * password of sudo, and a preview shows here what changes.
 */
const showDesired = (name: string, desired: HostStepsArgs["desired"], opts: pulumi.CustomResourceOptions) =>
    new local.Command(
        name,
        { create: ":", stdin: pulumi.output(desired).apply(preamble), addPreviousOutputInEnv: false },
        opts,
    );

/** The step that stages the secrets, where there are any, and what tells the other steps which ones. */
function stageSecrets(
    name: string,
    { host, secrets }: Required<Pick<HostStepsArgs, "host" | "secrets">>,
    opts: pulumi.CustomResourceOptions,
): { steps: Step[]; head: { SECRETS?: pulumi.Output<string> } } {
    if (Object.keys(secrets).length === 0) return { steps: [], head: {} };
    const head = { SECRETS: secretDigest(secrets, host.digestKey) };
    const step = host.run(`${name}-secrets`, { phase: "secrets", head, parameters: secretValues(secrets) }, opts);
    return { steps: [step], head };
}

// Under --continue-on-error a step that failed has no output.
const hostState = (said: string | undefined): HostState =>
    STATES.find((state) => state === said?.split(" ")[0]) ?? "new";

const STATES = ["new", "live", "expired"] as const;
