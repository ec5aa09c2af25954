/** A flag as kubeadm's v1beta4 writes it: without the dashes, and in a list, because some may be given more than once. */
export interface ExtraArg {
    name: string;
    value: string;
}

/** A file or folder of the host inside a static pod (kubeadm.k8s.io/v1beta4, HostPathMount). */
export interface ExtraVolume {
    name: string;
    hostPath: string;
    mountPath: string;
    /** @default false */
    readOnly?: boolean;
    /** As a hostPath volume's `type`: DirectoryOrCreate, File, … @default not checked */
    pathType?: string;
}

/** Options of one control plane component, added to kubeadm's own. A change restarts the component, node by node. */
export interface ControlPlaneComponentArgs {
    /** Flags; one that is given here replaces ours and kubeadm's of that name. @default `profiling=false` (CIS 1.2.15, 1.3.2, 1.4.1) */
    extraArgs?: ExtraArg[];
    /** @default none */
    extraVolumes?: ExtraVolume[];
    /** Environment variables, e.g. of a proxy. @default none */
    extraEnvs?: ExtraArg[];
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
