import { Fault, count, duplicates, fault } from "../lib/faults";
import { isDnsName } from "../lib/forms";
import { nearest } from "../lib/nearest";
import { COREDNS_PLUGINS } from "../versions/coreDnsPlugins";
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
    /**
     * Server blocks of your own, for domains whose names CoreDNS shall answer by other plugins, such as `hosts` or `template`.
     * @change As for `forward`. CoreDNS itself reads the plugins' options: where its new pods do not start with them, the
     * `up` fails, and the former pods serve until they are restarted. Correct the block, or remove it.
     */
    serverBlocks?: ServerBlockArgs[];
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

/** A server block of the Corefile (coredns.io, "Configuration"). */
export interface ServerBlockArgs {
    /**
     * The domain, e.g. `corp.example.com`. The block alone answers for it: it can contain neither the cluster's own
     * domain nor one of `stubDomains`. For names of addresses use `stubDomains`.
     * @change As for `coreDns.serverBlocks`.
     */
    domain: string;
    /**
     * The plugins with their options, as between the braces of a Corefile: each plugin, and each closing brace, in a line of
     * its own. Without `bind`, because all server blocks share CoreDNS's addresses.
     * @change As for `coreDns.serverBlocks`.
     */
    plugins: string;
}

export function corefileFaults(
    { cache = {}, forward = {}, stubDomains = [], serverBlocks = [] }: CorefileArgs,
    around: { network: NetworkSettings; nodeLocalCache?: { local: string } },
): Fault[] {
    const at = (i: number) => `coreDns.stubDomains[${i}]`;
    const stubs = stubDomains.map(({ domain }, i) => ({ path: `${at(i)}.domain`, value: domain }));
    const blocks = serverBlocks.map(({ domain }, i) => ({ path: `coreDns.serverBlocks[${i}].domain`, value: domain }));
    return [
        ...count("coreDns.cache.capacity", cache.capacity, 1024, 1_000_000),
        ...count("coreDns.cache.ttlSeconds", cache.ttlSeconds, 1, 3600),
        ...count("coreDns.forward.maxConcurrent", forward.maxConcurrent, 1, 100_000),
        ...upstreamsFaults("coreDns.forward", forward, around),
        ...stubDomains.flatMap((stub, i) => upstreamsFaults(at(i), stub, around)),
        ...[...stubs, ...blocks].flatMap(({ path, value }) => domainFaults(path, value, around.network)),
        ...blocks.flatMap(({ path, value }) => blockDomainFaults(path, value, around.network)),
        ...stubs.flatMap(({ path, value }) => hiddenFaults(path, value, blocks)),
        ...serverBlocks.flatMap(({ plugins }, i) => pluginsFaults(`coreDns.serverBlocks[${i}].plugins`, plugins)),
        ...duplicates([...blocks, ...stubs], "a domain"),
    ];
}

function domainFaults(path: string, domain: string, { dnsDomain }: NetworkSettings): Fault[] {
    if (!isDnsName(domain)) return [fault(path, domain, "a DNS domain in lower case, without a dot at its end")];
    return isWithin(domain, dnsDomain)
        ? [fault(path, domain, `a domain outside ${dnsDomain}, whose names CoreDNS answers itself`)]
        : [];
}

const isWithin = (domain: string, other: string): boolean => `.${domain}`.endsWith(`.${other}`);

/** CoreDNS asks the block of the longest domain, so one above the cluster's would answer for the cluster. */
function blockDomainFaults(path: string, domain: string, { dnsDomain }: NetworkSettings): Fault[] {
    if (domain !== dnsDomain && isWithin(dnsDomain, domain)) {
        return [fault(path, domain, `a domain that does not contain ${dnsDomain}, whose names CoreDNS answers itself`)];
    }
    return ["in-addr.arpa", "ip6.arpa"].some((zone) => isWithin(domain, zone) || isWithin(zone, domain))
        ? [
              fault(
                  path,
                  domain,
                  "a domain of names, because addresses may be the cluster's; coreDns.stubDomains takes it",
              ),
          ]
        : [];
}

/** A server block answers for all domains within its own. */
const hiddenFaults = (path: string, domain: string, blocks: { path: string; value: string }[]): Fault[] =>
    blocks
        .filter(({ value }) => domain !== value && isWithin(domain, value))
        .map((block) => fault(path, domain, `a domain outside of ${block.path}, ${block.value}, which answers for it`));

/** The faults of a server block that show without CoreDNS: unknown plugins, and braces and quotation marks that do not close. */
function pluginsFaults(path: string, plugins: string): Fault[] {
    const lines = wordsOf(plugins);
    if (lines.length === 0) return [fault(path, plugins, "the plugins of the server block")];
    const faults: Fault[] = [];
    let depth = 0;
    for (const words of lines) {
        const [first, ...others] = words;
        if (first === "}") {
            depth--;
            if (depth < 0 || others.length > 0) return [...faults, fault(path, words.join(" "), BRACES)];
        } else if (depth === 0) {
            faults.push(...pluginFaults(path, first));
        }
        if (words.at(-1) === "{") depth++;
    }
    if (depth > 0) faults.push(fault(path, "{", BRACES));
    // A quoted text goes on over the end of the block.
    if ([...plugins.replaceAll('\\"', "")].filter((letter) => letter === '"').length % 2 === 1) {
        faults.push(fault(path, '"', "a closing quotation mark for each opening one"));
    }
    return faults;
}

const BRACES = "a closing brace in a line of its own for each opening one";

/** With `bind`, a block would take the questions of all others at that address. */
function pluginFaults(path: string, plugin: string): Fault[] {
    if (plugin === "bind") return [fault(path, plugin, "none, because all server blocks share CoreDNS's addresses")];
    if (COREDNS_PLUGINS.includes(plugin)) return [];
    const meant = nearest(plugin, COREDNS_PLUGINS);
    return [fault(path, plugin, meant === undefined ? "a plugin of CoreDNS" : `the plugin '${meant}'`)];
}

/** The words of each line without its comment, for lines that have any. */
const wordsOf = (text: string): string[][] =>
    text
        .split("\n")
        .map((line) => line.replace(/(^|\s)#.*/, "").trim())
        .filter(Boolean)
        .map((line) => line.split(/\s+/));
