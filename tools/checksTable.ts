import { OPTIONAL_CHECKS, REQUIRED_CHECKS } from "../components/model/checkTexts";

const HEAD = "| check | it looks at | because | what to do |\n| --- | --- | --- | --- |\n";

/** The document with the rows of its table of preflight's checks: those that can be turned off, then the others. */
export function withChecks(document: string): string {
    const [before, table] = document.split(HEAD);
    if (table === undefined) throw new Error(`docs/runbooks.md has no table that begins with ${HEAD}`);
    return before + HEAD + rows().join("") + table.replace(/^(\|.*\n)*/, "");
}

const rows = (): string[] => [
    ...Object.entries(OPTIONAL_CHECKS).map(([name, text]) => row(`\`${name}\``, text)),
    ...Object.entries(REQUIRED_CHECKS).map(([name, text]) => row(`\`${name}\` (always)`, text)),
];

const row = (name: string, { looksAt, because, remedy }: typeof REQUIRED_CHECKS.keys): string =>
    `| ${name} | ${looksAt} | ${because} | ${remedy} |\n`;
