import * as pulumi from "@pulumi/pulumi";

/** A resource as the engine would have been asked for it. */
export interface Recorded {
    type: string;
    name: string;
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the inputs of any resource type
    inputs: Record<string, any>;
    /** The names of the resources it waits for: those in `dependsOn`, and those whose outputs are among its inputs. */
    dependencies: string[];
}

const SECRET = "4dabf18193072939515e22adb298388d";

/** Takes the secret markers off, and says where they were. */
export function unwrapSecret(value: unknown): { secret: boolean; value: unknown } {
    const marked = value as Record<string, unknown> | undefined;
    return marked && typeof marked === "object" && SECRET in marked
        ? { secret: true, value: marked.value }
        : { secret: false, value };
}

/**
 * A stand-in for the engine: records what is asked for, and answers as the providers document it. What `fails` is refused,
 * as the engine answers for a resource that could not be made.
 */
export function recordResources(fails: (name: string) => boolean = () => false): Recorded[] {
    const recorded: Recorded[] = [];
    let dependencies: string[] = [];
    void pulumi.runtime.setMocks(
        {
            newResource: (args) => {
                if (fails(args.name)) throw new Error(`${args.name} cannot be made`);
                recorded.push({ type: args.type, name: args.name, inputs: args.inputs, dependencies });
                return { id: `${args.name}-id`, state: { ...args.inputs, ...outputsOf(args) } };
            },
            call: (args) => args.inputs,
        },
        "pulumi-kubeadm",
        "test",
    );
    onRequest((urns) => (dependencies = urns.map((urn) => urn.split("::").pop()!)));
    return recorded;
}

interface Monitor {
    registerResource(request: { getDependenciesList(): string[] }, callback: unknown): unknown;
}

/** Shows what a resource depends on, which mocks are not told, right before they are asked for it. */
function onRequest(look: (urns: string[]) => void): void {
    const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) => {
        look(request.getDependenciesList());
        return register(request, callback);
    };
}

function outputsOf({ type, name }: pulumi.runtime.MockResourceArgs): Record<string, string> {
    if (type === "tls:index/privateKey:PrivateKey")
        return { privateKeyPem: `KEY(${name})\n`, publicKeyPem: `PUB(${name})\n` };
    if (type === "tls:index/certRequest:CertRequest") return { certRequestPem: `CSR(${name})` };
    if (type.startsWith("tls:")) return { certPem: `CERT(${name})\n` };
    const facts = { machineId: name, hostname: name, architecture: "x86_64" };
    if (type === "command:remote:Command") return { stdout: JSON.stringify(facts), stderr: "" };
    return {};
}

/** Waits until every resource that the program asked for has been registered. */
export async function settled(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await pulumi.runtime.disconnect();
}

/** The parameters that a step gets. */
export const stdinOf = (recorded: Recorded[], name: string): string =>
    String(unwrapSecret(recorded.find((resource) => resource.name === name)!.inputs.stdin).value);

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
