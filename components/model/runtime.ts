import { DEFAULT_KUBERNETES_VERSION, etcdImage } from "../versions/versions";
import { OsFamily } from "./osFamily";
import { SourcesArgs, SourcesSettings, resolveSources } from "./sources";

/** The arguments of every host with a kubelet; `ClusterArgs` and `EtcdClusterArgs` document each. */
export interface RuntimeArgs {
    osFamily?: OsFamily;
    kubernetesVersion?: string;
    sources?: SourcesArgs;
    kubeletConfiguration?: Record<string, unknown>;
    restrictOomScoreAdj?: boolean;
}

/** The same with every default filled in. */
export interface RuntimeSettings {
    osFamily: OsFamily;
    kubernetesVersion: string;
    sources: SourcesSettings;
    kubeletConfiguration: Record<string, unknown>;
    restrictOomScoreAdj: boolean;
}

/** The settings that are known at once. The proxy's exceptions have the cluster's endpoint among them, which may come later. */
export interface RuntimeShape extends Omit<RuntimeSettings, "sources"> {
    sources: Omit<SourcesSettings, "proxy">;
}

export function resolveRuntime(args: RuntimeArgs): RuntimeSettings {
    const { osFamily, kubernetesVersion } = resolvePlatform(args);
    return {
        osFamily,
        kubernetesVersion,
        sources: resolveSources(args.sources, kubernetesVersion, osFamily),
        kubeletConfiguration: args.kubeletConfiguration ?? {},
        restrictOomScoreAdj: args.restrictOomScoreAdj ?? false,
    };
}

/** The two choices that the other defaults follow from. */
export const resolvePlatform = ({
    osFamily = OsFamily.Debian,
    kubernetesVersion = DEFAULT_KUBERNETES_VERSION,
}: RuntimeArgs): Pick<RuntimeSettings, "osFamily" | "kubernetesVersion"> => ({ osFamily, kubernetesVersion });

/** etcd's programs for members that are not kubeadm's. */
export const etcdProgram = ({ kubernetesVersion, sources }: RuntimeSettings) => ({
    source: sources.etcd,
    image: etcdImage(kubernetesVersion, sources.imageRepository),
});
