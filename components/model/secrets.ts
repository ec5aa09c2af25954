import * as pulumi from "@pulumi/pulumi";
import { ClusterArgs } from "./cluster";
import { FileContents, fileContents } from "./hostSetup";
import { HostArgs, HostDefaults, hostDefaults } from "./hosts";
import { LoadBalancerTopologyArgs } from "./loadBalancer";
import { SourcesArgs } from "./sources";
import { SshAccess, sshAccess } from "./ssh";

/** The keys and passwords of the arguments. `ClusterSettings` holds none of them, so that its diff stays readable. */
export interface ClusterSecrets {
    ssh: pulumi.Output<SshAccess>;
    /** By the registry's host. */
    registryPasswords: RegistryPasswords;
    balancerPasswords: BalancerPasswords;
    /** kube-apiserver's client certificate for an existing etcd, and that etcd's CA; PEM. */
    existingEtcd: EtcdCredentials;
    /** The contents of the files of each host, by its name and the path. Not each is a secret. */
    fileContents: Record<string, FileContents>;
}

export interface EtcdCredentials {
    caCertificate: pulumi.Input<string>;
    certificate: pulumi.Input<string>;
    privateKey: pulumi.Input<string>;
}

export type RegistryPasswords = Record<string, pulumi.Output<string>>;

export interface BalancerPasswords {
    /** For the proxy's statistics page. */
    stats?: pulumi.Output<string>;
    vrrp?: pulumi.Output<string>;
}

export function secretsOf(args: ClusterArgs): ClusterSecrets {
    const { ssh, sources, loadBalancer, etcd = {}, controlPlaneNodes, workerNodes } = args;
    return {
        ssh: sshAccess(ssh),
        registryPasswords: registryPasswords(sources),
        balancerPasswords: balancerPasswords(loadBalancer),
        existingEtcd: {
            caCertificate: etcd.caCertificate ?? "",
            certificate: etcd.clientCertificate ?? "",
            privateKey: etcd.clientKey ?? "",
        },
        fileContents: {
            ...contentsOf(controlPlaneNodes, hostDefaults(args, "controlPlane")),
            ...contentsOf(workerNodes, hostDefaults(args, "workers")),
            ...contentsOf(loadBalancer?.hosts, hostDefaults(args, "loadBalancer")),
            ...contentsOf(etcd.hosts, hostDefaults(args, "etcd")),
        },
    };
}

export const contentsOf = (hosts: HostArgs[] = [], { setups = [] }: HostDefaults): Record<string, FileContents> =>
    Object.fromEntries(hosts.map((host) => [host.name, fileContents([...setups, host])]));

export function registryPasswords({ registries = {} }: SourcesArgs = {}): RegistryPasswords {
    const passwords: RegistryPasswords = {};
    for (const [host, { password }] of Object.entries(registries)) {
        if (password !== undefined) passwords[host] = pulumi.secret(password);
    }
    return passwords;
}

const balancerPasswords = ({ proxy, vrrp }: LoadBalancerTopologyArgs = {}): BalancerPasswords => ({
    stats: optional(proxy?.stats?.password),
    vrrp: optional(vrrp?.password),
});

const optional = (password: pulumi.Input<string> | undefined): pulumi.Output<string> | undefined =>
    password === undefined ? undefined : pulumi.secret(password);
