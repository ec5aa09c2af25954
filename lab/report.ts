import { Report, reporter } from "../tools/progress";

export type { Report };

export const report: Report = reporter("lab");
