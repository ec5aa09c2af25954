import { ETCD_TIMING } from "../constants";
import { AutoCompactionMode, EtcdOptionsArgs } from "../types";
import { Fault, fault, oneOf } from "./fault";

const DURATION = /^(\d+(\.\d+)?(h|m|s))+$/;
/** The smallest quota that holds a cluster's own objects. */
const MINIMUM_QUOTA = 64 * 1024 * 1024;

/** etcd's own options; `path` is where they stand, "etcd." or "". */
export function etcdOptionFaults(path: string, options: EtcdOptionsArgs): Fault[] {
    return [...numberFaults(path, options), ...compactionFaults(path, options), ...placeFaults(path, options)];
}

function numberFaults(path: string, options: EtcdOptionsArgs): Fault[] {
    const { quotaBackendBytes: quota, snapshotCount, heartbeatInterval: given, electionTimeout } = options;
    const heartbeat = given ?? ETCD_TIMING.heartbeatInterval;
    const election = electionTimeout ?? ETCD_TIMING.electionTimeout;
    const faults: Fault[] = [];
    if (!isWhole(quota, MINIMUM_QUOTA))
        faults.push(fault(`${path}quotaBackendBytes`, quota, `whole bytes, ${MINIMUM_QUOTA} (64 MiB) or more`));
    if (!isWhole(snapshotCount, 1))
        faults.push(fault(`${path}snapshotCount`, snapshotCount, "a whole number, 1 or more"));
    if (!isWhole(given, 1))
        return [...faults, fault(`${path}heartbeatInterval`, given, "whole milliseconds, 1 or more")];
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
    if (mode !== undefined && kept === undefined)
        faults.push(fault(`${path}autoCompactionRetention`, kept, "a value, as autoCompactionMode is given"));
    // A number alone would be hours, which nobody guesses.
    if (kept !== undefined && !(number ? /^\d+$/ : DURATION).test(String(kept)))
        faults.push(
            fault(
                `${path}autoCompactionRetention`,
                kept,
                number ? "a number of revisions, as the mode is 'revision'" : "a duration, e.g. '30m' or '1h'",
            ),
        );
    return faults;
}

function placeFaults(path: string, { dataDir, listenMetricsUrls: urls }: EtcdOptionsArgs): Fault[] {
    const faults: Fault[] = [];
    if (dataDir !== undefined && !/^(\/[\w][\w.-]*){2,}$/.test(dataDir))
        faults.push(fault(`${path}dataDir`, dataDir, "the path of a folder of its own, e.g. '/var/lib/etcd'"));
    if (urls !== undefined && (!Array.isArray(urls) || urls.length === 0))
        return [...faults, fault(`${path}listenMetricsUrls`, urls, "a list of http:// URLs, one or more")];
    const wrong = (urls ?? []).map((url, i) => ({ url, at: `${path}listenMetricsUrls[${i}]` }));
    return [
        ...faults,
        ...wrong
            .filter(({ url }) => !/^https?:\/\/(\[[0-9a-f:]+\]|[0-9.]+):\d+$/.test(url))
            .map(({ url, at }) => fault(at, url, "http://<address>:<port>")),
    ];
}
