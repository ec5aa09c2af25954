let isListening = false;

/**
 * Whatever was to use a step that has failed fails too. Pulumi's SDK tells each of these as an "unhandled exception" of the program, with the
 * stack of its own code. From here on it tells one line, which leads to the reason.
 */
export function tellFailuresInOneLine(): void {
    if (isListening) return;
    isListening = true;
    process.prependListener("unhandledRejection", shorten);
}

/** Of an error that says that a resource was not made (the SDK's runtime/resource.js): the line in place of the stack. */
export function shorten(reason: unknown): void {
    if (!(reason instanceof Error)) return;
    const [, name] = /resource (\S+) \[[^\]]+\] failed to register$/.exec(reason.message) ?? [];
    if (name === undefined) return;
    reason.message = `${name} failed, so the steps that depend on it were skipped; the reason stands under its name`;
    // The mark by which the SDK knows a RunError, and prints its message alone (errors.js).
    (reason as Error & { __pulumiRunError?: boolean }).__pulumiRunError = true;
}
