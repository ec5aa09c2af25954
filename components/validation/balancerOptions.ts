import { isProxy, resolveLoadBalancer } from "../loadBalancerSettings";
import {
    Balance,
    KubeVipArgs,
    LoadBalancerPlacement as Placement,
    LoadBalancerTopologyArgs,
    LoadBalancerType as Type,
    BalancerProxyArgs,
    BalancerStatsArgs,
    VrrpArgs,
} from "../types";
import { isIP } from "./addresses";
import { Fault, fault, inRange, oneOf } from "./fault";
import { isPort } from "./hosts";

/** The options of haproxy, nginx, keepalived and kube-vip: where they have a meaning, and what they may be. */
export function balancerOptionFaults(
    path: string,
    given: LoadBalancerTopologyArgs,
    type: Type,
    placement: Placement | undefined,
): Fault[] {
    const hasKeepalived = type === Type.Keepalived || (isProxy(type) && placement !== Placement.NodeLocal);
    return [
        ...section(`${path}.proxy`, given.proxy, isProxy(type), "a proxy, haproxy or nginx", (at, proxy) => [
            ...proxyFaults(at, proxy),
            ...(type === Type.Nginx ? haproxyOnlyFaults(at, proxy) : []),
            ...(placement === Placement.NodeLocal && proxy.stats ? [fault(`${at}.stats`, proxy.stats, NO_STATS)] : []),
        ]),
        ...section(`${path}.vrrp`, given.vrrp, hasKeepalived, "keepalived", (at, vrrp) =>
            vrrpFaults(at, vrrp, given.virtualAddress),
        ),
        ...section(`${path}.kubeVip`, given.kubeVip, type === Type.KubeVip, "kube-vip", leaseFaults),
    ];
}

const NO_STATS = "none with placement 'nodeLocal': a password would have to be readable in every node's pod";

function section<T>(
    path: string,
    value: T | undefined,
    used: boolean,
    by: string,
    faults: (path: string, value: T) => Fault[],
): Fault[] {
    if (value === undefined) return [];
    return used ? faults(path, value) : [fault(path, value, `none: in this shape there is nothing that runs ${by}`)];
}

const seconds = (path: string, value: number | undefined, low: number, high: number): Fault[] =>
    inRange(value, low, high) ? [] : [fault(path, value, `seconds, ${low} to ${high}`)];

const count = (path: string, value: number | undefined, low: number, high: number): Fault[] =>
    value === undefined || (Number.isInteger(value) && inRange(value, low, high))
        ? []
        : [fault(path, value, `a whole number, ${low} to ${high}`)];

function proxyFaults(
    at: string,
    { balance, maxConnections, check = {}, timeouts = {}, stats }: BalancerProxyArgs,
): Fault[] {
    return [
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
        ...(stats === undefined ? [] : statsFaults(`${at}.stats`, stats)),
    ];
}

function statsFaults(at: string, { port, address = "127.0.0.1", user, password }: BalancerStatsArgs): Fault[] {
    const loopback = address === "::1" || address.startsWith("127.");
    return [
        ...(isPort(port) ? [] : [fault(`${at}.port`, port, "a port, 1 to 65535")]),
        ...(isIP(address) ? [] : [fault(`${at}.address`, address, "an IP address")]),
        ...(user === undefined || /^[\w.-]{1,64}$/.test(user)
            ? []
            : [fault(`${at}.user`, user, "letters, digits, '.', '_' and '-'")]),
        ...(isIP(address) && !loopback && password === undefined
            ? [fault(`${at}.password`, undefined, `a password: ${address} is open to others than this host`)]
            : []),
        ...wordFaults(`${at}.password`, password, /^[\x21-\x7e]{1,128}$/, "1 to 128 printable characters, no space"),
    ];
}

// A secret's text is judged where it is plain yet (an Output is not), and never shown.
const wordFaults = (path: string, value: unknown, form: RegExp, expected: string): Fault[] =>
    value === undefined || typeof value === "object" || (typeof value === "string" && form.test(value))
        ? []
        : [fault(path, "a text of another form", expected)];

/** What nginx's stream module cannot do is refused, not left out in silence. */
function haproxyOnlyFaults(at: string, { balance, check = {}, timeouts = {}, stats }: BalancerProxyArgs): Fault[] {
    const given: [string, unknown][] = [
        [`${at}.balance`, balance === Balance.First ? balance : undefined],
        ...(["fastInterval", "downInterval", "slowStart"] as const).map((key): [string, unknown] => [
            `${at}.check.${key}`,
            check[key],
        ]),
        [`${at}.timeouts.client`, timeouts.client],
        [`${at}.stats`, stats],
    ];
    return given
        .filter(([, value]) => value !== undefined)
        .map(([path, value]) => fault(path, value, "none with type 'nginx', which has no such thing for streams"));
}

function vrrpFaults(at: string, vrrp: VrrpArgs, virtualAddress = ""): Fault[] {
    const { advertInterval = 1, password } = vrrp;
    return [
        ...count(`${at}.virtualRouterId`, vrrp.virtualRouterId, 1, 255),
        ...seconds(`${at}.advertInterval`, advertInterval, 0.1, 40),
        ...wordFaults(`${at}.password`, password, /^[A-Za-z0-9]{1,8}$/, "1 to 8 letters and digits"),
        ...(password !== undefined && !Number.isInteger(advertInterval)
            ? [fault(`${at}.advertInterval`, advertInterval, "whole seconds: with a password VRRP 2 is spoken")]
            : []),
        ...(password !== undefined && virtualAddress.includes(":")
            ? [fault(`${at}.password`, "a secret", "none with an IPv6 virtualAddress: only VRRP 2 has it, for IPv4")]
            : []),
    ];
}

function leaseFaults(at: string, given: KubeVipArgs): Fault[] {
    const { leaseDuration, renewDeadline, retryPeriod } = resolveLoadBalancer({ kubeVip: given }).kubeVip;
    const wrong = [
        ...count(`${at}.leaseDuration`, leaseDuration, 1, 300),
        ...count(`${at}.renewDeadline`, renewDeadline, 1, 300),
        ...count(`${at}.retryPeriod`, retryPeriod, 1, 300),
    ];
    if (wrong.length > 0) return wrong;
    if (leaseDuration <= renewDeadline)
        return [fault(`${at}.leaseDuration`, leaseDuration, `more than renewDeadline, ${renewDeadline}`)];
    return renewDeadline > retryPeriod * 1.2
        ? []
        : [fault(`${at}.renewDeadline`, renewDeadline, `more than 1.2 times retryPeriod, ${retryPeriod}`)];
}
