import { Fault, fault } from "../lib/faults";
import { nearest } from "../lib/nearest";
import { OPTIONAL_CHECKS, REQUIRED_CHECKS } from "./checkTexts";

export type PreflightCheck = keyof typeof OPTIONAL_CHECKS;

/** The checks of preflight whose faults stop nothing. Preflight runs on every host before any host is changed. */
export interface PreflightArgs {
    /**
     * The checks whose faults are only warnings, by their names in docs/runbooks.md#what-preflight-checks.
     * @default []
     * @change Preflight runs again.
     */
    warn?: string[];
    /**
     * The checks that do not run.
     * @default []
     * @change Preflight runs again.
     */
    skip?: string[];
}

export type PreflightSettings = Required<PreflightArgs>;

export const resolvePreflight = ({ warn = [], skip = [] }: PreflightArgs = {}): PreflightSettings => ({ warn, skip });

export const preflightFaults = (args: PreflightArgs = {}): Fault[] =>
    (["warn", "skip"] as const).flatMap((key) =>
        (args[key] ?? []).flatMap((name, i) => checkFaults(`preflight.${key}[${i}]`, name)),
    );

function checkFaults(path: string, name: string): Fault[] {
    if (name in OPTIONAL_CHECKS) return [];
    if (name in REQUIRED_CHECKS) {
        return [fault(path, name, "another check: this one cannot be turned off, because it protects live hosts")];
    }
    const meant = nearest(name, Object.keys(OPTIONAL_CHECKS));
    const names = `one of ${Object.keys(OPTIONAL_CHECKS).join(", ")}`;
    return [fault(path, name, meant === undefined ? names : `'${meant}', or another one of docs/runbooks.md`)];
}
