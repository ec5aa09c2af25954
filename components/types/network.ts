export interface NetworkArgs {
    /** The pods' addresses (CIDR). Cannot be changed on a live cluster. @default "10.244.0.0/16" */
    podSubnet?: string;
    /** The services' addresses (CIDR). Cannot be changed on a live cluster. @default "10.96.0.0/12" */
    serviceSubnet?: string;
    /** @default "cluster.local" */
    dnsDomain?: string;
}

/** The CNI plugins; `none` leaves nodes NotReady until one is brought. */
export const CniPlugin = { Flannel: "flannel", None: "none" } as const;
export type CniPlugin = (typeof CniPlugin)[keyof typeof CniPlugin];

export interface CniArgs {
    /** @default "flannel" */
    plugin?: CniPlugin;
    /** The network's MTU. @default flannel's own choice: the interface's, less its overhead */
    mtu?: number;
}
