import { NodeArgs } from "../types";

/** What the program owns of each Node object: its labels and annotations. One JSON List. */
export const nodeObjects = (nodes: NodeArgs[]): string =>
    JSON.stringify({
        apiVersion: "v1",
        kind: "List",
        items: nodes.map(({ name, labels = {}, annotations = {} }) => ({
            apiVersion: "v1",
            kind: "Node",
            metadata: { name, labels, annotations },
        })),
    });
