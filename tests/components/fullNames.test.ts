import { expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { KnownClusterArgs } from "../../components/model/cluster";
import { everyKindArgs } from "../unit/fixtures";
import { Recorded, assignments, recordResources, settled, stdinOf } from "./mocks";

const DOMAIN = ".example.org";
const full = <T extends { name: string }>(host: T): T => ({ ...host, name: host.name + DOMAIN });

/** Hosts of every kind, with full DNS names for names. */
function fullArgs(): KnownClusterArgs {
    const { controlPlaneNodes, workerNodes, loadBalancer, etcd, ...args } = everyKindArgs();
    return {
        ...args,
        controlPlaneNodes: controlPlaneNodes.map(full),
        workerNodes: workerNodes?.map(full),
        loadBalancer: { ...loadBalancer, hosts: loadBalancer?.hosts?.map(full) },
        etcd: { ...etcd, hosts: etcd?.hosts?.map(full) },
    };
}

async function record(args: KnownClusterArgs): Promise<Recorded[]> {
    const recorded = recordResources();
    new Cluster("c", args);
    await settled();
    return recorded;
}

/** What a step is sent, but for digests and what is made from the names by a digest. */
const sent = (recorded: Recorded[], step: string) =>
    [...assignments(stdinOf(recorded, step))].filter(([name]) => !/DIGEST|^DESIRED$|TOKEN|NODE_OBJECTS/.test(name));

const shortened = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll(DOMAIN, "")) as T;

it("hosts with full DNS names have the same resources and parameters as hosts with short ones, but for the names", async () => {
    const [short, long] = [await record(everyKindArgs()), await record(fullArgs())];
    const names = (recorded: Recorded[]) => recorded.map(({ name }) => name).sort();
    expect(names(long)).toContain("c-cp1.example.org-node");
    expect(shortened(names(long)).sort()).toEqual(names(short));
    for (const host of ["cp1", "w1", "lb-lb1", "etcd-e1"]) {
        const parameters = sent(long, `c-${host}${DOMAIN}-prepare`);
        expect(JSON.stringify(parameters), host).toContain(DOMAIN);
        expect(shortened(parameters)).toEqual(sent(short, `c-${host}-prepare`));
    }
    const cluster = new Map(sent(long, "c-configuration-apply"));
    expect(cluster.get("NODES")!.split("\n")).toContain("cp1.example.org");
});

it("haproxy's servers have the full names", async () => {
    const prepared = new Map(sent(await record(fullArgs()), `c-lb-lb1${DOMAIN}-prepare`));
    expect(prepared.get("HAPROXY_CONFIG")).toContain("    server cp1.example.org 192.0.2.11:6443\n");
});
