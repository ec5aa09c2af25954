import * as pulumi from "@pulumi/pulumi";
import * as path from "path";
import { parse } from "yaml";
import { Fault, fault, pathOf } from "../lib/faults";
import { ClusterArgs, KnownClusterArgs } from "../model/cluster";
import { EtcdTopologyArgs, KnownEtcdArgs } from "../model/etcd";
import { KnownHostArgs } from "../model/hosts";
import { AUTHORITIES, AuthorityArgs, PkiArgs } from "../model/pki";
import { PackageRepositoryArgs } from "../model/packageRepositories";
import { RegistryArgs } from "../model/registries";
import { SourcesArgs } from "../model/sources";
import { Files, expand, readText } from "./files";
import { SshConfig } from "./ssh";

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

type KnownEtcdConfig = Omit<EtcdConfig, "hosts"> & Pick<KnownEtcdArgs, "hosts">;

/** Hosts with the keys that known_hosts has of them. */
export type WithKeys = <T extends KnownHostArgs>(hosts: T[] | undefined) => T[];

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
     * A file that is the list of worker nodes (YAML or JSON), instead of `workerNodes`: from about 900 hosts on the configuration of a stack is too
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

/** A file has every value at once. */
export type KnownStackConfig = Omit<StackConfig, "controlPlaneNodes" | "workerNodes" | "loadBalancer" | "etcd"> &
    Pick<KnownClusterArgs, "controlPlaneNodes" | "workerNodes" | "loadBalancer"> & { etcd?: KnownEtcdConfig };

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
    const workerNodes = parsed(text!);
    if (Array.isArray(workerNodes) && workerNodes.length > 0) return { ...rest, workerNodes };
    faults.push(fault(at, file, "a file that is a list of worker nodes, one or more, in YAML or JSON"));
    return rest;
}

/** Undefined for what is no YAML. */
function parsed(text: string): unknown {
    try {
        return parse(text);
    } catch {
        return undefined;
    }
}

export async function readRepository(
    at: string,
    config: RepositoryConfig | undefined,
    files: Files,
): Promise<PackageRepositoryArgs | undefined> {
    if (config === undefined) return undefined;
    const { keyFile, key: given, ...repository } = config;
    const key = await files.textOrFile(at, ["key", given], ["keyFile", keyFile]);
    return { ...repository, key: key ?? "" };
}

export async function readRegistries(
    config: Record<string, RegistryConfig> | undefined,
    files: Files,
): Promise<Record<string, RegistryArgs> | undefined> {
    if (config === undefined) return undefined;
    const read = Object.entries(config).map(
        async ([host, { caFile, caCertificate: given, password, ...registry }]): Promise<[string, RegistryArgs]> => {
            const at = pathOf(["sources", "registries", host]);
            const caCertificate = await files.textOrFile(at, ["caCertificate", given], ["caFile", caFile]);
            return [host, { ...registry, caCertificate, password: password && pulumi.secret(password) }];
        },
    );
    return Object.fromEntries(await Promise.all(read));
}

/** An existing etcd's credentials by file, in kubeadm's words; dedicated hosts with their keys. */
export async function readEtcd(config: KnownEtcdConfig, withKeys: WithKeys, files: Files): Promise<KnownEtcdArgs> {
    const { caFile, certFile, keyFile, ...etcd } = config;
    const { caCertificate, clientCertificate, clientKey } = etcd;
    return {
        ...etcd,
        hosts: etcd.hosts && withKeys(etcd.hosts),
        caCertificate: await files.textOrFile("etcd", ["caCertificate", caCertificate], ["caFile", caFile]),
        clientCertificate: await files.textOrFile(
            "etcd",
            ["clientCertificate", clientCertificate],
            ["certFile", certFile],
        ),
        clientKey: await files.textOrFile("etcd", ["clientKey", clientKey], ["keyFile", keyFile]),
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
