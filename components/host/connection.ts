import * as pulumi from "@pulumi/pulumi";
import { types } from "@pulumi/command";
import { HostArgs } from "../model/hosts";
import { SshArgs } from "../model/ssh";

/** A dial is tried this often, at most this many seconds each, before a host is said to be unreachable. */
export const DIAL = { errorLimit: 5, timeoutSeconds: 5 } as const;

export type Connection = types.input.remote.ConnectionArgs;

/** The fields are picked one by one: a stray property would end up in an error message, beside the private key. */
export const connectionTo = (host: HostArgs, ssh: SshArgs): Connection => ({
    host: host.address,
    port: host.port ?? ssh.port ?? 22,
    user: loginUser(host, ssh),
    privateKey: pulumi.secret(ssh.privateKey),
    hostKey: host.hostKey,
    dialErrorLimit: DIAL.errorLimit,
    perDialTimeout: DIAL.timeoutSeconds,
});

export const loginUser = (host: HostArgs, ssh: SshArgs): string => host.user ?? ssh.user ?? "root";
