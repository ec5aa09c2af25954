/** A flag as kubeadm's v1beta4 writes it: without the dashes, and in a list, because some may be given more than once. */
export interface ExtraArg {
    /**
     * The name of the flag, without dashes.
     * @change As for the list.
     */
    name: string;
    /**
     * The value of the flag.
     * @change As for the list.
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
     * @otherwise not checked
     * @change Rolled out over the control plane.
     */
    pathType?: string;
}

/** An environment variable (kubeadm.k8s.io/v1beta4, EnvVar). */
export interface EnvVar {
    /**
     * The name of the variable.
     * @change As for the list.
     */
    name: string;
    /**
     * The value of the variable.
     * @change As for the list.
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

/** A flag that the user gives replaces our default of that name. */
export const withDefaultArgs = (own: ExtraArg[] = [], defaults: ExtraArg[]): ExtraArg[] => [
    ...defaults.filter(({ name }) => !own.some((argument) => argument.name === name)),
    ...own,
];
