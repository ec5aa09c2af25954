import { isSpecialAddress, isUnspecified } from "../lib/addresses";
import { Fault, fault } from "../lib/faults";
import { own } from "../lib/own";
import type { ExtraArg } from "./controlPlaneComponents";
import { KnownOptions, Program, TEXTS, ofOption, unknown } from "./kubernetesOptions";

/** Flags that the program sets from other options, and those options; a change of one alone would break the cluster. */
const RESERVED_FLAGS: Record<Program, Record<string, string>> = {
    "kube-apiserver": {
        ...ofOption("etcd", ["etcd-servers", "etcd-cafile", "etcd-certfile", "etcd-keyfile"]),
        ...ofOption("network.serviceSubnet", ["service-cluster-ip-range"]),
        ...ofOption("pki", ["client-ca-file", "requestheader-client-ca-file"]),
        ...ofOption("certSANs", ["tls-cert-file", "tls-private-key-file"]),
        "secure-port": "none: probes, balancers and nodes call port 6443",
        "enable-bootstrap-token-auth": "none: nodes join with bootstrap tokens",
        "advertise-address": "none: each node has its own",
    },
    "kube-controller-manager": {
        ...ofOption("network.podSubnet", ["cluster-cidr"]),
        ...ofOption("network.serviceSubnet", ["service-cluster-ip-range"]),
        ...ofOption("clusterName", ["cluster-name"]),
        ...ofOption("pki", [
            "cluster-signing-cert-file",
            "cluster-signing-key-file",
            "root-ca-file",
            "service-account-private-key-file",
        ]),
        "secure-port": "none: the probe calls port 10257",
        kubeconfig: "none: it is kubeadm's",
    },
    "kube-scheduler": { "secure-port": "none: the probe calls port 10259", kubeconfig: "none: it is kubeadm's" },
    kubelet: {
        ...ofOption("name", ["hostname-override"]),
        ...ofOption("taints", ["register-with-taints"]),
        ...ofOption("network.dnsDomain", ["cluster-domain"]),
        ...ofOption("kubeletConfiguration", [
            "config",
            "config-dir",
            "cgroup-driver",
            "pod-manifest-path",
            "anonymous-auth",
            "authorization-mode",
        ]),
        ...Object.fromEntries(
            ["kubeconfig", "bootstrap-kubeconfig", "container-runtime-endpoint", "root-dir", "cert-dir"].map((name) => [
                name,
                "none: kubeadm and the scripts on the host use this place",
            ]),
        ),
        port: "none: kube-apiserver calls port 10250",
        "healthz-port": "none: kubeadm calls port 10248",
        "register-node": "none: every node is registered by its kubelet",
    },
};

/** The flags of one program, in a list at `path`. */
export function flagFaults(path: string, program: Program, args: ExtraArg[] = [], known?: KnownOptions): Fault[] {
    const faults = args.flatMap(({ name, value }, i) => {
        const at = `${path}[${i}]`;
        if (!/^[a-z][\w.-]*$/.test(name)) return [fault(`${at}.name`, name, "a flag's name without dashes before it")];
        // systemd splits the kubelet's flags at blanks.
        if (program === "kubelet" && /[\s"'\\]/.test(value)) {
            return [fault(`${at}.value`, value, "a text without blanks, quotes and backslashes")];
        }
        const reserved = own(RESERVED_FLAGS[program], name);
        if (reserved !== undefined) return [fault(`${at}.name`, name, reserved)];
        if (known === undefined) return [];
        const type = own(known[program], name);
        if (type === undefined) {
            return [fault(`${at}.name`, name, unknown(`a flag of ${program}`, name, known[program]))];
        }
        const expected = expectedText(type);
        return expected && !expected.form.test(value) ? [fault(`${at}.value`, value, expected.words)] : [];
    });
    return [...faults, ...(program === "kube-apiserver" ? accessFaults(path, args) : [])];
}

/** More than one instance has to elect a leader. Of a flag that is given twice the last value counts. */
export function leaderFaults(path: string, args: ExtraArg[] = [], controlPlaneNodes: number): Fault[] {
    const i = args.map(({ name }) => name).lastIndexOf("leader-elect");
    if (controlPlaneNodes < 2 || !/^(false|f|0)$/i.test(args[i]?.value ?? "")) return [];
    const expected = `true: without a leader the instances of all ${controlPlaneNodes} control plane nodes act at the same time`;
    return [fault(`${path}[${i}].value`, args[i].value, expected)];
}

/** Who may do what: the nodes need these authorizers, and probes and balancers ask without a certificate. */
function accessFaults(path: string, args: ExtraArg[]): Fault[] {
    return args.flatMap(({ name, value }, i) => {
        const at = `${path}[${i}].value`;
        if (name === "bind-address" && isSpecialAddress(value) && !isUnspecified(value)) {
            return [fault(at, value, "an address at which other hosts reach kube-apiserver")];
        }
        if (name === "anonymous-auth" && !/^(true|t|1)$/i.test(value)) {
            return [
                fault(
                    at,
                    value,
                    "true: balancers and probes ask /readyz without a certificate (authentication-config can limit it to such paths)",
                ),
            ];
        }
        if (name !== "authorization-mode") return [];
        const modes = value.split(",");
        return modes.includes("Node") && modes.includes("RBAC") && !modes.includes("AlwaysAllow")
            ? []
            : [fault(at, value, "Node and RBAC, and not AlwaysAllow")];
    });
}

/** What a flag's text must look like; undefined for a type with no one form. */
function expectedText(type: string): { form: RegExp; words: string } | undefined {
    if (type === "bool") return TEXTS.boolean;
    if (/^u?int\d*$/.test(type)) return TEXTS.integer;
    if (/^float\d*$/.test(type)) return TEXTS.number;
    return type === "duration" ? TEXTS.duration : undefined;
}
