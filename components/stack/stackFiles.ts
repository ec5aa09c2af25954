import * as pulumi from "@pulumi/pulumi";
import * as path from "path";
import { homedir } from "os";
import { readFile } from "fs/promises";
import { parse } from "yaml";
import { Fault, fault } from "../lib/faults";
import { ClusterArgs } from "../model/cluster";
import { EtcdTopologyArgs } from "../model/etcd";
import { HostArgs } from "../model/hosts";
import { AUTHORITIES, AuthorityArgs, PkiArgs } from "../model/pki";
import { PackageRepositoryArgs } from "../model/packageRepositories";
import { RegistryArgs } from "../model/registries";
import { SourcesArgs } from "../model/sources";
import { SshArgs, privateKeyFaults } from "../model/ssh";

/** How hosts are reached over SSH: the files that OpenSSH uses, or the key itself as a secret. */
export interface SshConfig extends Omit<SshArgs, "privateKey">, Partial<Pick<SshArgs, "privateKey">> {
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
}

interface EtcdConfig extends EtcdTopologyArgs {
    /**
     * Of an existing etcd: the file of its CA's certificate.
     * @kind path
     * @change Another CA: rolled out; kube-apiserver restarts.
     */
    caFile?: string;
    /**
     * Of an existing etcd: the file of kube-apiserver's client certificate.
     * @kind path
     * @change Rolled out without a restart.
     */
    certFile?: string;
    /**
     * Of an existing etcd: the file of that certificate's key.
     * @kind path
     * @change Rolled out without a restart.
     */
    keyFile?: string;
}

/** Hosts with the keys that known_hosts has of them. */
export type WithKeys = <T extends HostArgs>(hosts: T[] | undefined) => T[];

interface RepositoryConfig extends Omit<PackageRepositoryArgs, "key">, Partial<Pick<PackageRepositoryArgs, "key">> {
    /**
     * The file of the armored key, instead of `key`.
     * @kind path
     * @change The next installation uses it.
     */
    keyFile?: string;
}

interface RegistryConfig extends RegistryArgs {
    /**
     * The file of the CA that signed the registry's certificate.
     * @kind path
     * @otherwise the host's CAs
     * @change The next pull uses it; nothing restarts.
     */
    caFile?: string;
}

interface SourcesConfig extends Omit<SourcesArgs, "kubernetes" | "containerd" | "registries"> {
    kubernetes?: RepositoryConfig;
    containerd?: RepositoryConfig;
    registries?: Record<string, RegistryConfig>;
}

interface PkiConfig extends PkiArgs {
    /**
     * A folder with kubeadm's files: `ca.crt`, `ca.key`, `front-proxy-ca.crt`, `front-proxy-ca.key`, `sa.key`, and
     * (not with `etcd.topology: existing`) `etcd/ca.crt` and `etcd/ca.key`.
     * @kind path
     * @change The same keys: nothing changes. Others: refused.
     */
    folder?: string;
}

/** A stack's configuration: a cluster's arguments, with files in the place of texts. */
export interface StackConfig extends Omit<ClusterArgs, "ssh" | "etcd" | "sources" | "pki"> {
    /**
     * A file (YAML or JSON) with the list `workerNodes`, instead of that key: from about 900 hosts on the configuration of a stack is too
     * long for Pulumi, which passes it to the program in one environment variable (128 KiB, execve(2)).
     * @kind path
     * @change As for `workerNodes[]`. A file that is missing or empty is refused.
     */
    workerNodesFile?: string;
    ssh?: SshConfig;
    etcd?: EtcdConfig;
    sources?: SourcesConfig;
    pki?: PkiConfig;
}

/** OpenSSH's own files. */
export const SSH_FILES = { privateKeyFile: "~/.ssh/id_ed25519", knownHostsFile: "~/.ssh/known_hosts" };

export const expand = (file: string): string => path.resolve(file.replace(/^~(?=\/)/, homedir()));

export async function readSsh(ssh: SshConfig, faults: Fault[]): Promise<SshArgs> {
    const file = ssh.privateKeyFile ?? SSH_FILES.privateKeyFile;
    const key = ssh.privateKey ?? (await readText(expand(file)));
    if (key === undefined) faults.push(fault("ssh.privateKeyFile", file, "a private key file that can be read"));
    else faults.push(...privateKeyFaults(ssh.privateKey ? "ssh.privateKey" : "ssh.privateKeyFile", key));
    return {
        user: ssh.user,
        port: ssh.port,
        privateKey: pulumi.secret(key ?? "missing"),
        insecureSkipHostKeyCheck: ssh.insecureSkipHostKeyCheck,
    };
}

/** The configuration with the worker nodes of its file. */
export async function withWorkerNodes(
    given: Record<string, unknown>,
    faults: Fault[],
): Promise<Record<string, unknown>> {
    const { workerNodesFile: file, ...rest } = given;
    if (typeof file !== "string") return given;
    const at = "workerNodesFile";
    if (rest.workerNodes !== undefined) faults.push(fault(at, file, "none, because workerNodes is set"));
    const text = await readText(expand(file));
    if (text === undefined) faults.push(fault(at, file, "a file that can be read"));
    if (faults.length > 0) return rest;
    try {
        return { ...rest, workerNodes: parse(text!) as unknown };
    } catch (error) {
        faults.push(fault(at, file, `a list in YAML or JSON: ${(error as Error).message.split("\n")[0]}`));
        return rest;
    }
}

export async function readRepository(
    at: string,
    config: RepositoryConfig | undefined,
    faults: Fault[],
): Promise<PackageRepositoryArgs | undefined> {
    if (config === undefined) return undefined;
    const { keyFile, ...repository } = config;
    const key = keyFile === undefined ? repository.key : (await readText(expand(keyFile)))?.trimEnd();
    if (keyFile !== undefined && key === undefined) {
        faults.push(fault(`${at}.keyFile`, keyFile, "a file that can be read"));
    }
    return { ...repository, key: key ?? "" };
}

export async function readRegistries(
    config: Record<string, RegistryConfig> | undefined,
    faults: Fault[],
): Promise<Record<string, RegistryArgs> | undefined> {
    if (config === undefined) return undefined;
    const read = Object.entries(config).map(
        async ([host, { caFile, password, ...registry }]): Promise<[string, RegistryArgs]> => {
            const caCertificate = caFile === undefined ? registry.caCertificate : await readText(expand(caFile));
            if (caFile !== undefined && caCertificate === undefined) {
                faults.push(fault(`sources.registries["${host}"].caFile`, caFile, "a file that can be read"));
            }
            return [host, { ...registry, caCertificate, password: password && pulumi.secret(password) }];
        },
    );
    return Object.fromEntries(await Promise.all(read));
}

/** An existing etcd's credentials by file, in kubeadm's words; dedicated hosts with their keys. */
export async function readEtcd(config: EtcdConfig, withKeys: WithKeys, faults: Fault[]): Promise<EtcdTopologyArgs> {
    const { caFile, certFile, keyFile, ...etcd } = config;
    const credential = async (name: string, file: string | undefined, given: pulumi.Input<string> | undefined) => {
        const text = file === undefined ? given : await readText(expand(file));
        if (file !== undefined && text === undefined) {
            faults.push(fault(`etcd.${name}`, file, "a file that can be read"));
        }
        // The fault is told; the missing text need not be told again.
        return file === undefined ? given : (text ?? "missing");
    };
    const key = await credential("keyFile", keyFile, etcd.clientKey);
    return {
        ...etcd,
        hosts: etcd.hosts && withKeys(etcd.hosts),
        caCertificate: await credential("caFile", caFile, etcd.caCertificate),
        clientCertificate: await credential("certFile", certFile, etcd.clientCertificate),
        clientKey: key === undefined ? undefined : pulumi.secret(key),
    };
}

const KEY_FILES = { ca: "ca", frontProxyCa: "front-proxy-ca", etcdCa: "etcd/ca" } as const;

/** The keys by their own options, and the others from the folder. An existing etcd has a CA of its own. */
export async function readPki(config: PkiConfig, ownEtcd: boolean, faults: Fault[]): Promise<PkiArgs> {
    const { folder, ...pki } = config;
    if (folder === undefined) return pki;
    const missing: string[] = [];
    const read = async (name: string): Promise<string> => {
        const text = await readText(path.join(expand(folder), name));
        if (text === undefined) missing.push(name);
        return text ?? "";
    };
    for (const name of AUTHORITIES.filter((name) => ownEtcd || name !== "etcdCa")) {
        pki[name] ??= await readAuthority(KEY_FILES[name], read);
    }
    pki.serviceAccountKey ??= await read("sa.key");
    if (missing.length === 0) return pki;
    const expected = `kubeadm's files; ${missing.join(", ")} cannot be read`;
    faults.push(fault("pki.folder", folder, expected));
    // That they are empty follows from it.
    return {};
}

const readAuthority = async (file: string, read: (name: string) => Promise<string>): Promise<AuthorityArgs> => ({
    certificate: await read(`${file}.crt`),
    privateKey: await read(`${file}.key`),
});

/** Returns a file's text; undefined when it cannot be read. */
export async function readText(file: string): Promise<string | undefined> {
    try {
        return await readFile(file, "utf8");
    } catch {
        return undefined;
    }
}
