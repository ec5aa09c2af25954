import * as pulumi from "@pulumi/pulumi";
import { types } from "@pulumi/command";
import { HostSettings } from "../model/hosts";

/** A dial is tried this often, at most this many seconds each, before a host is said to be unreachable. */
export const DIAL = { errorLimit: 5, timeoutSeconds: 5 } as const;

export type Connection = types.input.remote.ConnectionArgs;

/** The fields are picked one by one: a stray property would end up in an error message, beside the private key. */
export const connectionTo = (host: pulumi.Output<HostSettings>, privateKey: pulumi.Input<string>): Connection => ({
    host: host.address,
    port: host.port,
    user: host.user,
    privateKey: pulumi.secret(privateKey),
    hostKey: host.hostKey as pulumi.Output<string>,
    dialErrorLimit: DIAL.errorLimit,
    perDialTimeout: DIAL.timeoutSeconds,
});
