import * as path from "path";
import {
    CompletedConfig,
    DEFAULT_CONFIG,
    Context,
    NodeParser,
    SchemaGenerator,
    SubNodeParser,
    createFormatter,
    createParser,
    createProgram,
} from "ts-json-schema-generator";
import * as ts from "typescript";
import { OptionSchema } from "./optionsTable";

const ROOT = path.resolve(__dirname, "..");
const CONFIG: CompletedConfig = {
    ...DEFAULT_CONFIG,
    path: path.join(ROOT, "components/stack/stackFiles.ts"),
    tsconfig: path.join(ROOT, "tsconfig.json"),
    type: "StackConfig",
    additionalProperties: false,
    expose: "none",
    topRef: false,
    extraTags: ["kind", "otherwise", "change"],
    // `npm run build` checks them.
    skipTypeCheck: true,
};

/** A value in a file is there already: `pulumi.Input<T>` is T. */
class InputParser implements SubNodeParser {
    constructor(private readonly parser: NodeParser) {}

    supportsNode(node: ts.Node): boolean {
        return ts.isTypeReferenceNode(node) && node.typeName.getText() === "pulumi.Input";
    }

    createType(node: ts.TypeReferenceNode, context: Context): ReturnType<NodeParser["createType"]> {
        return this.parser.createType(node.typeArguments![0], context);
    }
}

/** The JSON Schema of a stack's configuration, made from the types of its arguments and their comments. */
export function stackSchema(): OptionSchema {
    const program = createProgram(CONFIG);
    const parser = createParser(program, CONFIG, (chain) => {
        chain.addNodeParser(new InputParser(chain as unknown as NodeParser));
    });
    const generator = new SchemaGenerator(program, parser, createFormatter(CONFIG), CONFIG);
    return generator.createSchema(CONFIG.type) as OptionSchema;
}
