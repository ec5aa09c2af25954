interface Options {
    ready?: boolean;
    /** The message of the condition Ready. */
    message?: string;
    /** The id of the token that its machine joined with. */
    token?: string;
    addresses?: string[];
}

/** A Node, as JSON. */
export const nodeObject = (name: string, { ready = true, message, token, addresses = [] }: Options = {}): string =>
    JSON.stringify({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name, annotations: token ? { "pulumi-kubeadm/join-token": token } : {} },
        status: {
            conditions: [{ type: "Ready", status: ready ? "True" : "Unknown", message }],
            addresses: [
                { type: "Hostname", address: name },
                ...addresses.map((address) => ({ type: "InternalIP", address })),
            ],
        },
    });
