import * as pulumi from "@pulumi/pulumi";
import { Fault, fault } from "../lib/faults";
import { BASTION_PORT, BastionArgs } from "../model/bastion";
import { KnownHostArgs } from "../model/hosts";
import { KeyArgs, privateKeyFaults } from "../model/login";
import { SshArgs } from "../model/ssh";
import { expand, onlyOne, readText } from "./files";

/** The bastion, with the file of its key or the key itself as a secret. */
export interface BastionConfig extends BastionArgs {
    /**
     * The file of the private key for the bastion.
     * @kind path
     * @otherwise the hosts' key, or the agent's
     * @change Another key: every step runs again and changes nothing.
     */
    privateKeyFile?: string;
}

/** How hosts are reached over SSH: the files that OpenSSH uses, or the key itself as a secret. */
export interface SshConfig extends Omit<SshArgs, "bastion"> {
    /**
     * The file of the private key.
     * @kind path
     * @default "~/.ssh/id_ed25519"
     * @change Another key: every step runs again and changes nothing.
     */
    privateKeyFile?: string;
    /**
     * The file in which `ssh-keygen -F` looks up the host keys by address and port. It is not read when every host has
     * a `hostKey`.
     * @kind path
     * @default "~/.ssh/known_hosts"
     * @change See `<host>.hostKey`.
     */
    knownHostsFile?: string;
    bastion?: BastionConfig;
}

/** OpenSSH's own files. */
export const SSH_FILES = { privateKeyFile: "~/.ssh/id_ed25519", knownHostsFile: "~/.ssh/known_hosts" };

export async function readSsh({ bastion, ...config }: SshConfig, faults: Fault[]): Promise<SshArgs> {
    const { privateKeyFile, knownHostsFile, ...login } = config;
    const isGiven = config.agent || config.privateKey !== undefined;
    const file = privateKeyFile ?? (isGiven ? undefined : SSH_FILES.privateKeyFile);
    if (config.agent && !process.env.SSH_AUTH_SOCK) {
        faults.push(fault("ssh.agent", true, "SSH_AUTH_SOCK in the environment, as ssh-agent prints it"));
    }
    const key = await readKey("ssh", { ...config, privateKeyFile: file }, faults);
    return { ...login, ...key, bastion: bastion && (await readBastion(bastion, faults)) };
}

async function readBastion({ privateKeyFile, ...bastion }: BastionConfig, faults: Fault[]): Promise<BastionArgs> {
    return { ...bastion, ...(await readKey("ssh.bastion", { ...bastion, privateKeyFile }, faults)) };
}

/** A key or that of its file, and its passphrase, as secrets. */
async function readKey(at: string, config: KeyArgs & { privateKeyFile?: string }, faults: Fault[]): Promise<KeyArgs> {
    const { privateKey: given, privateKeyPassphrase: passphrase, privateKeyFile: file } = config;
    const key = given ?? (file && (await readText(expand(file))));
    if (given !== undefined && file !== undefined) faults.push(onlyOne(at, "privateKeyFile", "privateKey"));
    if (file !== undefined && key === undefined) {
        faults.push(fault(`${at}.privateKeyFile`, file, "a private key file that can be read"));
    } else if (key !== undefined) {
        const keyAt = given === undefined ? `${at}.privateKeyFile` : `${at}.privateKey`;
        faults.push(...privateKeyFaults(at, { privateKey: key, privateKeyPassphrase: passphrase }, keyAt));
    }
    const isNone = file === undefined && key === undefined;
    return {
        privateKey: isNone ? undefined : pulumi.secret(key ?? "missing"),
        privateKeyPassphrase: passphrase && pulumi.secret(passphrase),
    };
}

/** The bastion as a host of known_hosts, where there is one. A file has every value at once. */
export const bastionHosts = ({ bastion }: SshConfig): KnownHostArgs[] =>
    bastion ? [{ name: "bastion", port: BASTION_PORT, ...(bastion as Pick<KnownHostArgs, "address">) }] : [];

export const withBastionKey = ({ bastion, ...ssh }: SshArgs, hostKey: string | undefined): SshArgs =>
    bastion ? { ...ssh, bastion: { ...bastion, hostKey } } : ssh;
