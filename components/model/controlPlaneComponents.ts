import { Fault, duplicates, fault } from "../lib/faults";
import { isAbsolutePath } from "../lib/forms";
import { NODE_PORT_RANGE } from "../lib/ports";

/** A flag as kubeadm's v1beta4 writes it: without the dashes, and in a list, because some may be given more than once. */
export interface ExtraArg {
    /**
     * The name of the flag, without dashes.
     * @change As for the list that it is in.
     */
    name: string;
    /**
     * The value of the flag.
     * @change As for the list that it is in.
     */
    value: string;
}

/** A file or folder of the host inside a static pod (kubeadm.k8s.io/v1beta4, HostPathMount). */
export interface ExtraVolume {
    /**
     * The name of the volume in the static pod.
     * @change Rolled out over the control plane.
     */
    name: string;
    /**
     * The path on the host.
     * @kind path
     * @change Rolled out over the control plane.
     */
    hostPath: string;
    /**
     * The path in the pod.
     * @kind path
     * @change Rolled out over the control plane.
     */
    mountPath: string;
    /**
     * Mounts the volume read-only.
     * @default false
     * @change Rolled out over the control plane.
     */
    readOnly?: boolean;
    /**
     * The `type` of a hostPath volume: `DirectoryOrCreate`, `File`, …
     * @otherwise no check of the path
     * @change Rolled out over the control plane.
     */
    pathType?: string;
}

/** An environment variable (kubeadm.k8s.io/v1beta4, EnvVar). */
export interface EnvVar {
    /**
     * The name of the variable.
     * @change As for the list that it is in.
     */
    name: string;
    /**
     * The value of the variable.
     * @change As for the list that it is in.
     */
    value: string;
}

/** Options of one control plane component, added to kubeadm's own. A change restarts the component, node by node. */
export interface ControlPlaneComponentArgs {
    /**
     * Flags in kubeadm's form. A flag replaces kubeadm's or our flag of the same name.
     * @otherwise `profiling=false` (CIS 1.2.15, 1.3.2, 1.4.1)
     * @change Rolled out over the control plane.
     */
    extraArgs?: ExtraArg[];
    /**
     * Files and folders of the host that the static pod mounts.
     * @change Rolled out over the control plane.
     */
    extraVolumes?: ExtraVolume[];
    /**
     * Environment variables, for example of a proxy.
     * @change Rolled out over the control plane.
     */
    extraEnvs?: EnvVar[];
}

export type ControlPlaneComponentSettings = ControlPlaneComponentArgs & { extraArgs: ExtraArg[] };

/** Fills in the defaults. Profiling is off, because it exposes the process to every client of the port (CIS 1.2.15, 1.3.2, 1.4.1). */
export const resolveComponent = (args: ControlPlaneComponentArgs = {}): ControlPlaneComponentSettings => ({
    ...args,
    extraArgs: withDefaultArgs(args.extraArgs, [{ name: "profiling", value: "false" }]),
});

/** The value of a component's flag, the last one that is given; undefined where it is not given. */
export const flagOf = ({ extraArgs = [] }: ControlPlaneComponentArgs, name: string): string | undefined =>
    extraArgs.filter((argument) => argument.name === name).at(-1)?.value;

/** The ports of NodePort Services, `first-last`, of kube-apiserver's flag (apimachinery, util/net.ParsePortRange). */
export function nodePortRange(apiServer: ControlPlaneComponentArgs = {}): string {
    const range = flagOf(apiServer, "service-node-port-range") ?? "";
    const [, first, sign, second] = /^(\d+)([-+])(\d+)$/.exec(range) ?? [];
    if (first === undefined) return NODE_PORT_RANGE;
    return `${first}-${sign === "+" ? Number(first) + Number(second) : second}`;
}

/** The host path volume types of Kubernetes (core/v1, HostPathType). */
const PATH_TYPES = ["DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"];

/** Faults of the volumes and environment variables of a component's static pod. */
export const podFaults = (
    path: string,
    { extraVolumes = [], extraEnvs = [] }: ControlPlaneComponentArgs = {},
): Fault[] => [
    ...extraVolumes.flatMap((volume, i) => volumeFaults(`${path}.extraVolumes[${i}]`, volume)),
    ...duplicates(
        extraVolumes.map(({ name }, i) => ({ path: `${path}.extraVolumes[${i}].name`, value: name })),
        "a name",
    ),
    ...duplicates(
        extraVolumes.map(({ mountPath }, i) => ({ path: `${path}.extraVolumes[${i}].mountPath`, value: mountPath })),
        "a path",
    ),
    ...extraEnvs.flatMap(({ name }, i) =>
        /^[A-Za-z_][\w.-]*$/.test(name) ? [] : [fault(`${path}.extraEnvs[${i}].name`, name, "a variable's name")],
    ),
];

function volumeFaults(path: string, { name, hostPath, mountPath, pathType }: ExtraVolume): Fault[] {
    const places = { hostPath, mountPath };
    return [
        ...(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name) ? [] : [fault(`${path}.name`, name, "a DNS label")]),
        ...Object.entries(places)
            .filter(([, place]) => !isAbsolutePath(place))
            .map(([key, place]) => fault(`${path}.${key}`, place, "an absolute path")),
        ...(!pathType || PATH_TYPES.includes(pathType)
            ? []
            : [fault(`${path}.pathType`, pathType, PATH_TYPES.join(", "))]),
    ];
}

/** A flag that the user gives replaces our default of that name. */
export const withDefaultArgs = (own: ExtraArg[] = [], defaults: ExtraArg[]): ExtraArg[] => [
    ...defaults.filter(({ name }) => !own.some((argument) => argument.name === name)),
    ...own,
];
