import * as pulumi from "@pulumi/pulumi";
import { untracked } from "../lib/outputs";
import { Fault, listFaults, throwIfAny } from "../lib/faults";
import { Visit, mapHost } from "./lateInputs";
import { HostArgs } from "./hosts";
import { Placeholders } from "./placeholders";

type Late = Record<string, pulumi.Input<string>>;
type Values = Record<string, string>;

export interface Rules<Args, Known> {
    /** "the cluster's configuration" */
    what: string;
    /** The arguments with each value that may come later replaced. */
    map: (args: Args, visit: Visit) => Args;
    faults: (args: Known) => Fault[];
}

/** How one host of a list is judged and resolved, by its property path. */
export interface HostRules<Known, Settings> {
    faults: (path: string, host: Known) => Fault[];
    resolve: (host: Known) => Settings;
}

/**
 * Arguments of which some values come later, from other resources of the program. What is known is judged at once, with placeholders for
 * the others; these are judged when they are there, by the same rules.
 */
export class LateArgs<Args, Known> {
    private readonly late: Late = {};

    constructor(
        private readonly args: Args,
        private readonly rules: Rules<Args, Known>,
        private readonly placeholders: Placeholders,
    ) {
        rules.map(args, (value, path) => {
            if (value !== undefined && value !== null && typeof value === "object") this.late[path] = value;
            return value;
        });
        throwIfAny(rules.what, this.faults({}));
    }

    /** With placeholders for all values that come later. Only what says nothing of them may be read of it. */
    public atOnce(): Known {
        return this.with({});
    }

    /**
     * What `resolve` makes of the arguments when the values at these paths are there, and right. There are placeholders for the others.
     * It does not depend on the resources that the values come from: their own hosts do, and each resource would on all of them.
     */
    public when<T>(isAwaited: (path: string) => boolean, resolve: (args: Known) => T): pulumi.Output<T> {
        const awaited = this.lateAt(isAwaited);
        const resolved = pulumi.all(awaited).apply((values) => {
            if (Object.keys(values).length > 0) refuse(this.rules.what, this.faults(values));
            return resolve(this.with(values));
        });
        return untracked(resolved);
    }

    /** Each host of a list: at once, and when its own values are there, and right. That depends on the resources that they come from. */
    public hosts<Host extends HostArgs, KnownHost, Settings>(
        list: string,
        hosts: Host[],
        rules: HostRules<KnownHost, Settings>,
    ): { shape: Settings; settings: pulumi.Output<Settings> }[] {
        return hosts.map((host, i) => {
            const path = `${list}[${i}]`;
            const knownWith = (values: Values) => mapHost(path, host, this.filling(values)) as unknown as KnownHost;
            const settings = pulumi.all(this.lateAt((at) => at.startsWith(`${path}.`))).apply((values) => {
                const known = knownWith(values);
                if (Object.keys(values).length > 0) refuse(this.rules.what, rules.faults(path, known));
                return rules.resolve(known);
            });
            return { shape: rules.resolve(knownWith({})), settings };
        });
    }

    private lateAt(isWanted: (path: string) => boolean): Late {
        return Object.fromEntries(Object.entries(this.late).filter(([path]) => isWanted(path)));
    }

    private with(values: Values): Known {
        return this.rules.map(this.args, this.filling(values)) as unknown as Known;
    }

    private filling(values: Values): Visit {
        return (value, path) =>
            path in values ? values[path] : path in this.late ? this.placeholders.of(path) : value;
    }

    /** Without those in which a placeholder appears: its value will be judged when it is known. */
    private faults(values: Values): Fault[] {
        const unknown = Object.keys(this.late).filter((path) => !(path in values));
        const placeholders = unknown.map((path) => this.placeholders.of(path));
        return this.rules
            .faults(this.with(values))
            .filter(({ reason }) => !placeholders.some((placeholder) => reason.includes(placeholder)));
    }
}

// A value of another resource is at fault, not the program: a stack trace is of no use.
function refuse(what: string, faults: Fault[]): void {
    if (faults.length > 0) throw new pulumi.RunError(listFaults(what, faults));
}
