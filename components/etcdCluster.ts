import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { etcdConfig, etcdPeers } from "./config/etcd";
import { CA_VALIDITY_HOURS, CERTIFICATE_VALIDITY_HOURS, PORTS } from "./constants";
import { allPassed, Machine } from "./machine";
import { authority, Certificate, ownerId, signedCertificate } from "./pki";
import { privateAddressOf } from "./remote/connection";
import { digest, rolloutParameters } from "./remote/parameters";
import { HostArgs, SshArgs } from "./types";
import { validateEtcdCluster } from "./validation/etcdCluster";

export interface EtcdClusterArgs {
    ssh: SshArgs;
    /** One, three, five or seven machines. A member that lost its disk (a new `hostKey`) is replaced in the cluster. */
    members: HostArgs[];
    /** The Debian package that brings /usr/bin/etcd. @default "etcd-server" */
    package?: string;
    /** A package repository that preflight asks, and holds the clock against. @default none: the hosts' own is taken as it is */
    packageSource?: string;
    /** Space quota in bytes. A change restarts one member after the other. @default etcd's own, 2 GiB */
    quotaBackendBytes?: number;
}

/**
 * An etcd cluster of its own, for whatever purpose: a member on each machine under systemd, TLS on both ports with client
 * certificates required. The members start together; one that lost its disk rejoins as a learner.
 */
export class EtcdCluster extends pulumi.ComponentResource {
    /** `https://address:2379` of every member, known when all of them are well. */
    public readonly endpoints: pulumi.Output<string[]>;
    /** The CA's certificate, PEM. */
    public readonly caCertificate: pulumi.Output<string>;
    /** A client's certificate and key, PEM. The key is a secret. */
    public readonly client: Certificate;

    constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("pulumi-kubeadm:index:EtcdCluster", name, {}, opts);
        validateEtcdCluster(args);
        const child = { parent: this };

        const ca = authority(`${name}-ca`, "etcd-ca", CA_VALIDITY_HOURS, child);
        const machines = args.members.map((host) => memberMachine(`${name}-${host.name}`, args, host, ca, child));
        const barrier = allPassed(`${name}-checked`, machines, child);
        const members: Member[] = [];
        args.members.forEach((host, i) => {
            members.push(
                this.member(`${name}-${host.name}`, args, host, machines[i], {
                    ca,
                    barrier,
                    after: members.slice(-1),
                }),
            );
        });

        this.endpoints = pulumi
            .all(members.map(({ rollout }) => rollout.id))
            .apply(() => args.members.map((host) => `https://${privateAddressOf(host)}:${PORTS.etcdClient}`));
        this.caCertificate = ca.certificate;
        this.client = signedCertificate(
            `${name}-client`,
            { ca, commonName: "client", usages: ["client_auth"], validityHours: CERTIFICATE_VALIDITY_HOURS },
            child,
        );
        this.registerOutputs({ endpoints: this.endpoints, caCertificate: this.caCertificate });
    }

    // Created side by side; a change goes from one member to the next.
    private member(name: string, args: EtcdClusterArgs, host: HostArgs, machine: Machine, around: Around): Member {
        const certificate = memberCertificate(name, host, around.ca, { parent: this });
        const desired = ownerId(around.ca).apply((id) => {
            const config = etcdConfig(host, { token: id, quotaBackendBytes: args.quotaBackendBytes });
            return {
                ROLE: "etcd",
                NODE_NAME: host.name,
                NODE_ADDRESS: privateAddressOf(host),
                CLUSTER_ID: id,
                ETCD_PACKAGE: args.package ?? "etcd-server",
                ETCD_CONFIG: config,
                ETCD_NAME: host.name,
                ETCD_ADDRESS: privateAddressOf(host),
                ETCD_PEERS: etcdPeers(args.members, host),
                ROLLOUT_DIGEST: digest({ config }),
            };
        });
        const pki = pulumi
            .all([around.ca.certificate, certificate.certificate, certificate.privateKey])
            .apply(([caCert, cert, key]) => ({
                NODE_NAME: host.name,
                PKI_CA_CERT: caCert.trimEnd(),
                PKI_CERT: cert.trimEnd(),
                PKI_KEY: key.trimEnd(),
            }));
        const options = { parent: this };
        const prepare = machine.run(`${name}-prepare`, "prepare", desired, { ...options, dependsOn: around.barrier });
        const bootstrap = machine.run(`${name}-bootstrap`, "bootstrap", pulumi.secret(pki), {
            ...options,
            dependsOn: prepare,
        });
        const rollout = machine.run(
            `${name}-rollout`,
            "rollout",
            desired.apply((d) => rolloutParameters(host.name, d)),
            { ...options, dependsOn: [bootstrap, ...around.after.map((member) => member.rollout)] },
        );
        return { rollout };
    }
}

interface Member {
    rollout: remote.Command;
}

interface Around {
    ca: Certificate;
    barrier: pulumi.Resource;
    after: Member[];
}

const memberMachine = (
    name: string,
    args: EtcdClusterArgs,
    host: HostArgs,
    ca: Certificate,
    opts: { parent: pulumi.Resource },
) =>
    new Machine(
        name,
        {
            host,
            ssh: args.ssh,
            kind: "etcd",
            ports: [PORTS.etcdClient, PORTS.etcdPeer],
            owner: ownerId(ca),
            packageSource: args.packageSource ?? "",
            swapAllowed: true,
        },
        opts,
    );

// One certificate serves both ports: a member is a server to clients, and server and client to its peers.
const memberCertificate = (
    name: string,
    host: HostArgs,
    ca: Certificate,
    opts: { parent: pulumi.Resource },
): Certificate =>
    signedCertificate(
        `${name}-certificate`,
        {
            ca,
            commonName: host.name,
            dnsNames: [host.name, "localhost"],
            ipAddresses: [privateAddressOf(host), "127.0.0.1"],
            usages: ["server_auth", "client_auth"],
            validityHours: CERTIFICATE_VALIDITY_HOURS,
        },
        opts,
    );
