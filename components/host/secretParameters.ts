import * as pulumi from "@pulumi/pulumi";
import { createHmac } from "crypto";
import { ScriptParameters, preamble } from "./contract";
import { ParameterValue, Table, ValuesOf } from "./parameters";

/** Parameters that are secrets, by name: passwords that the desired state of a host needs. */
export type SecretParameters = Record<string, pulumi.Output<ParameterValue>>;

/** The secret parameters of a table. */
export type SecretsOf<T extends Table> = {
    [Name in keyof ValuesOf<T>]: pulumi.Output<NonNullable<ValuesOf<T>[Name]>>;
};

export const secretValues = (secrets: SecretParameters): pulumi.Output<ScriptParameters> =>
    pulumi.secret(pulumi.all(secrets).apply((values): ScriptParameters => values));

/**
 * Another text whenever one of the secrets is another one; no secret itself. It is computed with a key that is secret: a plain digest
 * of a weak password would let it be found by trying.
 */
export const secretDigest = (secrets: SecretParameters, key: pulumi.Input<string>): pulumi.Output<string> =>
    pulumi.unsecret(
        pulumi
            .all([key, secretValues(secrets)])
            .apply(([secret, values]) =>
                createHmac("sha256", secret).update(preamble(values)).digest("hex").slice(0, 16),
            ),
    );
