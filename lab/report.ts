import { reporter } from "../tools/progress";

export const report = reporter("lab");
