/** The facts that preflight read from a host. */
export interface HostFacts {
    machineId: string;
    hostname?: string;
    architecture: string;
    /** The active firewall, and the networks that it takes for the nodes' (CIDR, separated by blanks). */
    firewall?: string;
    nodeNetworks?: string;
    /** The ports of other hosts from which no answer came: `name port`. */
    unreached?: string[];
    /** When preflight ran, in seconds since 1970. */
    time?: number;
}

// Under --continue-on-error a preflight that failed has no output, and the engine skips all that depends on it.
export const parseFacts = (output: string): HostFacts | undefined =>
    output === "" ? undefined : (JSON.parse(output) as HostFacts);
