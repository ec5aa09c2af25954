import * as pulumi from "@pulumi/pulumi";
import { CLIENT_SECRETS, MEMBER_SECRETS, clientCertificate, clientSecrets, memberSecrets } from "../etcd/credentials";
import { EtcdMembers } from "../etcd/members";
import { Dependencies, NO_DEPENDENCIES, allSucceeded } from "../host/dependencies";
import { ValuesOf } from "../host/parameters";
import { ClusterSettings } from "../model/cluster";
import { EtcdHostsSettings } from "../model/etcdCluster";
import { EtcdTopology, isStacked, onControlPlane } from "../model/etcd";
import { EtcdCredentials } from "../model/secrets";
import { ClusterHosts, Context } from "./hosts";

/** A control plane node's access to an etcd that is not kubeadm's. */
export interface EtcdAccess {
    /** Certificates and keys, as parameters of its scripts. */
    secrets: pulumi.Output<Partial<ValuesOf<typeof CLIENT_SECRETS & typeof MEMBER_SECRETS>>>;
    /** Dependencies of a new node. */
    joinAfter: Dependencies;
    /** Dependencies of a change of a live node. */
    turnAfter: Dependencies;
    /** The members, where they run on hosts of their own. */
    members?: EtcdMembers;
}

/** For an etcd that exists already, or that comes up with the node itself. */
export const NO_WAIT = { joinAfter: NO_DEPENDENCIES, turnAfter: NO_DEPENDENCIES };

/** Access to an external etcd (created here, or existing). Undefined for stacked etcd, which kubeadm manages. */
export function connectEtcd(context: Context, hosts: ClusterHosts): EtcdAccess | undefined {
    const { plan, secrets, name, pki, child } = context;
    const { etcd } = plan.shape;
    if (isStacked(etcd)) return undefined;
    if (etcd.topology === EtcdTopology.Existing) return credentialsOnly(secrets.existingEtcd);
    const certificate = clientCertificate(`${name}-etcd-client`, pki.etcdCa, plan.shape.certificates, child);
    const client = { ...certificate, caCertificate: pki.etcdCa.certificate };
    return onControlPlane(etcd) ? colocatedAccess(context, client) : dedicatedAccess(context, hosts, client);
}

type Client = EtcdCredentials & { certificate: pulumi.Output<string>; privateKey: pulumi.Output<string> };

/** The members come up with the control plane nodes, and get their secrets with them. */
function colocatedAccess({ pki, plan }: Context, client: Client): EtcdAccess {
    const secrets = pulumi
        .all([clientSecrets(client), memberSecrets(pki.etcdCa, client, plan.shape.certificates)])
        .apply(([apiserver, member]) => ({ ...apiserver, ...member }));
    return { ...NO_WAIT, secrets: pulumi.secret(secrets) };
}

function dedicatedAccess(
    { name, plan: { shape, settings }, secrets, pki, child }: Context,
    hosts: ClusterHosts,
    client: Client,
): EtcdAccess {
    const members = new EtcdMembers(
        `${name}-etcd`,
        {
            shape: { etcd: shape.etcd, runtime: shape, certificates: shape.certificates },
            settings: settings.apply(etcdHosts),
            hosts: hosts.etcd,
            registryPasswords: secrets.registryPasswords,
            ca: pki.etcdCa,
            client,
            barrier: hosts.barrier,
        },
        child,
    );
    return {
        ...credentialsOnly(client),
        joinAfter: allSucceeded(members.steps.map(({ node }) => node)),
        turnAfter: members.changed,
        members,
    };
}

const etcdHosts = (settings: ClusterSettings): EtcdHostsSettings => ({
    etcd: settings.etcd,
    runtime: settings,
    certificates: settings.certificates,
    firewall: settings.firewall,
    preflight: settings.preflight,
    clients: settings.controlPlaneNodes.map(({ privateAddress }) => privateAddress),
});

const credentialsOnly = (client: EtcdCredentials): EtcdAccess => ({
    ...NO_WAIT,
    secrets: clientSecrets(client),
});
