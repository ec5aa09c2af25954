import { Fault, fault, oneOf } from "../lib/faults";
import { isOwnFolder, isPort } from "../lib/forms";
import { PORTS } from "../lib/ports";

/** How long etcd keeps old revisions: for a time, or a number of them. */
export const AutoCompactionMode = { Periodic: "periodic", Revision: "revision" } as const;
export type AutoCompactionMode = (typeof AutoCompactionMode)[keyof typeof AutoCompactionMode];

/**
 * etcd's own options, by etcd's names (etcd.io, "Configuration options"), alike for every etcd that is made here. A change
 * restarts one member after the other.
 */
export interface EtcdOptionsArgs {
    /**
     * The quota in bytes, 64 MiB to 64 GiB. etcd refuses writes beyond it.
     * @asType integer
     * @otherwise etcd's: 2 GiB
     * @change Rolled out member by member.
     */
    quotaBackendBytes?: number;
    /**
     * The time between a leader's heartbeats: about one round trip between members.
     * @kind milliseconds
     * @otherwise etcd's: 100
     * @change Rolled out member by member.
     */
    heartbeatInterval?: number;
    /**
     * The time without a heartbeat after which members elect a leader: at least five heartbeats, at most 50000.
     * @kind milliseconds
     * @otherwise etcd's: 1000
     * @change Rolled out member by member.
     */
    electionTimeout?: number;
    /**
     * `periodic` or `revision`.
     * @otherwise etcd's: `periodic`
     * @change Rolled out member by member.
     */
    autoCompactionMode?: AutoCompactionMode;
    /**
     * A duration such as `1h` (`periodic`), or a number of revisions (`revision`). kube-apiserver compacts every five
     * minutes by itself.
     * @otherwise etcd's: none
     * @change Rolled out member by member.
     */
    autoCompactionRetention?: string;
    /**
     * The number of committed transactions between two snapshots to disk. etcd's own default (10000) lets a member of
     * a young cluster forget, after two restarts, that another member was replaced.
     * @asType integer
     * @default 500
     * @change Rolled out member by member.
     */
    snapshotCount?: number;
    /**
     * The folder of a member's data.
     * @kind path
     * @default "/var/lib/etcd"
     * @change Refused.
     */
    dataDir?: string;
    /**
     * The `http://` URLs at which `/metrics` and `/health` answer, without a certificate. The kubelet probes the first.
     * @default ["http://127.0.0.1:2381"]
     * @change Rolled out member by member.
     */
    listenMetricsUrls?: string[];
}

/**
 * The folder and the URL are kubeadm's (constants.EtcdMetricsPort and the default of `etcd.local.dataDir`).
 *
 * The snapshots are frequent because of a defect of etcd 3.6 (seen with 3.6.6; 3.6.16 has the same code). Members that start
 * together first agree on the cluster version 3.0, then on 3.6. A member that restarts without a snapshot applies that entry again,
 * takes it for a downgrade, and forces a snapshot in the middle of its log (server/etcdserver/apply/apply.go, ClusterVersionSet):
 * with the members of today and the raft configuration of then. After its next restart it refuses the later changes of the
 * configuration ("Validation on configuration change failed"), and goes on with a member that was replaced since. A snapshot
 * after that entry prevents it, so it must come before a first member is replaced. It is cheap: a snapshot of etcd 3.6 has the
 * members alone.
 */
export const ETCD_DEFAULTS = {
    dataDir: "/var/lib/etcd",
    listenMetricsUrls: ["http://127.0.0.1:2381"],
    snapshotCount: 500,
};

/** etcd's own, against which an option that is given alone is held (server/embed/config.go). */
export const ETCD_TIMING = { heartbeatInterval: 100, electionTimeout: 1000, maxElectionTimeout: 50_000 } as const;

/** The options with those that always have a value. */
export type EtcdOptions = EtcdOptionsArgs & typeof ETCD_DEFAULTS;

export const resolveEtcdOptions = (options: EtcdOptionsArgs): EtcdOptions => ({
    ...ETCD_DEFAULTS,
    ...definedOptions(options),
});

/** The options alone, of arguments that have more; those that were left out are not there. */
export function definedOptions(args: EtcdOptionsArgs): EtcdOptionsArgs {
    const options: Record<keyof EtcdOptionsArgs, unknown> = {
        quotaBackendBytes: args.quotaBackendBytes,
        heartbeatInterval: args.heartbeatInterval,
        electionTimeout: args.electionTimeout,
        autoCompactionMode: args.autoCompactionMode,
        autoCompactionRetention: args.autoCompactionRetention,
        snapshotCount: args.snapshotCount,
        dataDir: args.dataDir,
        listenMetricsUrls: args.listenMetricsUrls,
    };
    return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

const isMetricsUrl = (url: string): boolean => {
    const port = Number(/^http:\/\/(?:\[[0-9a-f:]+\]|[0-9.]+):(\d+)$/.exec(url)?.[1]);
    return isPort(port) && port !== PORTS.etcdClient && port !== PORTS.etcdPeer;
};

const DURATION = /^(\d+(\.\d+)?(h|m|s))+$/;
/** The smallest quota that holds a cluster's own objects, and one that no disk of a member should be filled with (etcd suggests 8 GiB at most). */
const QUOTA = { least: 64 * 1024 ** 2, most: 64 * 1024 ** 3 };

/** etcd's own options; `path` is where they stand, "etcd." or "". */
export function etcdOptionFaults(path: string, options: EtcdOptionsArgs): Fault[] {
    return [...numberFaults(path, options), ...compactionFaults(path, options), ...placeFaults(path, options)];
}

function numberFaults(path: string, options: EtcdOptionsArgs): Fault[] {
    const { quotaBackendBytes: quota, snapshotCount, heartbeatInterval: given, electionTimeout } = options;
    const heartbeat = given ?? ETCD_TIMING.heartbeatInterval;
    const election = electionTimeout ?? ETCD_TIMING.electionTimeout;
    const faults: Fault[] = [];
    if (!isWhole(quota, QUOTA.least) || (quota ?? 0) > QUOTA.most) {
        const expected = `whole bytes, ${QUOTA.least} (64 MiB) to ${QUOTA.most} (64 GiB)`;
        faults.push(fault(`${path}quotaBackendBytes`, quota, expected));
    }
    if (!isWhole(snapshotCount, 1)) {
        faults.push(fault(`${path}snapshotCount`, snapshotCount, "a whole number, 1 or more"));
    }
    if (!isWhole(given, 1)) {
        return [...faults, fault(`${path}heartbeatInterval`, given, "whole milliseconds, 1 or more")];
    }
    // etcd refuses to start with less, or with more (server/embed/config.go).
    if (!isWhole(electionTimeout, 1) || election < 5 * heartbeat || election > ETCD_TIMING.maxElectionTimeout) {
        const expected = `whole milliseconds, at least five heartbeats (${5 * heartbeat}), at most ${ETCD_TIMING.maxElectionTimeout}`;
        faults.push(fault(`${path}electionTimeout`, electionTimeout ?? `its default, ${election}`, expected));
    }
    return faults;
}

const isWhole = (value: unknown, least: number): boolean =>
    value === undefined || (Number.isInteger(value) && (value as number) >= least);

function compactionFaults(path: string, { autoCompactionMode: mode, autoCompactionRetention: kept }: EtcdOptionsArgs) {
    const faults = oneOf(`${path}autoCompactionMode`, mode, AutoCompactionMode);
    const number = mode === AutoCompactionMode.Revision;
    if (mode !== undefined && kept === undefined) {
        faults.push(fault(`${path}autoCompactionRetention`, kept, "a value, because autoCompactionMode is set"));
    }
    // A number alone would be hours, which nobody guesses.
    if (kept !== undefined && !(number ? /^\d+$/ : DURATION).test(String(kept))) {
        faults.push(
            fault(
                `${path}autoCompactionRetention`,
                kept,
                number ? "a number of revisions, because the mode is 'revision'" : "a duration, e.g. '30m' or '1h'",
            ),
        );
    }
    return faults;
}

function placeFaults(path: string, { dataDir, listenMetricsUrls: urls }: EtcdOptionsArgs): Fault[] {
    const faults: Fault[] = [];
    if (dataDir !== undefined && !(isOwnFolder(dataDir) && dataDir.indexOf("/", 1) > 0)) {
        faults.push(fault(`${path}dataDir`, dataDir, "the path of a folder of its own, e.g. '/var/lib/etcd'"));
    }
    if (urls !== undefined && (!Array.isArray(urls) || urls.length === 0)) {
        return [...faults, fault(`${path}listenMetricsUrls`, urls, "a list of http:// URLs, one or more")];
    }
    const wrong = (urls ?? []).map((url, i) => ({ url, at: `${path}listenMetricsUrls[${i}]` }));
    return [
        ...faults,
        ...wrong
            .filter(({ url }) => !isMetricsUrl(url))
            .map(({ url, at }) =>
                fault(at, url, "http://<address>:<port>, on a port that neither clients nor peers use"),
            ),
    ];
}
