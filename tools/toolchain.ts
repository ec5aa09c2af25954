export { CACHE_DIR } from "./cache";
export { operatorBin, pluginEnvironment } from "./operatorBin";
export { FORMER_SUFFIX } from "./recipes";
export { ensureTools, toolStates } from "./tools";
export type { ToolName, ToolState } from "./tools";
export { VERSIONS } from "./versions";
export type { Report } from "./progress";
