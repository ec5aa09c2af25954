export { CACHE_DIR } from "./cache";
export { operatorBin } from "./operatorBin";
export { FORMER_SUFFIX } from "./recipes";
export { ensureTools, toolStates } from "./tools";
export type { ToolName, ToolState } from "./tools";
export { VERSIONS } from "./versions";
export type { Report } from "./progress";

// Under these names for lab/mirror/versions.ts, whose text is part of the keys of the lab's cache.
export { FORMER_SUFFIX as formerSuffix } from "./recipes";
export { VERSIONS as versions } from "./versions";
