import * as pulumi from "@pulumi/pulumi";

class Value<T> {
    constructor(public readonly value: T) {}
}

/**
 * The same value, without the resources that it came from: a way around Pulumi's tracking of dependencies. It still waits for them. Only
 * a recovered output has none, so this throws the value. A secret stays one. A value that is not known in a preview keeps its resources.
 */
export function untracked<T>(output: pulumi.Output<T>): pulumi.Output<T> {
    const value = pulumi.recover(
        output.apply((value): T => {
            // eslint-disable-next-line @typescript-eslint/only-throw-error -- not an error: the value itself
            throw new Value(value);
        }),
        (thrown: unknown) => {
            if (thrown instanceof Value) return thrown.value as T;
            throw thrown;
        },
    );
    const marked = pulumi.isSecret(output).then((isSecret) => (isSecret ? pulumi.secret(value) : value));
    return pulumi.output(marked) as pulumi.Output<T>;
}

/** The value, or undefined where the resource failed that it comes from. */
export const ifProduced = <T>(output: pulumi.Output<T>): pulumi.Output<T | undefined> =>
    pulumi.recover<T | undefined>(output, () => undefined);

/** Those of the values whose resources did not fail. */
export const allProduced = <T>(outputs: Record<string, pulumi.Output<T>>): pulumi.Output<Record<string, T>> =>
    pulumi
        .all(Object.entries(outputs).map(([name, output]) => ifProduced(output.apply((value) => ({ name, value })))))
        .apply((all) =>
            Object.fromEntries(all.flatMap((entry) => (entry === undefined ? [] : [[entry.name, entry.value as T]]))),
        );
