import { readFileSync } from "fs";
import * as path from "path";
import * as lab from "../../lab/api";
import type { KnownClusterArgs } from "../../components/model/cluster";
import type { PackageRepositoryArgs } from "../../components/model/packageRepositories";
import { LAB_FILES, REPO_DIR } from "../../lab/paths";
import { resolveSettings } from "../../components/model/cluster";
import { devConfig, said, Stack } from "../e2e/stack";
import { apiserversReadyAt, bootstrapBegan, timed } from "./clock";
import { ByHand, clusterByHand, prepareByHand } from "./byHand";

const HOSTS_FILE = path.join(__dirname, "hosts.yaml");
const address = (n: number): string => `10.88.0.${10 + n}`;
const nodes = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `cp${i + 1}`, address: address(i + 1) }));

/** New hosts, and a stack that knows nothing of them. */
async function freshStack(controlPlanes: number, hosts: string[]): Promise<Stack> {
    await lab.down(() => undefined);
    await lab.up({ hosts, hostsFile: HOSTS_FILE, report: () => undefined });
    const workerNodes = devConfig().workerNodes.filter(({ name }: { name: string }) => hosts.includes(name));
    return new Stack({ ...devConfig(), controlPlaneNodes: nodes(controlPlanes), workerNodes });
}

async function up(stack: Stack, ...flags: string[]): Promise<void> {
    const outcome = await stack.up(...flags);
    if (outcome.code !== 0) throw new Error(`pulumi up: ${said(outcome)}`);
}

export interface Created {
    apiservers: number;
    total: number;
    stack: Stack;
}

const LEADERS = ["cp1", "cp2", "cp3"];
export const HOSTS = [...LEADERS, "w1", "w2"];

/** `pulumi up` on fresh hosts, until every node is Ready; and how long its apiservers took from the first bootstrap command. */
export async function withPulumi(): Promise<Created> {
    const stack = await freshStack(3, HOSTS);
    // Makes the stack, which is no part of either side's work.
    await lab.run(["true"]);
    const ready = apiserversReadyAt(nodes(3).map((node) => node.address));
    const total = await timed(() => up(stack));
    return { apiservers: ((await ready) - (await bootstrapBegan(LEADERS))) / 1000, total, stack };
}

/** The same preparation of like hosts by the same script, all at once; then the runbook's serial commands. */
export async function byHand(): Promise<ByHand> {
    await freshStack(3, HOSTS);
    const settings = resolveSettings(clusterArgs());
    const prepared = await timed(() => prepareByHand(settings));
    const hand = await clusterByHand(settings, LEADERS, ["w1", "w2"]);
    return { apiservers: hand.apiservers, total: prepared + hand.total };
}

/** The lab's stack configuration, without Pulumi to read it. */
function clusterArgs(): KnownClusterArgs {
    const { sources, ...config } = devConfig();
    const key = readFileSync(LAB_FILES.aptKey, "utf8").trimEnd();
    const withKey = ({ uri, suite }: PackageRepositoryArgs) => ({ uri, suite, key });
    const repositories = { kubernetes: withKey(sources.kubernetes), containerd: withKey(sources.containerd) };
    return {
        ...config,
        ssh: { privateKey: "" },
        controlPlaneNodes: nodes(3),
        sources: { ...sources, ...repositories },
        restrictOomScoreAdj: true,
    };
}

/** `pulumi up` of a cluster with that many control plane nodes and no worker. */
export async function upWith(controlPlanes: number): Promise<number> {
    const stack = await freshStack(
        controlPlanes,
        nodes(controlPlanes).map((node) => node.name),
    );
    return timed(() => up(stack));
}

export const noOp = (stack: Stack): Promise<number> => timed(() => up(stack));

/** An `up` of a program with nothing in it. */
export async function emptyProgram(): Promise<number> {
    const folder = path.join(REPO_DIR, "tests/bench/empty");
    const pulumi = (...words: string[]) => lab.run(["pulumi", ...words, "--non-interactive"], { cwd: folder });
    // Fails from the second time on, when it is there.
    await pulumi("stack", "init", "empty");
    return timed(async () => {
        const outcome = await pulumi("up", "--stack", "empty", "--yes", "--skip-preview");
        if (outcome.code !== 0) throw new Error(`pulumi up of the empty program: ${said(outcome)}`);
    });
}

export interface PerHost {
    /** Logins and resources of the host that has most. */
    connections: number;
    resources: number;
    /** The whole stack as it is stored (PULUMI_DIY_BACKEND_GZIP), divided by its hosts. */
    storedBytes: number;
    /** A host's own resources, as they stand in the state before it is packed. */
    plainBytes: number;
}

export async function perHost(stack: Stack): Promise<PerHost> {
    const logins = await Promise.all(HOSTS.map(lab.sshConnectionCount));
    const resources = stack.resources();
    const own = (host: string) => resources.filter(({ urn }) => new RegExp(`::cluster-${host}(-|$)`).test(urn));
    const plain = HOSTS.map((host) => JSON.stringify(own(host)).length);
    return {
        connections: Math.max(...logins),
        resources: Math.max(...HOSTS.map((host) => own(host).length)),
        storedBytes: Math.round(stack.storedBytes() / HOSTS.length),
        plainBytes: Math.round(plain.reduce((sum, bytes) => sum + bytes, 0) / HOSTS.length),
    };
}
