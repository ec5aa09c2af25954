import { testTopology } from "../topology";

const nodes = ["cp1", "cp2", "cp3", ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `w${n}`)];

testTopology("cookeem-ha", {
    title: "cookeem-ha with all of its eight workers",
    hostsFile: "documents.yaml",
    hosts: nodes,
    nodes,
    failures: [],
});
