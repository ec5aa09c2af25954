export { cacheDir } from "./cache";
export { operatorBin } from "./operatorBin";
export { formerSuffix } from "./recipes";
export { ensureTools, toolStates } from "./tools";
export type { ToolName, ToolState } from "./tools";
export { versions } from "./versions";
export type { Report } from "./progress";
