import { CniPlugin } from "../../../components/model/cni";
import { CALICO_MANIFEST } from "../example";
import type { Config } from "../stack";
import { powerCut, testTopology } from "../topology";
import { BOTH_FAMILIES, testFamilies } from "./families";
import { testPolicies } from "./policies";
import { onTwoSegments, testWrapped } from "./router";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];
const withCalico = (config: Config): Config => ({
    ...onTwoSegments.change(config),
    cni: { plugin: CniPlugin.Calico, manifest: CALICO_MANIFEST },
});

testTopology("dual-stack", {
    title: "Calico with two families, over two segments",
    hostsFile: onTwoSegments.hostsFile,
    hosts: nodes,
    nodes,
    images: "all",
    change: withCalico,
    failures: [powerCut("cp3", 15)],
    looks: (stack) => {
        testFamilies(stack, BOTH_FAMILIES);
        testWrapped("10.244.0.0/16", 4789);
        testWrapped("fd00:10:244::/56", 4789);
        testPolicies(stack);
    },
});
