import * as pulumi from "@pulumi/pulumi";
import { types } from "@pulumi/command";
import { Bastion } from "../model/bastion";
import { HostSettings } from "../model/hosts";
import { SshAccess } from "../model/ssh";

/** A dial is tried this often, at most this many seconds each, before a host is said to be unreachable. */
export const DIAL = { errorLimit: 5, timeoutSeconds: 5 } as const;

/**
 * Every step logs in to the bastion, and sshd refuses some logins where many begin at once (MaxStartups), hence more tries. The dial
 * from there to a host is not limited: a host that is powered off costs the bastion's own timeout of TCP (two minutes) each time.
 */
const BASTION = { errorLimit: 10, hostErrorLimit: 1 } as const;

export type Connection = types.input.remote.ConnectionArgs;

/** The fields are picked one by one: a stray property would end up in an error message, beside the private key. */
export const connectionTo = (host: pulumi.Output<HostSettings>, ssh: pulumi.Output<SshAccess>): Connection => ({
    host: host.address,
    port: host.port,
    user: host.user,
    // The provider finds the agent in its environment, so that the path of its socket is no input.
    privateKey: ssh.privateKey as pulumi.Output<string>,
    hostKey: host.hostKey as pulumi.Output<string>,
    dialErrorLimit: ssh.apply(({ bastion }) => (bastion ? BASTION.hostErrorLimit : DIAL.errorLimit)),
    perDialTimeout: DIAL.timeoutSeconds,
    proxy: ssh.apply(({ bastion }) => bastion && proxyOf(bastion)) as pulumi.Output<Proxy>,
});

type Proxy = types.input.remote.ProxyConnectionArgs;

const proxyOf = ({ address, port, user, privateKey, hostKey }: Bastion): Proxy => ({
    ...{ host: address, port, user, privateKey, hostKey },
    dialErrorLimit: BASTION.errorLimit,
    perDialTimeout: DIAL.timeoutSeconds,
});
