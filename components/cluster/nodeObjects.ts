import { NodeSettings } from "../model/nodes";
import { BootstrapTokens } from "./tokens";

/** Annotation with the id of the token with which the Node's machine joined. */
const JOIN_TOKEN = "pulumi-kubeadm/join-token";

/** The labels and annotations that the program owns on each Node, as one JSON List. */
export const nodeObjects = (nodes: NodeSettings[], tokens: BootstrapTokens): string =>
    JSON.stringify({
        apiVersion: "v1",
        kind: "List",
        items: nodes.map(({ name, labels, annotations }) => ({
            apiVersion: "v1",
            kind: "Node",
            metadata: { name, labels, annotations: { ...annotations, ...joinedWith(tokens, name) } },
        })),
    });

const joinedWith = (tokens: BootstrapTokens, name: string): Record<string, string> =>
    name in tokens ? { [JOIN_TOKEN]: tokens[name].id } : {};
