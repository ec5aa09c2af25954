import { Fault, fault, within } from "../lib/faults";
import { isLabelValue, isQualifiedName } from "../lib/forms";
import { own } from "../lib/own";
import type { ExtraArg } from "./controlPlaneComponents";

const KEY = "a name of at most 63 letters, digits, '-', '_' and '.', with a DNS name and '/' before it or without";
export const VALUE = "at most 63 letters, digits, '-', '_' and '.', which begin and end with a letter or digit";

export const keyFaults = (path: string, key: string): Fault[] => (isQualifiedName(key) ? [] : [fault(path, key, KEY)]);

/** Labels that kubeadm or the kubelet writes by itself (kubernetes.io, "Well-Known Labels"). */
const LABELS_OF_OTHERS: Record<string, string> = {
    "node-role.kubernetes.io/control-plane": "kubeadm",
    "kubernetes.io/hostname": "the kubelet",
    "kubernetes.io/os": "the kubelet",
    "kubernetes.io/arch": "the kubelet",
};

export function labelFaults(path: string, [key, value]: [string, string]): Fault[] {
    const writer = own(LABELS_OF_OTHERS, key);
    return [
        ...keyFaults(path, key),
        ...(writer === undefined ? [] : [fault(path, key, `another label: ${writer} writes this one`)]),
        ...(isLabelValue(value) ? [] : [fault(within(path, key), value, VALUE)]),
    ];
}

/** Labels of kubernetes.io and k8s.io that a kubelet may give its Node (k8s.io/kubelet, pkg/apis/well_known_labels.go). */
const LABELS_OF_KUBELETS = [
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "kubernetes.io/arch",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "node.kubernetes.io/instance-type",
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/instance-type",
    "beta.kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
];
const DOMAINS_OF_KUBELETS = ["kubelet.kubernetes.io", "node.kubernetes.io"];

/** The labels of the kubelet's flag `node-labels`: it starts with no others, nor does admission (NodeRestriction) let it write them. */
export function ownLabelFaults(
    path: string,
    { kubeletExtraArgs = [], labels = {} }: { kubeletExtraArgs?: ExtraArg[]; labels?: Record<string, string> },
): Fault[] {
    return kubeletExtraArgs.flatMap(({ name, value }, i) =>
        name === "node-labels"
            ? (value ?? "")
                  .split(",")
                  .filter((pair) => pair !== "")
                  .flatMap((pair) => ownLabelFault(`${path}[${i}].value`, pair, labels) ?? [])
            : [],
    );
}

function ownLabelFault(path: string, pair: string, labels: Record<string, string>): Fault | undefined {
    const [, key, value] = /^([^=]*)=(.*)$/.exec(pair) ?? [];
    if (key === undefined) return fault(path, pair, "labels with their values, 'label=value', separated by commas");
    if (!isQualifiedName(key)) return fault(path, key, KEY);
    if (!isLabelValue(value)) return fault(path, value, VALUE);
    if (!mayLabelItself(key)) {
        const writer = own(LABELS_OF_OTHERS, key);
        const expected = "another label, because a kubelet may not give itself this one: set it in labels";
        return fault(path, key, writer === undefined ? expected : `another label: ${writer} writes this one`);
    }
    const other = own(labels, key);
    return other === undefined || other === value
        ? undefined
        : fault(path, pair, `a label that labels does not set to another value (there it is ${JSON.stringify(other)})`);
}

function mayLabelItself(key: string): boolean {
    const [domain] = key.includes("/") ? key.split("/") : [""];
    const isOf = (parent: string) => domain === parent || domain.endsWith(`.${parent}`);
    if (!["kubernetes.io", "k8s.io"].some(isOf)) return true;
    return LABELS_OF_KUBELETS.includes(key) || DOMAINS_OF_KUBELETS.some(isOf);
}
