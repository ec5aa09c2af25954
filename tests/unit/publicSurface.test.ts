import { readdirSync, readFileSync } from "fs";
import * as path from "path";
import * as ts from "typescript";
import { expect, it } from "vitest";

const ROOT = path.resolve(__dirname, "../..");
const SCRIPTS = path.join(ROOT, "components/scripts");

const program = ts.createProgram([path.join(ROOT, "index.ts")], {
    ...ts.parseJsonConfigFileContent(
        ts.readConfigFile(path.join(ROOT, "tsconfig.json"), (file) => readFileSync(file, "utf8")).config,
        ts.sys,
        ROOT,
    ).options,
    noEmit: true,
});
const checker = program.getTypeChecker();
const sourceOf = (file: string): ts.SourceFile => program.getSourceFile(path.join(ROOT, file))!;

/** Each name that the package exports; a component with its outputs. */
function exported(): string[] {
    const module = checker.getSymbolAtLocation(sourceOf("components/index.ts"))!;
    return checker.getExportsOfModule(module).flatMap((symbol) => {
        const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
        const type = checker.getDeclaredTypeOfSymbol(target);
        return [symbol.name, ...(target.flags & ts.SymbolFlags.Class ? membersOf(type, symbol.name) : [])];
    });
}

const membersOf = (type: ts.Type, owner: string): string[] =>
    type
        .getProperties()
        .filter((property) => property.declarations?.every(isPublicHere))
        .map((property) => {
            const declaration = property.declarations![0];
            const text = checker.typeToString(checker.getTypeOfSymbolAtLocation(property, declaration));
            return `${owner}.${property.name}: ${text}`;
        });

const isPublicHere = (declaration: ts.Declaration): boolean =>
    declaration.getSourceFile().fileName.startsWith(path.join(ROOT, "components")) &&
    !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private);

/** The outputs of the stack that needs no program. */
function stackOutputs(): string[] {
    const names: string[] = [];
    const visit = (node: ts.Node): void => {
        if (ts.isReturnStatement(node) && node.expression && ts.isObjectLiteralExpression(node.expression)) {
            names.push(...node.expression.properties.map((property) => property.name!.getText()));
        }
        ts.forEachChild(node, visit);
    };
    visit(sourceOf("index.ts"));
    return names;
}

/** The paths on a host that the scripts name, comments left out; with the variables of scripts/lib/core/constants.sh. */
function hostPaths(): string[] {
    const files = readdirSync(SCRIPTS, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".sh"));
    const code = files.flatMap((name) =>
        readFileSync(path.join(SCRIPTS, name), "utf8")
            .split("\n")
            .filter((line) => !/^\s*#/.test(line)),
    );
    const place = String.raw`(?:/(?:etc|opt|run|usr/local|var)|\$(?:STATE|PKI|MANIFESTS|UNITS|[A-Z_]+_(?:FOLDER|PKI)))`;
    return code.flatMap((line) => line.match(new RegExp(`(?<![\\w/}])${place}(?:/[\\w.@-]+)+`, "g")) ?? []);
}

/**
 * The types and names of resources, over all examples but the further clusters of `own-program` and what `chart` installs; a host
 * is `*`.
 */
function resources(): string[] {
    const folder = path.join(__dirname, "../golden/resources");
    const lines = readdirSync(folder).flatMap((name) => readFileSync(path.join(folder, name), "utf8").split("\n"));
    return lines
        .filter((line) => line !== "" && !/^kubernetes:|:kubernetes kubernetes$| (production|staging)\b/.test(line))
        .map((line) => line.replace(/-(cp|w|lb|e|etcd)\d\b/g, "-*"));
}

const section = (title: string, lines: string[]): string => [`# ${title}`, ...new Set(lines)].sort().join("\n") + "\n";

it("the public surface is the recorded one: what it has, a user's program, state or host depends on", async () => {
    const text = [
        section("exports of the package, and the outputs of components", exported()),
        section("outputs of the stack", stackOutputs()),
        section("resources, by type and name", resources()),
        section("files on hosts", hostPaths()),
    ].join("\n");
    await expect(text).toMatchFileSnapshot("../golden/public-surface.txt");
});
