import { Fault, count, fault } from "../lib/faults";

/** haproxy's settings of a server, which is one kube-apiserver (its configuration manual, 5.2). */
export interface BalancerServerArgs {
    /**
     * haproxy: the number of connections that the kube-apiserver gets at the same time; further ones wait in its queue.
     * @asType integer
     * @otherwise no limit
     * @change Reload.
     */
    maxConnections?: number;
    /**
     * haproxy: the number of connections that may wait for the kube-apiserver; further ones go to another one.
     * @asType integer
     * @otherwise no limit
     * @change Reload.
     */
    maxQueue?: number;
    /**
     * haproxy: the share of new connections, compared with the other kube-apiservers: 0 to 256. One with 0 gets no new connection.
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
    ...(maxQueue !== undefined && maxConnections === undefined
        ? [fault(`${at}.maxQueue`, maxQueue, "maxConnections as well: without a limit no connection waits")]
        : []),
];

/** Faults of the servers by name, which must be control plane nodes, and of which one must get connections. */
export function serversFaults(
    at: string,
    servers: Record<string, BalancerServerArgs>,
    { each = {}, nodes }: { each?: BalancerServerArgs; nodes: string[] },
): Fault[] {
    const weights = nodes.map((name) => servers[name]?.weight ?? each.weight ?? 1);
    const names = nodes.map((name) => `'${name}'`).join(", ");
    return [
        ...Object.entries(servers).flatMap(([name, server]) =>
            nodes.includes(name)
                ? serverFaults(`${at}.${name}`, { ...each, ...server })
                : [fault(`${at}.${name}`, name, `the name of a control plane node: ${names}`)],
        ),
        ...(weights.length > 0 && weights.every((weight) => weight === 0)
            ? [
                  fault(
                      at,
                      undefined,
                      "a weight above 0 for at least one control plane node, because no other gets a connection",
                  ),
              ]
            : []),
    ];
}
