import * as pulumi from "@pulumi/pulumi";
import { EtcdClient, clientSecrets, memberSecrets } from "../etcd/certificates";
import { EtcdCluster } from "../etcd/etcdCluster";
import { ScriptParameters } from "../host/contract";
import { Steps, afterTurns, thoseMade } from "../host/dependencies";
import { EtcdTopology, isStacked, onControlPlane } from "../model/etcd";
import { privateAddressOf } from "../model/hosts";
import { Context, Machines } from "./hosts";

/** What a control plane node needs of an etcd that is not kubeadm's. */
export interface EtcdAccess {
    /** Certificates and keys, as parameters of its scripts. */
    secrets: pulumi.Output<ScriptParameters>;
    /** What its creation waits for. */
    startAfter: Steps;
    /** What its change waits for. */
    rolloutAfter: Steps;
    /** Its members, where they are on hosts of their own. */
    cluster?: EtcdCluster;
}

/** An etcd that is there already, or comes up with the node itself. */
export const NO_WAIT = { startAfter: pulumi.output([]), rolloutAfter: pulumi.output([]) };

/** The etcd beside kubeadm, made here or there already; nothing when it is stacked, which is kubeadm's. */
export function connectEtcd(context: Context, machines: Machines): EtcdAccess | undefined {
    const { args, settings } = context;
    if (isStacked(settings.etcd)) return undefined;
    if (settings.etcd.topology === EtcdTopology.Existing) {
        const { caCertificate = "", clientCertificate = "", clientKey = "" } = args.etcd ?? {};
        return access({ caCertificate, certificate: clientCertificate, privateKey: clientKey });
    }
    return ownCluster(context, machines);
}

function ownCluster({ name, args, settings, pki, child }: Context, machines: Machines): EtcdAccess {
    const { members, runtime, args: options } = settings.etcd;
    const carried = onControlPlane(settings.etcd);
    const etcd = new EtcdCluster(
        `${name}-etcd`,
        {
            ...options,
            ...{ ssh: args.ssh, members, runtime, sources: args.sources },
            firewall: args.firewall,
            clients: settings.controlPlaneNodes.map(privateAddressOf),
            osFamily: settings.osFamily,
            kubernetesVersion: settings.kubernetesVersion,
            kubeletConfiguration: settings.kubeletConfiguration,
            restrictOomScoreAdj: settings.restrictOomScoreAdj,
            within: {
                ca: pki.etcdCa,
                owner: pki.id,
                barrier: machines.allPassed,
                machines: carried ? undefined : machines.etcd,
            },
        },
        child,
    );
    const client = { ...etcd.client, caCertificate: etcd.caCertificate };
    const turns = etcd.started.map((bootstrap, i) => ({ bootstrap, rollout: etcd.changed[i] }));
    const waits = { startAfter: thoseMade(etcd.started), rolloutAfter: afterTurns(turns, []) };
    if (!carried) return { ...access(client), ...waits, cluster: etcd };
    const secrets = pulumi
        .all([clientSecrets(client), memberSecrets(pki.etcdCa, client)])
        .apply(([apiserver, member]) => ({ ...apiserver, ...member }));
    return { ...NO_WAIT, secrets: pulumi.secret(secrets) };
}

const access = (client: EtcdClient): EtcdAccess => ({
    ...NO_WAIT,
    secrets: clientSecrets(client),
});
