import { isIP } from "net";
import { Fault, fault, inRange } from "../lib/faults";
import { isDnsName, isUrl } from "../lib/forms";

/** A proxy through which hosts fetch packages and images. The cluster's own traffic never takes it. */
export interface ProxyArgs {
    /**
     * The proxy for packages and images at http:// URLs, without credentials. The cluster's own traffic never uses it.
     * @kind URL
     * @change Rolled out; containerd restarts.
     */
    http?: string;
    /**
     * The proxy for packages and images at https:// URLs, without credentials.
     * @kind URL
     * @change As for `http`.
     */
    https?: string;
    /**
     * More hosts, domains and networks that are reached without the proxy: `mirror.example.com`, `.example.com`,
     * `10.0.0.0/8`. A network stands for the addresses in it, in the URLs of `sources`, of the hosts' own package
     * repositories and of images; a name is not looked up.
     * @change As for `http`.
     */
    no?: string[];
}

export function httpProxyFaults(proxy: ProxyArgs | undefined): Fault[] {
    if (proxy === undefined) return [];
    const urls = (["http", "https"] as const)
        .filter(
            (scheme) =>
                proxy[scheme] !== undefined && !(isUrl(proxy[scheme]) && /^https?:\/\/[^/@]+\/?$/.test(proxy[scheme])),
        )
        .map((scheme) =>
            fault(
                `sources.proxy.${scheme}`,
                proxy[scheme],
                "the proxy's URL without credentials, e.g. 'http://10.0.0.2:3128'",
            ),
        );
    const direct = (proxy.no ?? [])
        .map((name, i) => ({ name, at: `sources.proxy.no[${i}]` }))
        .filter(({ name }) => !isDirect(name))
        .map(({ name, at }) =>
            fault(at, name, "one host or address, domain ('.example.com') or network ('10.0.0.0/8'), without a port"),
        );
    const none = proxy.http === undefined && proxy.https === undefined;
    return [...(none ? [fault("sources.proxy", {}, "http, https, or both")] : urls), ...direct];
}

/** What apt, curl, dnf and containerd all understand, or our scripts translate: none of a port, `*` or a URL. */
function isDirect(text: string): boolean {
    if (text.includes("%")) return false;
    const [address, prefix, ...more] = text.split("/");
    if (prefix === undefined) return isIP(text) > 0 || isDnsName(text.replace(/^\*?\./, "").toLowerCase());
    const bits = isIP(address) === 6 ? 128 : 32;
    return isIP(address) > 0 && more.length === 0 && /^\d+$/.test(prefix) && inRange(Number(prefix), 0, bits);
}
