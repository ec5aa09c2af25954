import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import { hostPort } from "../lib/addresses";
import { Endpoint } from "../model/controlPlaneEndpoint";
import { scriptText } from "./toolkit";

/** The script, which runs on the operator's machine. */
export const ENDPOINT_SCRIPT = scriptText("local/endpoint.mjs").replace(/^ *(\/\/.*|\/\*\*.*)?\n/gm, "");

/** Pulumi runs programs of Node.js with the `node` of PATH, and a provider has the same PATH. */
export const ENDPOINT_COMMAND = 'exec node --input-type=module --eval "$PROGRAM"';

const LIMIT_SECONDS = 30;

/** The variables of scripts/local/endpoint.mjs. */
export const endpointVariables = ({ host, port }: Endpoint, caCertificate: string, limit = LIMIT_SECONDS) => ({
    PROGRAM: ENDPOINT_SCRIPT,
    ENDPOINT: hostPort(host, port),
    ENDPOINT_HOST: host,
    ENDPOINT_PORT: String(port),
    CA_CERTIFICATE: caCertificate,
    LIMIT: String(limit),
});

/**
 * Ends when the operator's machine reaches the endpoint, and fails with one sentence where it does not. Without this step each
 * object of the add-ons would fail by itself. It runs once, and again for another endpoint or another CA; never in a preview.
 */
export const reachEndpoint = (
    name: string,
    { endpoint, caCertificate }: { endpoint: pulumi.Input<Endpoint>; caCertificate: pulumi.Input<string> },
    opts: pulumi.CustomResourceOptions,
): local.Command =>
    new local.Command(
        name,
        {
            create: ENDPOINT_COMMAND,
            environment: pulumi.all([endpoint, caCertificate]).apply(([to, ca]) => endpointVariables(to, ca)),
            logging: local.Logging.None,
            addPreviousOutputInEnv: false,
        },
        opts,
    );
