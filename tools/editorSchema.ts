import { OptionSchema } from "./optionsTable";

/** The project of `Pulumi.yaml`: the namespace of the keys in a stack's file. */
const PROJECT = "pulumi-kubeadm";

/**
 * The JSON Schema of `Pulumi.<stack>.yaml`, by which an editor completes and checks it. Keys of other namespaces, a provider's for
 * example, and Pulumi's own beside `config` are left to Pulumi.
 */
export function editorSchema({ properties = {}, ...schema }: OptionSchema): object {
    const keys = Object.keys(properties);
    return {
        ...{ ...schema, additionalProperties: undefined, required: undefined },
        properties: {
            config: {
                type: "object",
                properties: Object.fromEntries(keys.map((key) => [`${PROJECT}:${key}`, topLevel(properties[key])])),
                patternProperties: { [`^${PROJECT}:(?!(${keys.join("|")})$)`]: { not: {} } },
                required: schema.required?.map((key) => `${PROJECT}:${key}`),
            },
        },
    };
}

/** Pulumi tells nothing of quotes: `maxUnavailable: 2` is the text "2". */
const topLevel = (value: OptionSchema): object => ({
    ...orSecret(value),
    ...(value.type === "string" && value.enum === undefined && { type: ["string", "number"] }),
});

/** With Pulumi's encrypted form wherever a secret may stand. */
function orSecret(value: OptionSchema): object {
    const { description } = value;
    if (value.kind?.startsWith("secret")) return { description, anyOf: [{ type: "string" }, SECURE] };
    return {
        ...value,
        ...(value.properties && { properties: each(value.properties) }),
        ...(value.items && { items: orSecret(value.items) }),
        ...(typeof value.additionalProperties === "object" && {
            additionalProperties: orSecret(value.additionalProperties),
        }),
    };
}

const each = (properties: Record<string, OptionSchema>): Record<string, object> =>
    Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, orSecret(value)]));

/** As `pulumi config set --secret` writes it. */
const SECURE = {
    type: "object",
    properties: { secure: { type: "string" } },
    required: ["secure"],
    additionalProperties: false,
};
