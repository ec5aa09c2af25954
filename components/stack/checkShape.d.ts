import type { ValidateFunction } from "ajv";

/** Generated from schema.json by `npm run generate`, so that no run compiles it. */
declare const checkShape: ValidateFunction;
export default checkShape;
