import { parseWords, runMain } from "./commandLine";
import { reporter } from "./progress";
import { ensureTools, operatorBin, toolStates } from "./toolchain";
import { UserError } from "./userError";

const HELP = `The pinned toolchain: its tools, their versions and their location.

Usage: npm run tools -- COMMAND

  list            every tool, its version, and whether it is in the cache
  build [NAME…]   builds the named tools (default: all) that the cache lacks
  path            prints a folder to put first on PATH: pulumi, its plugins, kubectl, etcdctl, crane
`;

const HINT = "see `npm run tools -- --help`";

const report = reporter("tools");

function list(): void {
    const states = toolStates();
    const width = (key: "name" | "version"): number => Math.max(...states.map((state) => state[key].length));
    for (const { name, version, cached, path } of states) {
        const columns = [name.padEnd(width("name")), version.padEnd(width("version")), cached ? "cached" : "absent"];
        console.log([...columns, path].join("  "));
    }
}

async function build(names: string[]): Promise<void> {
    const wanted = names.length > 0 ? names : toolStates().map(({ name }) => name);
    const built = await ensureTools(wanted, report);
    Object.entries(built).forEach(([name, path]) => console.log(`${name} ${path}`));
}

async function main(words: string[]): Promise<void> {
    const { values, positionals } = parseWords("tools", HINT, words, { help: { type: "boolean", short: "h" } });
    const [command = "help", ...names] = values.help ? [] : positionals;
    switch (command) {
        case "list":
            return list();
        case "build":
            return build(names);
        case "path":
            return console.log(await operatorBin(report));
        case "help":
            return console.log(HELP);
        default:
            throw new UserError(`tools ${command}: unknown command, expected list, build or path; ${HINT}`);
    }
}

runMain(report, main);
