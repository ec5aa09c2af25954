import { Fault, count, duplicates, fault } from "../lib/faults";
import { isDnsName } from "../lib/forms";
import { NetworkSettings } from "./network";
import { upstreamsFaults } from "./upstreams";

/** Options of CoreDNS's configuration file, the Corefile. */
export interface CorefileArgs {
    /**
     * CoreDNS's cache of names outside the cluster. NodeLocal DNSCache has a cache of its own.
     * @change As for `replicas`. A Corefile that somebody has edited is not overwritten: the `up` fails and says so.
     */
    cache?: DnsCacheArgs;
    /**
     * Where names outside the cluster are asked for.
     * @change As for `cache`. NodeLocal DNSCache reads its own new configuration within two minutes.
     */
    forward?: DnsForwardArgs;
    /**
     * Domains with name servers of their own, e.g. a company's. A domain within another one takes precedence over it,
     * and the cluster's own names over all of them.
     * @change As for `forward`.
     */
    stubDomains?: StubDomainArgs[];
}

/** CoreDNS's plugin `cache`. */
export interface DnsCacheArgs {
    /**
     * How many answers are kept, and as many denials, 1024 or more; rounded down to a multiple of 256. A larger
     * cache needs more memory: raise `coreDns.resources.limits.memory` with it.
     * @asType integer
     * @otherwise CoreDNS's: 9984
     * @change As for `coreDns.cache`.
     */
    capacity?: number;
    /**
     * How long an answer is kept at most, in seconds, up to 3600. An answer's own TTL may be shorter.
     * @asType integer
     * @otherwise kubeadm's: 30
     * @change As for `coreDns.cache`.
     */
    ttlSeconds?: number;
}

/** CoreDNS's plugin `forward`. */
export interface DnsForwardArgs {
    /**
     * The name servers, at most 15, of which one is chosen at random: an address, with a port or without
     * (`192.0.2.53:5353`, `[2001:db8::53]:5353`), or the same after `tls://` for DNS over TLS.
     * @otherwise those of the node's `/etc/resolv.conf`
     * @change As for `coreDns.forward`.
     */
    upstreams?: string[];
    /**
     * The name in the certificate of the `tls://` upstreams.
     * @otherwise their addresses
     * @change As for `coreDns.forward`.
     */
    tlsServerName?: string;
    /**
     * How many questions may wait for an answer at the same time, for each domain of `stubDomains` too. CoreDNS refuses
     * those above it. Each takes about 2 KiB.
     * @asType integer
     * @otherwise kubeadm's: 1000
     * @change As for `coreDns.cache`.
     */
    maxConcurrent?: number;
}

/** A domain with its own name servers. */
export interface StubDomainArgs {
    /**
     * The domain, e.g. `corp.example.com`; `10.in-addr.arpa` for the names of addresses.
     * @change As for `coreDns.forward`.
     */
    domain: string;
    /**
     * The domain's name servers, as in `forward.upstreams`.
     * @change As for `coreDns.forward`.
     */
    upstreams: string[];
    /**
     * As in `forward`.
     * @otherwise their addresses
     * @change As for `coreDns.forward`.
     */
    tlsServerName?: string;
}

export function corefileFaults(
    { cache = {}, forward = {}, stubDomains = [] }: CorefileArgs,
    around: { network: NetworkSettings; nodeLocalCache?: { local: string } },
): Fault[] {
    const at = (i: number) => `coreDns.stubDomains[${i}]`;
    const domains = stubDomains.map(({ domain }, i) => ({ path: `${at(i)}.domain`, value: domain }));
    return [
        ...count("coreDns.cache.capacity", cache.capacity, 1024, 1_000_000),
        ...count("coreDns.cache.ttlSeconds", cache.ttlSeconds, 1, 3600),
        ...count("coreDns.forward.maxConcurrent", forward.maxConcurrent, 1, 100_000),
        ...upstreamsFaults("coreDns.forward", forward, around),
        ...stubDomains.flatMap((stub, i) => upstreamsFaults(at(i), stub, around)),
        ...domains.flatMap(({ path, value }) => domainFaults(path, value, around.network)),
        ...duplicates(domains, "a domain"),
    ];
}

function domainFaults(path: string, domain: string, { dnsDomain }: NetworkSettings): Fault[] {
    if (!isDnsName(domain)) return [fault(path, domain, "a DNS domain in lower case, without a dot at its end")];
    return `.${domain}`.endsWith(`.${dnsDomain}`)
        ? [fault(path, domain, `a domain outside ${dnsDomain}, whose names CoreDNS answers itself`)]
        : [];
}
