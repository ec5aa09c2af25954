import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { Table, trigger } from "./parameters";

export const CHANGE_ATTEMPT = {
    ATTEMPT: trigger(
        "A text that is new for each change (`attemptAt`), so that the step runs again when an interrupted change is reverted.",
    ),
} satisfies Table;

/**
 * A text that is new each time that `change` is new. It is in the state before the step that has it in its input begins.
 * The preview shows how `change` differs, which is why it is readable and holds no secret.
 *
 * Of a step that failed, or that was killed, Pulumi keeps the former input. An interrupted change that is taken back would therefore
 * look like no change, and what the step had done until then would stay. With the attempt in its input the step runs again.
 */
export const attemptAt = (
    name: string,
    change: pulumi.Input<string>,
    opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> =>
    new local.Command(name, { create: "date +%s.%N", stdin: change, addPreviousOutputInEnv: false }, opts).stdout;
