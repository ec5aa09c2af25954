import { Fault, count, fault, within } from "../lib/faults";

/** haproxy's settings of a server, which is one kube-apiserver (its configuration manual, 5.2). */
export interface BalancerServerArgs {
    /**
     * haproxy: the number of connections that each haproxy has to the kube-apiserver at the same time. Further ones wait
     * for at most a minute.
     * @asType integer
     * @otherwise no limit
     * @change Reload.
     */
    maxConnections?: number;
    /**
     * haproxy: the number of connections that may wait for the kube-apiserver. Further ones go to another one.
     * @asType integer
     * @otherwise no limit
     * @change Reload.
     */
    maxQueue?: number;
    /**
     * haproxy: the share of new connections, compared with the other kube-apiservers: 0 to 256. A kube-apiserver with
     * weight 0 gets no new connection. Any other weight is refused with `balance: first`.
     * @asType integer
     * @otherwise haproxy's: 1
     * @change Reload.
     */
    weight?: number;
}

export const serverFaults = (at: string, { maxConnections, maxQueue, weight }: BalancerServerArgs): Fault[] => [
    ...count(`${at}.maxConnections`, maxConnections, 1, 1_000_000),
    ...count(`${at}.maxQueue`, maxQueue, 1, 1_000_000),
    ...count(`${at}.weight`, weight, 0, 256),
];

/** Faults of the settings of all kube-apiservers (`server`) and of single ones (`servers`, by the names of their nodes). */
export function serversFaults(
    at: string,
    { server = {}, servers = {} }: { server?: BalancerServerArgs; servers?: Record<string, BalancerServerArgs> },
    nodes: string[],
): Fault[] {
    const names = nodes.map((name) => `'${name}'`).join(", ");
    return [
        ...serverFaults(`${at}.server`, server),
        ...queueFaults(`${at}.server`, server, server),
        ...Object.entries(servers).flatMap(([name, own]) => {
            const path = within(`${at}.servers`, name);
            return nodes.includes(name)
                ? [...serverFaults(path, own), ...queueFaults(path, own, { ...server, ...own })]
                : [fault(path, name, `the name of a control plane node: ${names}`)];
        }),
        ...weightFaults(
            at,
            server,
            nodes.map((name) => servers[name] ?? {}),
        ),
    ];
}

const queueFaults = (at: string, { maxQueue }: BalancerServerArgs, { maxConnections }: BalancerServerArgs): Fault[] =>
    maxQueue !== undefined && maxConnections === undefined
        ? [fault(`${at}.maxQueue`, maxQueue, "maxConnections as well: without a limit no connection waits")]
        : [];

function weightFaults(at: string, { weight }: BalancerServerArgs, servers: BalancerServerArgs[]): Fault[] {
    const none = servers.length > 0 && servers.every((own) => (own.weight ?? weight) === 0);
    const path = weight === 0 ? `${at}.server.weight` : `${at}.servers`;
    return none
        ? [fault(path, 0, "a weight above 0 for at least one control plane node, because no other gets a connection")]
        : [];
}

/** Weights with `balance: first`. Weight 0 still takes a kube-apiserver out, and any other one brings it back. */
export const unusedWeights = (
    at: string,
    { server = {}, servers = {} }: { server?: BalancerServerArgs; servers?: Record<string, BalancerServerArgs> },
): Fault[] =>
    [
        { path: `${at}.server`, weight: server.weight },
        ...Object.entries(server.weight === 0 ? {} : servers).map(([name, { weight }]) => ({
            path: within(`${at}.servers`, name),
            weight,
        })),
    ]
        .filter(({ weight }) => weight !== undefined && weight !== 0)
        .map(({ path, weight }) =>
            fault(`${path}.weight`, weight, "none or 0, because haproxy ignores a weight with balance 'first'"),
        );
