import { Fault, fault } from "../lib/faults";

const COUNT = /^([1-9]\d*)$/;
const PERCENTAGE = /^([1-9]\d?|100)%$/;

/** `maxUnavailable` as a number of hosts. As in Kubernetes, a percentage is rounded down; it is at least one host. */
export function resolveMaxUnavailable(value: string | undefined, hosts: number): number {
    const [, percent] = PERCENTAGE.exec(String(value)) ?? [];
    return percent === undefined ? Number(value ?? 1) : Math.max(1, Math.floor((hosts * Number(percent)) / 100));
}

// In a stack's configuration a plain number is no text.
export const maxUnavailableFaults = (value: string | undefined): Fault[] =>
    value === undefined || COUNT.test(String(value)) || PERCENTAGE.test(String(value))
        ? []
        : [fault("maxUnavailable", value, "a whole number, 1 or more, or a percentage of the workers, '10%'")];
