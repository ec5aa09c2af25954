import * as pulumi from "@pulumi/pulumi";
import { Fault, listFaults } from "../lib/faults";
import { KnownClusterArgs } from "../model/cluster";
import { EtcdTopology } from "../model/etcd";
import { clusterFaults } from "../model/clusterRules";
import { KnownLoadBalancerArgs } from "../model/loadBalancer";
import { AuthorityArgs, PkiArgs } from "../model/pki";
import { Files } from "./files";
import { withContents } from "./hostFiles";
import { readKnownHosts } from "./knownHosts";
import { checkNamespace, keysOf } from "./namespace";
import { isText, shapeFaults, typedConfig } from "./shape";
import { bastionHosts, readSsh, withBastionKey } from "./ssh";
import {
    KnownStackConfig,
    WithKeys,
    readEtcd,
    readPki,
    readRegistries,
    readRepository,
    withWorkerNodes,
} from "./stackFiles";

/**
 * Reads a cluster's arguments from the stack's configuration (`Pulumi.<stack>.yaml`) and the SSH files that it names.
 * Throws one error with every fault, by property path. The whole namespace of `config` is the cluster's: any other key in it is a fault,
 * because a mistyped `workerNodes` would remove every worker. A program with settings of its own gives the cluster a namespace,
 * `new pulumi.Config("cluster")`.
 */
export async function clusterArgsFromConfig(config: pulumi.Config): Promise<KnownClusterArgs> {
    checkNamespace(config);
    const files = new Files();
    const keys = Object.fromEntries(keysOf(config.name).map((key) => [key, readKey(config, key)]));
    const given = await withWorkerNodes(keys, files.faults);
    const shape = shapeFaults(given);
    const raw = await withContents(typedConfig(given) as KnownStackConfig, files);
    const bastion = bastionHosts(raw.ssh ?? {});
    const hosts = [raw.controlPlaneNodes, raw.workerNodes, raw.loadBalancer?.hosts, raw.etcd?.hosts, bastion];
    const known = await readKnownHosts(
        hosts.flatMap((list) => list ?? []),
        raw.ssh ?? {},
    );
    const withKeys: WithKeys = (hosts = []) =>
        hosts.map((host) => ({ ...host, hostKey: host.hostKey ?? known.keyOf(host) }));
    const ssh = withBastionKey(await readSsh(raw.ssh ?? {}, files.faults), withKeys(bastion)[0]?.hostKey);
    const args = {
        ...raw,
        ssh,
        controlPlaneNodes: withKeys(raw.controlPlaneNodes),
        workerNodes: withKeys(raw.workerNodes),
        loadBalancer: raw.loadBalancer && {
            ...raw.loadBalancer,
            hosts: raw.loadBalancer.hosts && withKeys(raw.loadBalancer.hosts),
        },
        pki: raw.pki && (await readPki(raw.pki, raw.etcd?.topology !== EtcdTopology.Existing, files.faults)),
        etcd: raw.etcd && (await readEtcd(raw.etcd, withKeys, files)),
        sources: raw.sources && {
            ...raw.sources,
            kubernetes: await readRepository("sources.kubernetes", raw.sources.kubernetes, files),
            containerd: await readRepository("sources.containerd", raw.sources.containerd, files),
            registries: await readRegistries(raw.sources.registries, files),
        },
    } as KnownClusterArgs;
    const rules = known.fault
        ? // That hosts have no key follows from it, and need not be told of each.
          [known.fault, ...clusterFaults({ ...args, ssh: { ...ssh, insecureSkipHostKeyCheck: true } })]
        : clusterFaults(args);
    // What follows from a wrong shape need not be told.
    const told = [...shape, ...files.withFaults(rules).filter(isNewTo(shape))];
    // A person's file is at fault, not the program: the text is what they need, a stack trace is not.
    if (told.length > 0) throw new pulumi.RunError(listFaults(`Pulumi.${pulumi.getStack()}.yaml`, told));
    return {
        ...args,
        ssh: { ...args.ssh, sudoPassword: optionalSecret(args.ssh.sudoPassword) },
        loadBalancer: args.loadBalancer && withSecrets(args.loadBalancer),
        etcd: args.etcd && { ...args.etcd, clientKey: optionalSecret(args.etcd.clientKey) },
        pki: args.pki && withSecretKeys(args.pki),
    };
}

// `pulumi config set --secret` encrypts a value in the file; read, it is plain text until it is marked again.
const withSecrets = ({ proxy, vrrp, ...rest }: KnownLoadBalancerArgs): KnownLoadBalancerArgs => ({
    ...rest,
    proxy: proxy && { ...proxy, stats: proxy.stats && withSecretPassword(proxy.stats) },
    vrrp: vrrp && withSecretPassword(vrrp),
});

const optionalSecret = (text: pulumi.Input<string> | undefined): pulumi.Output<string> | undefined =>
    text === undefined ? undefined : pulumi.secret(text);

const withSecretPassword = <T extends { password?: pulumi.Input<string> }>(args: T): T =>
    args.password === undefined ? args : { ...args, password: pulumi.secret(args.password) };

const withSecretKeys = ({ ca, frontProxyCa, etcdCa, serviceAccountKey: key, ...rest }: PkiArgs): PkiArgs => ({
    ...rest,
    ca: ca && withSecretKey(ca),
    frontProxyCa: frontProxyCa && withSecretKey(frontProxyCa),
    etcdCa: etcdCa && withSecretKey(etcdCa),
    serviceAccountKey: key && pulumi.secret(key),
});

const withSecretKey = (authority: AuthorityArgs): AuthorityArgs => ({
    ...authority,
    privateKey: pulumi.secret(authority.privateKey),
});

/** Not the same place, nor one inside of a wrong value. */
const isNewTo =
    (shape: Fault[]) =>
    ({ propertyPath }: Fault): boolean =>
        !shape.some(
            ({ propertyPath: wrong }) =>
                propertyPath === wrong || propertyPath.startsWith(`${wrong}.`) || propertyPath.startsWith(`${wrong}[`),
        );

function readKey(config: pulumi.Config, key: string): unknown {
    const text = config.get(key);
    if (text === undefined || isText(key)) return text;
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
