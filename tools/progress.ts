/** Receives one line for the user. */
export type Report = (line: string) => void;

/** How often a step that is still running is reported. */
const TICK_MS = 30_000;

/** Prints lines to standard error, because standard output belongs to the command's result. */
export const reporter =
    (prefix: string): Report =>
    (line) =>
        void process.stderr.write(`[${prefix}] ${line}\n`);

/** Starts a clock. Returns a function that reads it, such as `12 s`. */
export function stopwatch(): () => string {
    const start = Date.now();
    return () => `${Math.round((Date.now() - start) / 1000)} s`;
}

/** Runs a step; reports its start, every half minute that it still runs, and its duration. */
export async function timed<T>(report: Report, what: string, step: () => Promise<T>): Promise<T> {
    const elapsed = stopwatch();
    report(`${what} …`);
    const ticker = setInterval(() => report(`${what} … ${elapsed()}`), TICK_MS);
    try {
        const result = await step();
        report(`${what}: done in ${elapsed()}`);
        return result;
    } finally {
        clearInterval(ticker);
    }
}
