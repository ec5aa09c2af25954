import { NodeArgs } from "../model/hosts";
import { BootstrapTokens } from "./tokens";

/** Where a Node tells with which token its machine joined, by the token's id. */
const JOIN_TOKEN = "pulumi-kubeadm/join-token";

/** What the program owns of each Node object: its labels and annotations. One JSON List. */
export const nodeObjects = (nodes: NodeArgs[], tokens: BootstrapTokens): string =>
    JSON.stringify({
        apiVersion: "v1",
        kind: "List",
        items: nodes.map(({ name, labels = {}, annotations = {} }) => ({
            apiVersion: "v1",
            kind: "Node",
            metadata: { name, labels, annotations: { ...annotations, ...joinedWith(tokens, name) } },
        })),
    });

const joinedWith = (tokens: BootstrapTokens, name: string): Record<string, string> =>
    name in tokens ? { [JOIN_TOKEN]: tokens[name].id } : {};
