import { ANSWERS } from "./answers";
import { COMPONENTS } from "./components";
import { HOST_LOCK } from "./hostLock";
import { LATE } from "./late";
import type { Mutation } from "./mutation";
import { SCRIPTS } from "./scripts";
import { SECRETS } from "./secrets";
import { FOREIGN } from "./foreign";
import { PROOF } from "./proof";
import { REASONS } from "./reasons";
import { SOURCES } from "./sources";
import { STOPS } from "./stops";

/** All of them. A defect that reached a machine, or could have, is a row in one of these tables. */
export const MUTATIONS: Mutation[] = [
    ...ANSWERS,
    ...COMPONENTS,
    ...HOST_LOCK,
    ...LATE,
    ...SCRIPTS,
    ...SECRETS,
    ...SOURCES,
    ...FOREIGN,
    ...PROOF,
    ...REASONS,
    ...STOPS,
];
