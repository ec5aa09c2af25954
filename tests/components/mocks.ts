import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { digest } from "../../components/host/contract";

/** A resource as the engine would have been asked for it. */
export interface Recorded {
    type: string;
    name: string;
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the inputs of any resource type
    inputs: Record<string, any>;
    /** The names of the resources it waits for: those in `dependsOn`, and those whose outputs are among its inputs. */
    dependencies: string[];
    /** Pulumi refuses to delete or to replace it. */
    protect: boolean;
    /** The names of the resources that were there when it was asked for. */
    after: string[];
}

const SECRET = "4dabf18193072939515e22adb298388d";

/** Takes the secret markers off, and says where they were. */
export function unwrapSecret(value: unknown): { secret: boolean; value: unknown } {
    const marked = value as Record<string, unknown> | undefined;
    return marked && typeof marked === "object" && SECRET in marked
        ? { secret: true, value: marked.value }
        : { secret: false, value };
}

type Facts = Record<string, unknown>;

/**
 * A stand-in for the engine: records what is asked for, and answers as the providers document it. What `fails` is refused,
 * as the engine answers for a resource that could not be made; `facts` are what a host's preflight finds beside the usual, the
 * members that a formation has recorded, and the `state` in which `prepare` finds a host (a new one, if there is none). What
 * `takesLong` takes half a second.
 */
export function recordResources(
    fails: (name: string) => boolean = () => false,
    facts: (name: string) => Facts = () => ({}),
    takesLong: (name: string) => boolean = () => false,
): Recorded[] {
    const recorded: Recorded[] = [];
    const made: string[] = [];
    let options: Pick<Recorded, "dependencies" | "protect">;
    void pulumi.runtime.setMocks(
        {
            newResource: async (args) => {
                if (fails(args.name)) throw new Error(`${args.name} cannot be made`);
                recorded.push({ type: args.type, name: args.name, inputs: args.inputs, ...options, after: [...made] });
                if (takesLong(args.name)) await sleep(500);
                made.push(args.name);
                return { id: `${args.name}-id`, state: { ...args.inputs, ...outputsOf(args, facts(args.name)) } };
            },
            call: (args) => args.inputs,
        },
        "pulumi-kubeadm",
        "test",
    );
    onRequest((request) => {
        const dependencies = request.getDependenciesList().map((urn) => urn.split("::").pop()!);
        options = { dependencies, protect: request.getProtect() };
    });
    return recorded;
}

/** A resource's options as well, which mocks are not told (proto/pulumi/resource.proto, RegisterResourceRequest). */
interface Request {
    getDependenciesList(): string[];
    getProtect(): boolean;
}

interface Monitor {
    registerResource(request: Request, callback: unknown): unknown;
}

/** Shows each request right before the mocks are asked for its resource. */
function onRequest(look: (request: Request) => void): void {
    const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) => {
        look(request);
        return register(request, callback);
    };
}

/** The end of every node's certificates. */
export const CERTIFICATES_END = "2027-01-01T00:00:00Z";

/** The time of every `prepare`. */
export const PREPARED_AT = "1767225600.0";

function outputsOf({ type, name, inputs }: pulumi.runtime.MockResourceArgs, facts: Facts): Record<string, unknown> {
    if (type === "tls:index/privateKey:PrivateKey") {
        return { privateKeyPem: `KEY(${name})\n`, publicKeyPem: `PUB(${name})\n` };
    }
    if (type === "tls:index/certRequest:CertRequest") return { certRequestPem: `CSR(${name})` };
    if (type.startsWith("tls:")) {
        const validity = { validityStartTime: "2026-01-01T00:00:00Z", validityEndTime: "2027-01-01T00:00:00Z" };
        return { ...validity, certPem: `CERT(${name})\n` };
    }
    const { state = "new" } = facts as { state?: string };
    if (name.endsWith("-prepare")) return { stdout: `${state} ${PREPARED_AT}`, stderr: "" };
    if (name.endsWith("-node")) return { stdout: `id-of-${name}\n${CERTIFICATES_END}`, stderr: "" };
    const found = { machineId: name, hostname: name, architecture: "x86_64", ...facts };
    if (type === "command:remote:Command") return { stdout: JSON.stringify(found), stderr: "" };
    if (name.endsWith("-formation")) return { stdout: JSON.stringify(facts.members ?? membersAsked(inputs)) };
    // Another text for another change, as the real one has another time.
    if (name.endsWith("-attempt")) return { stdout: digest({ change: inputs.stdin }), stderr: "" };
    if (type === "command:local:Command") return { stdout: `output-of-${name}`, stderr: "" };
    if (type === "pulumi:index:Stash") return { output: inputs.input };
    return {};
}

const QUOTED = /'((?:[^']|'\\'')*)'/g;

const unquoted = (text: string): string[] =>
    [...text.matchAll(QUOTED)].map(([, inner]) => inner.replaceAll(`'\\''`, "'"));

/** The parameters at the beginning of a text, with their values; what follows them is left out. */
export function parametersIn(text: string): Map<string, string | string[]> {
    const assignment = new RegExp(`\\n?(\\w+)=(${QUOTED.source}|\\((\\n${QUOTED.source})*\\n?\\))\\n`, "y");
    const found = new Map<string, string | string[]>();
    for (let match = assignment.exec(text); match; match = assignment.exec(text)) {
        const items = unquoted(match[2]);
        found.set(match[1], match[2].startsWith("(") ? items : items[0]);
    }
    return found;
}

/** The same as texts: a list has one item a line. */
export const assignments = (text: string): Map<string, string> =>
    new Map([...parametersIn(text)].map(([name, value]) => [name, [value].flat().join("\n")]));

/** The hosts that a formation asks, each with its answer. */
export function membersAsked({ stdin }: Recorded["inputs"]): Record<string, unknown>[] {
    const hosts = [...assignments(String(unwrapSecret(stdin).value))].filter(([name]) => name.startsWith("HOST_"));
    return hosts.map(([, host]) => {
        const sent = assignments(assignments(host).get("STDIN")!);
        const name = sent.get("NODE_NAME")!;
        return {
            ...{ name, address: sent.get("NODE_ADDRESS"), hostKey: sent.get("HOST_KEY") },
            ...{ machineId: `id-of-${name}`, claim: sent.get("CLAIM"), etcdRan: false },
        };
    });
}

/** The `facts` of hosts that serve already. */
export const allLive = (name: string): Facts => (name.endsWith("-prepare") ? { state: "live" } : {});

/** Waits until every resource that the program asked for has been registered. */
export async function settled(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await pulumi.runtime.disconnect();
}

type Hook = (run: () => void) => void;

/**
 * What the SDK refuses meanwhile, in each test anew. It leaves the promise of a resource that was refused to the process,
 * which for a program is the SDK's own.
 */
export function collectRefusals(beforeEach: Hook, afterEach: Hook): string[] {
    const others = process.listeners("unhandledRejection");
    const refusals: string[] = [];
    beforeEach(() => {
        refusals.length = 0;
        process.removeAllListeners("unhandledRejection");
        process.on("unhandledRejection", (error) => refusals.push(String(error)));
    });
    afterEach(() => {
        process.removeAllListeners("unhandledRejection");
        others.forEach((listener) => process.on("unhandledRejection", listener));
    });
    return refusals;
}

/** The parameters that a step gets. */
export const stdinOf = (recorded: Recorded[], name: string): string =>
    String(unwrapSecret(recorded.find((resource) => resource.name === name)!.inputs.stdin).value);

/** The environment of a command, without the text of its program. */
export const environmentOf = (recorded: Recorded[], name: string): Record<string, string> => {
    const environment = recorded.find((resource) => resource.name === name)!.inputs.environment ?? {};
    return Object.fromEntries(Object.entries<string>(environment).filter(([variable]) => variable !== "PROGRAM"));
};

/** Every resource that `name` waits for, be it by way of others. */
export function waitsFor(recorded: Recorded[], name: string): string[] {
    const found = new Set<string>();
    const follow = (of: string): void =>
        recorded
            .filter((resource) => resource.name === of)
            .flatMap((resource) => resource.dependencies)
            .filter((before) => !found.has(before) && found.add(before))
            .forEach(follow);
    follow(name);
    return [...found].sort();
}
