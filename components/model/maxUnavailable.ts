import { Fault, fault } from "../lib/faults";

const COUNT = /^([1-9]\d*)$/;
const PERCENTAGE = /^([1-9]\d?|100)%$/;

/** `maxUnavailable` as a number of hosts. As in Kubernetes, a percentage is rounded down; it is at least one host. */
export function resolveMaxUnavailable(value: string | undefined, hosts: number): number {
    const [, percent] = PERCENTAGE.exec(String(value)) ?? [];
    return percent === undefined ? Number(value ?? 1) : Math.max(1, Math.floor((hosts * Number(percent)) / 100));
}

// In a stack's configuration a plain number is no text.
export function maxUnavailableFaults(value: string | undefined, workers: number): Fault[] {
    if (value === undefined || PERCENTAGE.test(String(value))) return [];
    const most = Math.max(1, workers);
    return COUNT.test(String(value)) && Number(value) <= most
        ? []
        : [fault("maxUnavailable", value, `a number of workers, 1 to ${most}, or a percentage of them, '10%'`)];
}
