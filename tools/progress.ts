/** Takes one line for whoever waits. */
export type Report = (line: string) => void;

const everySeconds = 30;

/** Runs a step, and says that it began, that it goes on, and how long it took. */
export async function timed<T>(report: Report, what: string, step: () => Promise<T>): Promise<T> {
    const start = Date.now();
    const elapsed = (): string => `${Math.round((Date.now() - start) / 1000)} s`;
    report(`${what} …`);
    const ticker = setInterval(() => report(`${what} … ${elapsed()}`), everySeconds * 1000);
    try {
        const result = await step();
        report(`${what}: done in ${elapsed()}`);
        return result;
    } finally {
        clearInterval(ticker);
    }
}
