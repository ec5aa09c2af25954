import * as path from "path";
import { UserError } from "./userError";
import { VERSIONS } from "./versions";

/** Describes how to build the executables of one Go module. */
export interface Recipe {
    name: string;
    version: string;
    /** The folder with `go.mod` and `go.sum`, and with a main package of ours where upstream's does not build. */
    source: string;
    /** Executable → package. */
    packages: Record<string, string>;
    tags?: string;
    /** Variables that the linker sets. */
    variables?: Record<string, string>;
    /** Whether the packages need C, which is then linked statically. */
    cgo?: boolean;
    /** Files and folders of a module, by the name of the copy. Images and manifests contain them. */
    copies?: { module: string; paths: Record<string, string> };
    /** Files of a dependency that the main package embeds. The build copies them, because Go embeds only files beside the source. */
    embeds?: { module: string; files: string[] };
}

/** Describes one executable that is built from the module of the same name. `more` overrides. */
const recipe = (name: string, version: string, more: Partial<Recipe> = {}): Recipe => ({
    name,
    version,
    source: path.join(__dirname, "fallback/modules", name),
    packages: { [name]: "." },
    ...more,
});

/** The suffix of the commands of the previous Kubernetes version. */
export const FORMER_SUFFIX = "-former";

const KUBERNETES_COMMANDS = [
    ...["kubeadm", "kubelet", "kubectl"],
    ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"],
];

const under = (module: string, names: string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, `${module}/${name}`]));

const prefixed = (prefix: string, variables: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(variables).map(([name, value]) => [`${prefix}.${name}`, value]));

const CALICO = "github.com/projectcalico/calico";

/** Describes Kubernetes' commands. The suffix distinguishes the commands of two versions. */
function kubernetesRecipe(name: string, version: string, suffix = ""): Recipe {
    const [gitMajor, gitMinor] = version.split(".");
    return recipe(name, version, {
        packages: Object.fromEntries(
            KUBERNETES_COMMANDS.map((command) => [`${command}${suffix}`, `k8s.io/kubernetes/cmd/${command}`]),
        ),
        variables: prefixed("k8s.io/component-base/version", {
            gitVersion: `v${version}`,
            gitMajor,
            gitMinor,
            gitTreeState: "archive",
        }),
    });
}

/** All recipes, the longest builds first, so that concurrent builds end at about the same time. */
export const RECIPES: Recipe[] = [
    recipe("pulumi", VERSIONS.pulumi, {
        packages: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
        variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${VERSIONS.pulumi}` },
    }),
    kubernetesRecipe("kubernetes", VERSIONS.kubernetes),
    kubernetesRecipe("kubernetes-former", VERSIONS.kubernetesFormer, FORMER_SUFFIX),
    recipe("pulumi-resource-kubernetes", VERSIONS.pulumiKubernetes, {
        // The plugin also reports this version to the engine.
        variables: { "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": VERSIONS.pulumiKubernetes },
        embeds: {
            module: "github.com/pulumi/pulumi-kubernetes/provider/v4",
            files: [
                "cmd/pulumi-resource-kubernetes/schema.json",
                "cmd/pulumi-resource-kubernetes/terraform-mapping.json",
            ],
        },
    }),
    recipe("pulumi-resource-tls", "5.6.1"),
    recipe("containerd", VERSIONS.containerd, {
        packages: under("github.com/containerd/containerd/v2/cmd", ["containerd", "ctr", "containerd-shim-runc-v2"]),
        tags: "no_btrfs",
        variables: { "github.com/containerd/containerd/v2/version.Version": VERSIONS.containerd },
    }),
    recipe("coredns", VERSIONS.coredns, { packages: { coredns: "github.com/coredns/coredns" } }),
    recipe("calico", VERSIONS.calico, {
        packages: {
            "calico-node": `${CALICO}/node/cmd/calico-node`,
            "calico-cni": `${CALICO}/cni-plugin/cmd/calico`,
            "calico-cni-install": `${CALICO}/cni-plugin/cmd/install`,
            "calico-kube-controllers": `${CALICO}/kube-controllers/cmd/kube-controllers`,
            "calico-check-status": `${CALICO}/kube-controllers/cmd/check-status`,
        },
        variables: {
            "main.VERSION": `v${VERSIONS.calico}`,
            [`${CALICO}/node/pkg/lifecycle/startup.VERSION`]: `v${VERSIONS.calico}`,
            [`${CALICO}/node/buildinfo.GitVersion`]: `v${VERSIONS.calico}`,
        },
        copies: {
            module: CALICO,
            paths: {
                "calico-node-etc": "node/filesystem/etc",
                "calico-node-sbin": "node/filesystem/sbin",
                "calico-confd": "confd/etc/calico/confd",
                "calico.yaml": "manifests/calico.yaml",
                "calico-vxlan.yaml": "manifests/calico-vxlan.yaml",
            },
        },
    }),
    recipe("metrics-server", VERSIONS.metricsServer, {
        packages: { "metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server" },
        variables: { "k8s.io/client-go/pkg/version.gitVersion": `v${VERSIONS.metricsServer}` },
    }),
    recipe("local-path-provisioner", VERSIONS.localPathProvisioner, {
        packages: { "local-path-provisioner": "github.com/rancher/local-path-provisioner" },
        variables: { "main.VERSION": `v${VERSIONS.localPathProvisioner}` },
    }),
    recipe("kube-vip", VERSIONS.kubeVip, {
        packages: { "kube-vip": "github.com/kube-vip/kube-vip" },
        variables: { "main.Version": `v${VERSIONS.kubeVip}` },
    }),
    recipe("flanneld", VERSIONS.flannel, {
        packages: { flanneld: "github.com/flannel-io/flannel" },
        variables: { "github.com/flannel-io/flannel/pkg/version.Version": `v${VERSIONS.flannel}` },
        cgo: true,
    }),
    recipe("pulumi-resource-command", "1.2.1", { source: path.join(__dirname, "fallback/command") }),
    recipe("etcd", VERSIONS.etcd, {
        packages: {
            etcd: "go.etcd.io/etcd/server/v3",
            etcdctl: "go.etcd.io/etcd/etcdctl/v3",
            etcdutl: "go.etcd.io/etcd/etcdutl/v3",
        },
    }),
    recipe("crictl", VERSIONS.criTools, {
        packages: { crictl: "sigs.k8s.io/cri-tools/cmd/crictl" },
        variables: { "sigs.k8s.io/cri-tools/pkg/version.Version": VERSIONS.criTools },
    }),
    recipe("pulumi-language-nodejs", VERSIONS.pulumiLanguageNodejs, {
        packages: { "pulumi-language-nodejs": "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs" },
    }),
    recipe("crane", VERSIONS.crane, {
        packages: { crane: "github.com/google/go-containerregistry/cmd/crane" },
        variables: { "github.com/google/go-containerregistry/cmd/crane/cmd.Version": VERSIONS.crane },
    }),
    recipe("flannel-cni", "1", { packages: { flannel: "." } }),
    recipe("pause", "1"),
];

/** Returns the names of a recipe's outputs: executables and copies. */
export const outputsOf = ({ packages, copies }: Recipe): string[] => [
    ...Object.keys(packages),
    ...Object.keys(copies?.paths ?? {}),
];

/** Returns the recipe that has an output with this name. */
export function recipeOf(tool: string): Recipe {
    const found = RECIPES.find((recipe) => outputsOf(recipe).includes(tool));
    if (!found) {
        const known = RECIPES.flatMap(outputsOf).sort();
        throw new UserError(`tool ${tool}: got an unknown name, expected one of ${known.join(", ")}`);
    }
    return found;
}
