import * as pulumi from "@pulumi/pulumi";
import { ScriptParameters, rolloutParameters } from "./contract";
import { Dependencies, mergeDependencies } from "./dependencies";
import { Host } from "./host";
import { Step } from "./phase";

/** The steps of one host that others wait for. */
export interface HostSteps {
    /** Ends when the host serves for the first time. */
    bootstrap: Step;
    /** Ends when the host is as the program says. */
    rollout: Step;
}

export interface HostStepsArgs {
    host: Host;
    /** The desired state. `prepare` stages it on the host, and the later steps read it there. */
    desired: pulumi.Output<ScriptParameters>;
    /** The step that must end before the host is changed. @default its own preflight */
    barrier?: pulumi.Resource;
    /** The step that makes a new host serve. @default none: `prepare` is enough for a new host */
    bootstrap?: { parameters: pulumi.Input<ScriptParameters>; after?: Dependencies };
    /** The step that moves a live host to its desired state. On a new host it finds nothing to do. */
    rollout: { parameters?: pulumi.Input<ScriptParameters>; after: Dependencies };
}

/**
 * The life of every host after its preflight: `prepare`, side by side on all hosts; `bootstrap`; `rollout`, which takes its
 * turn. A rollout gets only a digest of the desired state, which the host has by then.
 */
export function hostSteps(name: string, args: HostStepsArgs, opts: pulumi.CustomResourceOptions): HostSteps {
    const { host, desired, barrier, bootstrap: first, rollout: change } = args;
    const dependsOn = host.preflightDependencies(barrier);
    const prepare = host.prepare(`${name}-prepare`, desired, { ...opts, dependsOn });
    const bootstrap = first
        ? host.run(`${name}-bootstrap`, "bootstrap", pulumi.secret(first.parameters), {
              ...opts,
              dependsOn: mergeDependencies([[prepare], first.after ?? []]),
          })
        : prepare;
    const parameters = pulumi
        .all([desired, change.parameters ?? {}])
        .apply(([state, more]): ScriptParameters => ({ ...rolloutParameters(host.settings.name, state), ...more }));
    const rollout = host.run(`${name}-rollout`, "rollout", parameters, {
        ...opts,
        dependsOn: mergeDependencies([[bootstrap], change.after]),
    });
    return { bootstrap, rollout };
}
