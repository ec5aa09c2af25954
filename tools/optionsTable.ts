/** A value of the configuration, as its schema describes it. `kind`, `otherwise` and `change` are tags of the arguments' comments. */
export interface OptionSchema {
    type?: string;
    enum?: unknown[];
    description?: string;
    /** The value that the program takes when there is none. */
    default?: unknown;
    /** What holds when there is none and that is no one value. */
    otherwise?: string;
    /** What the type does not say: "path", "CIDR", "secret string". */
    kind?: string;
    /** What a changed value does to a live cluster. */
    change?: string;
    properties?: Record<string, OptionSchema>;
    required?: string[];
    items?: OptionSchema;
    additionalProperties?: boolean | OptionSchema;
}

const HOSTS = ["controlPlaneNodes[]", "workerNodes[]", "loadBalancer.hosts[]", "etcd.hosts[]"];
const PROGRAMS = ["kubeadm", "kubelet", "kubectl", "containerd", "runc", "cniPlugins", "crictl"];

/** The names in angle brackets of docs/options.md, and the keys for which each stands. */
export const PLACEHOLDERS: Record<string, string[]> = {
    "<host>": HOSTS,
    "<node>": HOSTS.slice(0, 2),
    "<setup>": [
        ...["all", "controlPlane", "workers", "loadBalancer", "etcd"].map((role) => `hostSetup.${role}`),
        ...HOSTS,
    ],
    "<component>": ["apiServer", "controllerManager", "scheduler"],
    "<repository>": ["sources.kubernetes", "sources.containerd"],
    "<program>": PROGRAMS.map((name) => `sources.binaries.${name}`),
    "<server>": ["loadBalancer.proxy.server", "loadBalancer.proxy.servers.*"],
    "<registry>": ["sources.registries.*"],
};

/** `<node>.labels` to `controlPlaneNodes[].labels` and `workerNodes[].labels`. */
export function expand(option: string): string[] {
    const [placeholder] = /^<\w+>/.exec(option) ?? [];
    return placeholder === undefined
        ? [option]
        : PLACEHOLDERS[placeholder].map((place) => option.replace(placeholder, place));
}

/** The table's text with every row of an option written anew. Its order and all else stay. */
export const withRows = (text: string, schema: OptionSchema): string =>
    text
        .split("\n")
        .map((line) => {
            const option = optionOf(line);
            return option === undefined ? line : row(option, schema);
        })
        .join("\n");

/** The option of a row, which has five cells. */
export function optionOf(line: string): string | undefined {
    const cells = line.split("|");
    return cells.length === 7 ? /^ `(.+)` $/.exec(cells[1])?.[1] : undefined;
}

function row(option: string, schema: OptionSchema): string {
    const [path] = expand(option);
    const { value, required } = lookUp(path, schema);
    if (!value?.description || !value.change) {
        throw new Error(
            `${option} of docs/options.md: the arguments have no such key, or its comment lacks text or @change`,
        );
    }
    const stated =
        value.default === undefined ? (value.otherwise ?? (required ? "required" : "none")) : literal(value.default);
    return `| \`${option}\` | ${typeOf(value)} | ${oneLine(stated)} | ${linked(value.description)} | ${linked(value.change)} |`;
}

/** `workerNodes[].taints[].key`, where `[]` is a list's entry and `*` any key. */
function lookUp(path: string, schema: OptionSchema): { value?: OptionSchema; required: boolean } {
    const keys = path.replace(/\[\]$/, "").replaceAll("[]", ".[]").split(".");
    const last = keys[keys.length - 1];
    const holder = keys
        .slice(0, -1)
        .reduce<OptionSchema | undefined>((value, key) => value && within(value, key), schema);
    return { value: holder && within(holder, last), required: holder?.required?.includes(last) ?? false };
}

function within({ items, properties, additionalProperties: any }: OptionSchema, key: string): OptionSchema | undefined {
    if (key === "[]") return items;
    if (key === "*") return typeof any === "object" ? any : undefined;
    return properties?.[key];
}

function typeOf({ kind, type, enum: words, items, properties, additionalProperties: any }: OptionSchema): string {
    if (kind !== undefined) return kind;
    if (words !== undefined) return "string";
    if (type === "array") return items?.type === "string" ? "list of strings" : "list";
    if (type === "object" && properties === undefined && typeof any === "object" && any.type === "string") return "map";
    return type ?? "any";
}

const literal = (value: unknown): string => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;

const oneLine = (text: string): string => text.replace(/\s+/g, " ").replaceAll("|", "\\|");

/** Examples, and sections of the documents beside it, as links. */
const linked = (text: string): string =>
    oneLine(text)
        .replace(/\bexamples\/([\w-]+)/g, "[$1](../$&)")
        .replace(/\bdocs\/([\w-]+)(\.md#[\w-]+)/g, "[$1]($1$2)");
