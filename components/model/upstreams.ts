import { isIP } from "net";
import { contains, hostPort, isCanonical, isSpecialAddress, parseSubnet } from "../lib/addresses";
import { Fault, duplicates, fault } from "../lib/faults";
import { isDnsName, isPort } from "../lib/forms";
import { NetworkSettings, clusterFamilies, splitSubnets } from "./network";

/** The name servers that one `forward` of CoreDNS asks. */
export interface Upstreams {
    upstreams?: string[];
    tlsServerName?: string;
}

/** The addresses that a name server cannot have. */
interface Around {
    network: NetworkSettings;
    nodeLocalCache?: { local: string };
}

/** CoreDNS takes no more (plugin/forward, max). */
const MOST = 15;

export function upstreamsFaults(path: string, { upstreams, tlsServerName }: Upstreams, around: Around): Fault[] {
    const servers = (upstreams ?? []).map((text, i) => ({
        path: `${path}.upstreams[${i}]`,
        text,
        server: parseUpstream(text),
    }));
    const faults = servers.flatMap(({ path: at, text, server }) => {
        const expected = server ? misled(server, around) : FORM;
        return expected === undefined ? [] : [fault(at, text, expected)];
    });
    if (upstreams && (upstreams.length < 1 || upstreams.length > MOST)) {
        faults.push(fault(`${path}.upstreams`, upstreams, `1 to ${MOST} name servers`));
    }
    if (tlsServerName !== undefined && !isDnsName(tlsServerName)) {
        faults.push(fault(`${path}.tlsServerName`, tlsServerName, "a DNS name"));
    } else if (tlsServerName !== undefined && !servers.some(({ server }) => server?.tls)) {
        faults.push(fault(`${path}.tlsServerName`, tlsServerName, "none, because no upstream begins with tls://"));
    }
    const named = servers.map(({ path: at, server }) => ({ path: at, value: server && spelling(server) }));
    return [...faults, ...duplicates(named, "a name server")];
}

interface Upstream {
    address: string;
    port: number;
    tls: boolean;
}

const FORM = "an address, with a port or without, e.g. '192.0.2.53', '[2001:db8::53]:5353' or 'tls://192.0.2.53'";

/** The forms that CoreDNS takes (plugin/pkg/parse, HostPortOrFile), without names and files. */
function parseUpstream(text: string): Upstream | undefined {
    const tls = text.startsWith("tls://");
    const place = tls ? text.slice(6) : text;
    const [, v6, v4, given] = /^(?:\[([^\]%]+)\]|([\d.]+))(?::(\d+))?$/.exec(place) ?? [];
    const address = isIP(place) === 6 && !place.includes("%") ? place : (v6 ?? v4 ?? "");
    const port = Number(given ?? (tls ? 853 : 53));
    return isIP(address) === (v4 === undefined ? 6 : 4) && isPort(port) ? { address, port, tls } : undefined;
}

const spelling = ({ address, port, tls }: Upstream): string => `${tls ? "tls://" : ""}${hostPort(address, port)}`;

/** Returns what is expected in place of an upstream that no name server can have. */
function misled({ address }: Upstream, { network, nodeLocalCache }: Around): string | undefined {
    if (!isCanonical(address)) return "its shortest spelling (RFC 5952): 2001:db8::53";
    if (isSpecialAddress(address)) {
        return "an address of a name server: in CoreDNS's pods this one does not lead to another machine";
    }
    if (address === network.dnsAddress || address === nodeLocalCache?.local) {
        return "another name server, because this is the cluster's own, which would ask itself";
    }
    const pods = splitSubnets(network.podSubnet).map(parseSubnet);
    if (pods.some((subnet) => subnet && contains(subnet, address))) {
        return `an address outside ${network.podSubnet}, because a pod's address changes`;
    }
    const families = clusterFamilies(network);
    return families.length === 0 || families.includes(isIP(address))
        ? undefined
        : `an IPv${families[0]} address, because pods have no other`;
}
