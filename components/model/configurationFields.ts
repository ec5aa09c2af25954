import { Fault, fault, within } from "../lib/faults";
import { own } from "../lib/own";
import { FieldType, Kind, KnownOptions, TEXTS, ofOption, unknown } from "./kubernetesOptions";

const RESERVED_FIELDS: Record<Kind, Record<string, string>> = {
    KubeletConfiguration: {
        ...ofOption("network.dnsDomain", ["clusterDomain"]),
        ...ofOption("taints of the node", ["registerWithTaints"]),
        apiVersion: "none: the program writes it",
        kind: "none: the program writes it",
        staticPodPath: "none: kubeadm's static pods are in /etc/kubernetes/manifests",
        registerNode: "none: every node is registered by its kubelet",
        port: "none: kube-apiserver calls port 10250",
        healthzPort: "none: kubeadm calls port 10248",
        containerRuntimeEndpoint: "none: containerd's socket is given",
    },
    KubeProxyConfiguration: {
        ...ofOption("network.podSubnet", ["clusterCIDR"]),
        apiVersion: "none: the program writes it",
        kind: "none: the program writes it",
        hostnameOverride: "none: it would be the same on every node",
    },
};

/** The fields of a configuration at `path`. */
export function fieldFaults(
    path: string,
    kind: Kind,
    value: Record<string, unknown> = {},
    known?: KnownOptions,
): Fault[] {
    const reserved = Object.keys(value).filter((name) => Object.hasOwn(RESERVED_FIELDS[kind], name));
    const rest = Object.fromEntries(Object.entries(value).filter(([name]) => !reserved.includes(name)));
    return [
        ...reserved.map((name) => fault(`${path}.${name}`, value[name], RESERVED_FIELDS[kind][name])),
        ...(known ? typeFaults(path, known[kind], rest) : []),
        ...(kind === "KubeletConfiguration" ? kubeletFaults(path, value) : []),
    ];
}

function typeFaults(path: string, type: FieldType, value: unknown): Fault[] {
    if (type === "any") return [];
    if (typeof type === "string") {
        return isOfType(type, value) ? [] : [fault(path, value, WORDS[type] ?? type)];
    }
    if (Array.isArray(type)) {
        if (!Array.isArray(value)) return [fault(path, value, "a list")];
        return value.flatMap((entry, i) => typeFaults(`${path}[${i}]`, type[0], entry));
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [fault(path, value, "an object")];
    return Object.entries(value).flatMap(([name, inner]) => {
        const field = own(type, name) ?? type["*"];
        return field === undefined
            ? [fault(within(path, name), inner, unknown("a field", name, type))]
            : typeFaults(within(path, name), field, inner);
    });
}

const WORDS: Record<string, string> = {
    string: "a text",
    boolean: "true or false",
    integer: "a whole number",
    number: "a number",
    duration: TEXTS.duration.words,
};

function isOfType(type: string, value: unknown): boolean {
    if (type === "integer") return Number.isInteger(value);
    if (type === "duration") return typeof value === "string" && TEXTS.duration.form.test(value);
    return typeof value === type;
}

/** A kubelet that obeys everybody, and a cgroup driver that containerd does not have. */
function kubeletFaults(path: string, value: Record<string, unknown>): Fault[] {
    const { authentication, authorization, cgroupDriver } = value as {
        authentication?: { anonymous?: { enabled?: unknown } };
        authorization?: { mode?: unknown };
        cgroupDriver?: unknown;
    };
    const anonymous = authentication?.anonymous?.enabled;
    return [
        ...(cgroupDriver === undefined || cgroupDriver === "systemd" || cgroupDriver === "cgroupfs"
            ? []
            : [fault(`${path}.cgroupDriver`, cgroupDriver, "systemd or cgroupfs")]),
        ...(anonymous === undefined || anonymous === false
            ? []
            : [
                  fault(
                      `${path}.authentication.anonymous.enabled`,
                      anonymous,
                      "false: everybody could run commands in pods",
                  ),
              ]),
        ...(authorization?.mode === undefined || authorization.mode === "Webhook"
            ? []
            : [
                  fault(
                      `${path}.authorization.mode`,
                      authorization.mode,
                      "Webhook: kube-apiserver decides who may do what",
                  ),
              ]),
    ];
}
