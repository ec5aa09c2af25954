import { readFileSync, writeFileSync } from "fs";
import * as path from "path";
import Ajv from "ajv";
import standaloneCode from "ajv/dist/standalone";
import { format, resolveConfig } from "prettier";
import { withChecks } from "./checksTable";
import { editorSchema } from "./editorSchema";
import { OptionSchema, withRows } from "./optionsTable";
import { stackSchema } from "./schema";
import { parametersScript } from "./scriptParameters";

const ROOT = path.resolve(__dirname, "..");
const OPTIONS = path.join(ROOT, "docs/options.md");
const RUNBOOKS = path.join(ROOT, "docs/runbooks.md");

export interface GeneratedFile {
    path: string;
    text: string;
}

/** The files that are made from the types and comments of the arguments, and from the tables of the scripts' parameters. */
export async function generatedFiles(): Promise<GeneratedFile[]> {
    const schema = stackSchema();
    return [
        await json("components/stack/schema.json", schema),
        { path: path.join(ROOT, "components/stack/checkShape.js"), text: compiled(schema) },
        await json("Pulumi.schema.json", editorSchema(schema)),
        { path: path.join(ROOT, "components/scripts/lib/core/parameters.sh"), text: parametersScript() },
        { path: OPTIONS, text: withRows(readFileSync(OPTIONS, "utf8"), schema) },
        { path: RUNBOOKS, text: withChecks(readFileSync(RUNBOOKS, "utf8")) },
    ];
}

/** The check as a program: to compile it takes a tenth of a second. Texts that the check does not read are left out. */
function compiled(schema: OptionSchema): string {
    const ajv = new Ajv({ allErrors: true, strict: false, messages: false, code: { source: true } });
    return standaloneCode(ajv, ajv.compile(checkedOnly(schema) as object));
}

const TEXTS = ["description", "change", "kind", "otherwise", "default"];

const checkedOnly = (value: unknown): unknown =>
    JSON.parse(
        JSON.stringify(value, (key, inner: unknown) =>
            TEXTS.includes(key) && typeof inner !== "object" ? undefined : inner,
        ),
    );

/** A JSON file of the repository, in its form. */
export async function json(name: string, value: object): Promise<GeneratedFile> {
    const file = path.join(ROOT, name);
    const options = { ...(await resolveConfig(file)), filepath: file };
    return { path: file, text: await format(JSON.stringify(value), options) };
}

if (require.main === module) {
    void generatedFiles().then((files) => files.forEach(({ path: file, text }) => writeFileSync(file, text)));
}
