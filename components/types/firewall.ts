/** What is done about a host's firewall. */
export const FirewallMode = {
    /** firewalld or ufw, whichever is active on a host, lets in what the host's role needs. None is installed or turned on. */
    Auto: "auto",
    /** Nothing is opened: the hosts' firewalls are somebody else's task. */
    None: "none",
} as const;
export type FirewallMode = (typeof FirewallMode)[keyof typeof FirewallMode];

export interface FirewallArgs {
    /**
     * A host without an active firewall is left alone. A change to `none` closes what was opened here, host by host, so
     * have your own rules ready.
     * @default "auto"
     */
    mode?: FirewallMode;
    /**
     * The networks (CIDR) that the nodes are in. What only nodes may call (kubelets, VXLAN or BGP of the CNI plugin) is
     * opened to them: not to each node's address, or every node's rules would change with every node that comes or goes.
     * Every node must be in one of them. A change is rolled out, host by host, and restarts nothing.
     * @default the network of each node's own address, as its interface has it
     */
    hostSubnets?: string[];
    /**
     * Let anyone call the ports of Services of type NodePort (kube-apiserver's `service-node-port-range`). A change is
     * rolled out. `false` closes what host processes serve there; kube-proxy's own rewriting of packets comes before any
     * filter of the host, so keep whole ports shut with `kubeProxyConfiguration.nodePortAddresses`.
     * @default true
     */
    nodePorts?: boolean;
}
