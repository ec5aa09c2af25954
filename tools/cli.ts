import { ensureTools, operatorBin, toolStates } from "./toolchain";

const help = `The pinned toolchain: what it is made of, and where it is.

Usage: npm run tools -- COMMAND

  list            every tool, its version, and whether it is in the cache
  build [NAME…]   builds the named tools where the cache has none; all of them without a name
  path            prints a folder to put first on PATH: pulumi, its plugins, kubectl, etcdctl, crane
`;

const report = (line: string): void => void process.stderr.write(`[tools] ${line}\n`);

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

async function main([command = "--help", ...rest]: string[]): Promise<void> {
    switch (command) {
        case "list":
            return list();
        case "build":
            return build(rest);
        case "path":
            return console.log(await operatorBin(report));
        case "--help":
        case "-h":
        case "help":
            return console.log(help);
        default:
            throw new Error(`tools ${command}: unknown command, expected list, build or path (see --help)`);
    }
}

main(process.argv.slice(2)).catch((error: Error) => {
    report(error.message);
    process.exitCode = 1;
});
