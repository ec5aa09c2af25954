import * as pulumi from "@pulumi/pulumi";
import { allProduced, untracked } from "../lib/outputs";
import { Fault, listFaults, throwIfAny } from "../lib/faults";
import { Visit, mapHost } from "./lateInputs";
import { HostArgs } from "./hosts";
import { Placeholders } from "./placeholders";

type Late = Record<string, pulumi.Output<string | null | undefined>>;
type Values = Record<string, string | null | undefined>;

export interface Rules<Args, Known> {
    /** "the cluster's configuration" */
    what: string;
    /** The arguments with each value that may come later replaced. */
    map: (args: Args, visit: Visit) => Args;
    faults: (args: Known) => Fault[];
    /** Of the cluster's networks, 4 and 6, in their order. */
    families: number[];
}

/** How one host of a list is judged and resolved, by its property path. */
export interface HostRules<Known, Settings> {
    faults: (path: string, host: Known) => Fault[];
    resolve: (host: Known) => Settings;
}

/**
 * Arguments, some of whose values are outputs of other resources of the program. The constructor judges the plain values, with
 * placeholders for the outputs. The same rules judge each output when its value is known.
 */
export class LateArgs<Args, Known> {
    private readonly late: Late = {};
    /** Two legal values for each that comes later: other ones, and of the other family first. */
    private readonly placeholders: [Placeholders, Placeholders];

    constructor(
        private readonly args: Args,
        private readonly rules: Rules<Args, Known>,
    ) {
        const { families } = rules;
        const others = families.length === 1 ? [10 - families[0]] : [...families].reverse();
        this.placeholders = [new Placeholders(families, 1), new Placeholders(others, 1 << 16)];
        rules.map(args, (value, path) => {
            if (value !== null && typeof value === "object") this.late[path] = pulumi.output(value);
            return value;
        });
        throwIfAny(rules.what, this.faults({}));
    }

    /** With placeholders for all later values. A caller may read only what contains no such value. */
    public withPlaceholders(): Known {
        return this.filled({});
    }

    /**
     * What `resolve` makes of the arguments, once the values at these paths are known and right. There are placeholders for the others.
     * It does not depend on the resources that produce the values; else every step would depend on the machines of all these hosts.
     */
    public onceKnown<T>(isAwaited: (path: string) => boolean, resolve: (args: Known) => T): pulumi.Output<T> {
        return untracked(
            pulumi.all(this.lateAt(isAwaited)).apply((values) => {
                this.refuseFaults(values);
                return resolve(this.filled(values));
            }),
        );
    }

    /** True once every value is known and all are right together. A value whose resource failed is left out: others do not wait for its host. */
    public checked(): pulumi.Output<boolean> {
        return untracked(
            allProduced(this.late).apply((values) => {
                this.refuseFaults(values);
                return true;
            }),
        );
    }

    /** Each host of a list: with placeholders, and once its own values are known and right. That depends on the resources that produce them. */
    public hosts<Host extends HostArgs, KnownHost, Settings>(
        list: string,
        hosts: Host[],
        rules: HostRules<KnownHost, Settings>,
    ): { shape: Settings; settings: pulumi.Output<Settings> }[] {
        return hosts.map((host, i) => {
            const path = `${list}[${i}]`;
            const filled = (values: Values) =>
                mapHost(path, host, this.filling(values, this.placeholders[0])) as unknown as KnownHost;
            const settings = pulumi.all(this.lateAt((at) => at.startsWith(`${path}.`))).apply((values) => {
                const known = filled(values);
                if (Object.keys(values).length > 0) refuse(this.rules.what, rules.faults(path, known));
                return rules.resolve(known);
            });
            return { shape: rules.resolve(filled({})), settings };
        });
    }

    private lateAt(isWanted: (path: string) => boolean): Late {
        return Object.fromEntries(Object.entries(this.late).filter(([path]) => isWanted(path)));
    }

    private filled(values: Values, placeholders = this.placeholders[0]): Known {
        return this.rules.map(this.args, this.filling(values, placeholders)) as unknown as Known;
    }

    /** A later value that turns out to be none is as if it was left out. */
    private filling(values: Values, placeholders: Placeholders): Visit {
        return (value, path) => {
            if (path in values) return values[path] ?? undefined;
            return path in this.late ? placeholders.of(path) : value;
        };
    }

    private refuseFaults(values: Values): void {
        if (Object.keys(values).length > 0) refuse(this.rules.what, this.faults(values));
    }

    /** Those that do not come from a placeholder: they are the same with other placeholders. */
    private faults(values: Values): Fault[] {
        const [first, second] = this.placeholders;
        const faults = this.rules.faults(this.filled(values, first));
        if (faults.length === 0 || Object.keys(this.late).every((path) => path in values)) return faults;
        const others = this.rules.faults(this.filled(values, second));
        return faults.filter((fault) => others.some((other) => isSame(fault, other)));
    }
}

const isSame = (one: Fault, other: Fault): boolean =>
    one.propertyPath === other.propertyPath && one.reason === other.reason;

// A value of another resource is at fault, not the program: a stack trace is of no use.
function refuse(what: string, faults: Fault[]): void {
    if (faults.length > 0) throw new pulumi.RunError(listFaults(what, faults, "no host was changed"));
}
