export type Report = (line: string) => void;

/** One line per finished step, on stderr so that stdout stays the command's own. */
export const report: Report = (line) => process.stderr.write(`[lab] ${line}\n`);

export const quiet: Report = () => undefined;

/** Runs a step and reports its name with the seconds it took. */
export async function timed<T>(say: Report, what: string, step: () => Promise<T>): Promise<T> {
    const start = Date.now();
    const result = await step();
    say(`${what} … ${((Date.now() - start) / 1000).toFixed(1)} s`);
    return result;
}
