import { parseArgs, ParseArgsConfig } from "util";
import { Report } from "./progress";
import { UserError } from "./userError";

type Options = NonNullable<ParseArgsConfig["options"]>;

interface Parsed<T extends Options> {
    args: string[];
    options: T;
    allowPositionals: boolean;
}

/**
 * Splits the words of a command line into options and others. An unknown option is an error that starts with the command
 * and ends with the hint.
 */
export function parseWords<T extends Options>(
    command: string,
    hint: string,
    words: string[],
    options: T,
    allowPositionals = true,
) {
    const config: Parsed<T> = { args: words, options, allowPositionals };
    try {
        return parseArgs(config);
    } catch (error) {
        // Node appends advice on quoting to the sentence that names the fault.
        const [fault] = (error as Error).message.split(/\.(?:\s|$)|\n/);
        throw new UserError(`${command}: ${fault.charAt(0).toLowerCase()}${fault.slice(1)}; ${hint}`);
    }
}

/** Runs a program's main function on the command line; reports its error and sets the exit code. */
export function runMain(report: Report, main: (words: string[]) => Promise<number | void>): void {
    main(process.argv.slice(2)).then(
        (code) => (process.exitCode = code ?? process.exitCode),
        (error: Error) => {
            report(error instanceof UserError ? error.message : String(error.stack));
            process.exitCode = 1;
        },
    );
}
