import * as pulumi from "@pulumi/pulumi";
import { BalancerServerArgs } from "./proxyServers";

/** Which server gets a new connection. */
export const Balance = {
    LeastConnections: "leastconn",
    RoundRobin: "roundrobin",
    Source: "source",
    First: "first",
} as const;
export type Balance = (typeof Balance)[keyof typeof Balance];

/** What a proxy writes to its log. */
export const ProxyLog = {
    Events: "events",
    Connections: "connections",
} as const;
export type ProxyLog = (typeof ProxyLog)[keyof typeof ProxyLog];

/** How haproxy checks a kube-apiserver. */
export const CheckKind = {
    Readyz: "readyz",
    Tcp: "tcp",
} as const;
export type CheckKind = (typeof CheckKind)[keyof typeof CheckKind];

/** The words and meanings are haproxy's (its configuration manual, chapters 4 and 5); durations are in seconds. */
export interface BalancerProxyArgs {
    /**
     * How haproxy or nginx chooses a kube-apiserver: `leastconn` (its connections live long), `roundrobin`, `source`,
     * or (haproxy) `first`.
     * @default "leastconn"
     * @change Reload.
     */
    balance?: Balance;
    /**
     * The number of simultaneous connections; further ones wait.
     * @asType integer
     * @default 8192
     * @change Reload.
     */
    maxConnections?: number;
    /**
     * `events` (a kube-apiserver goes down or comes back), or also `connections`: a line when a connection ends (haproxy's
     * `option tcplog`).
     * @default "events"
     * @change Reload.
     */
    log?: ProxyLog;
    /** haproxy's settings of every kube-apiserver. */
    server?: BalancerServerArgs;
    /** haproxy's settings of one kube-apiserver, by the name of its node. They override `server`. */
    servers?: Record<string, BalancerServerArgs>;
    check?: BalancerCheckArgs;
    timeouts?: BalancerTimeoutArgs;
    /** haproxy's page of figures. nginx has none for streams. */
    stats?: BalancerStatsArgs;
}

/** How often an apiserver is asked for /readyz, and how its answers count. */
export interface BalancerCheckArgs {
    /**
     * haproxy: `readyz` asks kube-apiserver for /readyz; `tcp` only connects, so a kube-apiserver that cannot serve stays in use.
     * @default "readyz"
     * @change Reload.
     */
    kind?: CheckKind;
    /**
     * The time between two checks of a healthy kube-apiserver.
     * @kind seconds
     * @default 1
     * @change Reload.
     */
    interval?: number;
    /**
     * haproxy: the time between two checks of a server in transition.
     * @kind seconds
     * @default 0.5
     * @change Reload.
     */
    fastInterval?: number;
    /**
     * haproxy: the time between two checks of a server that is down.
     * @kind seconds
     * @default 0.5
     * @change Reload.
     */
    downInterval?: number;
    /**
     * A check that takes longer has failed. Refused with haproxy's `kind: tcp`, whose check ends after `timeouts.connect` or
     * `interval`, whichever is less.
     * @kind seconds
     * @default 2
     * @change Reload.
     */
    timeout?: number;
    /**
     * The number of successful checks that bring a server back.
     * @asType integer
     * @default 1
     * @change Reload.
     */
    rise?: number;
    /**
     * The number of failed checks that remove a server and close its connections.
     * @asType integer
     * @default 2
     * @change Reload.
     */
    fall?: number;
    /**
     * haproxy: the time in which a returned server reaches its full share of new connections.
     * @kind seconds
     * @default 10
     * @change Reload.
     */
    slowStart?: number;
}

export interface BalancerTimeoutArgs {
    /**
     * How long the proxy waits for a kube-apiserver to accept a connection before it tries another.
     * @kind seconds
     * @default 2
     * @change Reload.
     */
    connect?: number;
    /**
     * haproxy: the idle timeout on the client's side. Watches are silent for long.
     * @kind seconds
     * @default 3600
     * @change Reload.
     */
    client?: number;
    /**
     * The idle timeout on kube-apiserver's side; nginx has this one alone.
     * @kind seconds
     * @default 3600
     * @change Reload.
     */
    server?: number;
}

export interface BalancerStatsArgs {
    /**
     * The port of haproxy's statistics page.
     * @asType integer
     * @otherwise none: no page
     * @change Reload.
     */
    port: number;
    /**
     * The address of the page. Any other than loopback requires a password. Where several hosts balance: loopback, `0.0.0.0` or `::`.
     * @kind IP address
     * @default "127.0.0.1"
     * @change Reload.
     */
    address?: string;
    /**
     * The user of the page.
     * @default "admin"
     * @change Reload.
     */
    user?: string;
    /**
     * The password of the page, in a file that root alone reads. HTTP carries it in clear text.
     * @kind secret string
     * @change Reload.
     */
    password?: pulumi.Input<string>;
}

/**
 * A dead apiserver is out within three seconds (two checks, at most two seconds each); idle timeouts are above any
 * watch's silence; `slowStart` keeps a restarted apiserver from getting all new connections at once.
 */
export const PROXY_DEFAULTS = {
    balance: "leastconn",
    maxConnections: 8192,
    log: "events",
    check: {
        kind: "readyz",
        interval: 1,
        fastInterval: 0.5,
        downInterval: 0.5,
        timeout: 2,
        rise: 1,
        fall: 2,
        slowStart: 10,
    },
    timeouts: { connect: 2, client: 3600, server: 3600 },
    stats: { address: "127.0.0.1", user: "admin" },
} as const;

/** The password itself is one of `ClusterSecrets`. */
type StatsSettings = Required<Omit<BalancerStatsArgs, "password">> & { hasPassword: boolean };

/** A proxy's arguments with every default filled in. */
export interface ProxySettings extends Required<Omit<BalancerProxyArgs, "check" | "timeouts" | "stats">> {
    check: Required<BalancerCheckArgs>;
    timeouts: Required<BalancerTimeoutArgs>;
    stats?: StatsSettings;
}

export const resolveProxy = (args: BalancerProxyArgs = {}): ProxySettings => ({
    balance: args.balance ?? PROXY_DEFAULTS.balance,
    maxConnections: args.maxConnections ?? PROXY_DEFAULTS.maxConnections,
    log: args.log ?? PROXY_DEFAULTS.log,
    server: args.server ?? {},
    servers: args.servers ?? {},
    check: { ...PROXY_DEFAULTS.check, ...args.check },
    timeouts: { ...PROXY_DEFAULTS.timeouts, ...args.timeouts },
    stats: args.stats && resolveStats(args.stats),
});

export const resolveStats = ({ password, ...args }: BalancerStatsArgs): StatsSettings => ({
    ...PROXY_DEFAULTS.stats,
    ...args,
    hasPassword: password !== undefined,
});
