import { isIP } from "net";

/** Forms of texts, and where each is defined. None admits a line break or a quote, which a script or a file could take for more. */

const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/;

/** A DNS subdomain (RFC 1123) that cannot be taken for an address. */
export const isDnsName = (text: string): boolean =>
    text.length <= 253 && DNS_NAME.test(text) && !/(^|\.)\d+$/.test(text);

/** localhost is another machine everywhere (RFC 6761, 6.3), and localhost.localdomain is its alias. */
export const isLocalName = (name: string): boolean => /^localhost(\.|$)|\.localhost$/.test(name);

/** A label's value (k8s.io/apimachinery, validation.IsValidLabelValue). */
export const isLabelValue = (text: string): boolean => LABEL_VALUE.test(text);

/** A label's, an annotation's or a taint's key (validation.IsQualifiedName): a name, with a DNS subdomain before it or without. */
export function isQualifiedName(text: string): boolean {
    const [name, prefix, ...more] = text.split("/").reverse();
    return name !== "" && isLabelValue(name) && (prefix === undefined || isDnsName(prefix)) && more.length === 0;
}

/** A resource quantity (k8s.io/apimachinery, resource.ParseQuantity), zero or more. */
export const isQuantity = (text: string): boolean =>
    /^(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/.test(text);

const SUFFIXES: Record<string, number> = { n: 1e-9, u: 1e-6, m: 1e-3, "": 1, k: 1e3 };
"MGTPE".split("").forEach((suffix, i) => (SUFFIXES[suffix] = 1000 ** (i + 2)));
"KMGTPE".split("").forEach((suffix, i) => (SUFFIXES[`${suffix}i`] = 1024 ** (i + 1)));

/** The amount of a quantity. */
export function amountOf(quantity: string): number {
    const [, number, suffix] = /^([\d.]+)(.*)$/.exec(quantity) ?? [];
    return /^[eE]./.test(suffix) ? Number(number + suffix) : Number(number) * SUFFIXES[suffix];
}

/** An http:// or https:// URL. dnf's variables ($basearch) and our {arch} may be in it. */
export const isUrl = (text: string): boolean =>
    /^https?:\/\/(\[[^\]]+\])?[^\s"'`\\[\]]+$/.test(`${text}/`) && URL.canParse(text.replace(/[{}$]/g, ""));

/** `host`, `host:port`; an IPv6 address in brackets. */
export function isHostPort(text: string): boolean {
    const [, v6, name, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text) ?? [];
    return (
        (isIP(v6 ?? "") === 6 || isDnsName((name ?? "").toLowerCase()) || isIP(name ?? "") === 4) &&
        isPort(Number(port ?? 1))
    );
}

export const isPort = (port: unknown): boolean =>
    Number.isInteger(port) && (port as number) > 0 && (port as number) < 65536;

/** An absolute path without `.`, `..` and empty parts. */
export const isPath = (text: string): boolean => /^(\/(?!\.{1,2}(\/|$))[\w@%+=:,.-]+)+$/.test(text);

/** A path inside a pod or on a server: absolute, and without `..` (core/v1, HostPathVolumeSource, VolumeMount). */
export const isAbsolutePath = (text: string): boolean =>
    /^\/[^\0-\x1f:]*$/.test(text) && !text.split("/").includes("..");

/** The system's own folders: what is written into one, or removed with it, is not the program's alone. */
const SHARED =
    /^\/((bin|boot|dev|etc|lib(32|64|x32)?|proc|run|sbin|sys|tmp|usr|var\/(cache|lock|log|run|spool|tmp))(\/.*)?|home|media|mnt|opt|root|srv|var|var\/lib)$/;
/** Of Kubernetes, its runtime, the package manager and this program. */
const TAKEN =
    /^\/(var\/lib\/(kubelet|containerd|cni|calico|pulumi-kubeadm|dpkg|rpm|apt|systemd)|opt\/(cni|containerd|pulumi-kubeadm))(\/.*)?$/;

/** A folder for one use: an absolute path that no other program owns. */
export const isOwnFolder = (text: string): boolean => isPath(text) && !SHARED.test(text) && !TAKEN.test(text);
