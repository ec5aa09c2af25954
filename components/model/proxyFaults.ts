import { isIP } from "net";
import { isLoopback } from "../lib/addresses";
import { Fault, count, fault, oneOf, seconds, wordFaults } from "../lib/faults";
import { isPort } from "../lib/forms";
import { Balance, BalancerProxyArgs, BalancerStatsArgs, CheckKind, ProxyLog, resolveStats } from "./proxy";
import { serversFaults, unusedWeights } from "./proxyServers";

/** Faults of a proxy that balances on so many hosts. */
export function proxyFaults(
    at: string,
    { balance, maxConnections, log, server, servers, check = {}, timeouts = {}, stats }: BalancerProxyArgs,
    nodes: string[],
    hosts: number,
): Fault[] {
    return [
        ...oneOf(`${at}.log`, log, ProxyLog),
        ...serversFaults(at, { server, servers }, nodes),
        ...oneOf(`${at}.check.kind`, check.kind, CheckKind),
        ...oneOf(`${at}.balance`, balance, Balance),
        ...count(`${at}.maxConnections`, maxConnections, 16, 1_000_000),
        ...(["interval", "fastInterval", "downInterval", "timeout"] as const).flatMap((key) =>
            seconds(`${at}.check.${key}`, check[key], 0.1, 60),
        ),
        ...count(`${at}.check.rise`, check.rise, 1, 100),
        ...count(`${at}.check.fall`, check.fall, 1, 100),
        ...seconds(`${at}.check.slowStart`, check.slowStart, 0, 3600),
        ...seconds(`${at}.timeouts.connect`, timeouts.connect, 0.1, 60),
        // Less, and idle watches would be cut: kubelets and controllers would dial all the time.
        ...seconds(`${at}.timeouts.client`, timeouts.client, 60, 86400),
        ...seconds(`${at}.timeouts.server`, timeouts.server, 60, 86400),
        ...(stats === undefined ? [] : statsFaults(`${at}.stats`, stats, hosts)),
    ];
}

function statsFaults(at: string, { password, ...args }: BalancerStatsArgs, hosts: number): Fault[] {
    const { port, address, user } = resolveStats(args);
    const loopback = isLoopback(address);
    const ofOneHost = isIP(address) !== 0 && !loopback && !["0.0.0.0", "::"].includes(address);
    return [
        ...(isPort(port) ? [] : [fault(`${at}.port`, port, "a port, 1 to 65535")]),
        ...(isIP(address) ? [] : [fault(`${at}.address`, address, "an IP address")]),
        ...(ofOneHost && hosts > 1
            ? [
                  fault(
                      `${at}.address`,
                      address,
                      `0.0.0.0, :: or a loopback address, because all ${hosts} hosts get the same file, and haproxy does not start on a host without this address`,
                  ),
              ]
            : []),
        ...(/^[\w.-]{1,64}$/.test(user) ? [] : [fault(`${at}.user`, user, "letters, digits, '.', '_' and '-'")]),
        ...(isIP(address) && !loopback && password === undefined
            ? [fault(`${at}.password`, undefined, `a password, because other hosts can connect to ${address}`)]
            : []),
        ...wordFaults(`${at}.password`, password, /^[\x21-\x7e]{1,128}$/, "1 to 128 printable characters, no space"),
    ];
}

/** Refuses the options that have no effect in haproxy, because of another one. */
export const unusedFaults = (at: string, { balance, server, servers, check = {} }: BalancerProxyArgs): Fault[] => [
    ...(check.kind === CheckKind.Tcp && check.timeout !== undefined
        ? [
              fault(
                  `${at}.check.timeout`,
                  check.timeout,
                  "none, because a check of kind 'tcp' ends after timeouts.connect or check.interval, whichever is less",
              ),
          ]
        : []),
    ...(balance === Balance.First ? unusedWeights(at, { server, servers }) : []),
];

/** Refuses the options that nginx's stream module does not have. */
export function haproxyOnlyFaults(
    at: string,
    { balance, server, servers, check = {}, timeouts = {}, stats }: BalancerProxyArgs,
): Fault[] {
    const given: [string, unknown][] = [
        [`${at}.server`, server],
        [`${at}.servers`, servers],
        [`${at}.balance`, balance === Balance.First ? balance : undefined],
        ...(["kind", "fastInterval", "downInterval", "slowStart"] as const).map((key): [string, unknown] => [
            `${at}.check.${key}`,
            check[key],
        ]),
        [`${at}.timeouts.client`, timeouts.client],
        [`${at}.stats`, stats],
    ];
    return given
        .filter(([, value]) => value !== undefined)
        .map(([path, value]) => fault(path, value, "none, because nginx has no such option for TCP streams"));
}
