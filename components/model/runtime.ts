import { DEFAULT_KUBERNETES_VERSION, etcdImage } from "../versions/versions";
import { Binaries, resolveBinaries } from "./binaries";
import { ClusterArgs } from "./cluster";
import { OsFamily } from "./osFamily";
import {
    CONTAINERD_REPOSITORY,
    EtcdSourceArgs,
    PackageRepositoryArgs,
    ProxyArgs,
    RegistryArgs,
    kubernetesRepository,
    resolveEtcdArchive,
} from "./sources";

/** What any host with a kubelet is made from. */
export interface KubeletSettings {
    osFamily: OsFamily;
    kubernetesVersion: string;
    sources: {
        kubernetes: PackageRepositoryArgs;
        containerd: PackageRepositoryArgs;
        /** Programs as files; then no package is installed. */
        binaries?: Binaries;
        etcd: EtcdSourceArgs;
        registryMirrors: Record<string, string>;
        registries: Record<string, RegistryArgs>;
        proxy?: ProxyArgs;
        imageRepository: string;
    };
    kubeletConfiguration: Record<string, unknown>;
    restrictOomScoreAdj: boolean;
}

export function resolveKubelet(
    args: Pick<
        ClusterArgs,
        "osFamily" | "kubernetesVersion" | "sources" | "kubeletConfiguration" | "restrictOomScoreAdj"
    >,
): KubeletSettings {
    const { osFamily = OsFamily.Debian, kubernetesVersion = DEFAULT_KUBERNETES_VERSION } = args;
    return {
        osFamily,
        kubernetesVersion,
        sources: {
            kubernetes: args.sources?.kubernetes ?? kubernetesRepository(kubernetesVersion, osFamily),
            containerd: args.sources?.containerd ?? CONTAINERD_REPOSITORY[osFamily],
            binaries: resolveBinaries(args.sources?.binaries, kubernetesVersion),
            etcd: resolveEtcdArchive(args.sources, kubernetesVersion),
            registryMirrors: args.sources?.registryMirrors ?? {},
            registries: args.sources?.registries ?? {},
            proxy: args.sources?.proxy,
            imageRepository: args.sources?.imageRepository ?? "registry.k8s.io",
        },
        kubeletConfiguration: args.kubeletConfiguration ?? {},
        restrictOomScoreAdj: args.restrictOomScoreAdj ?? false,
    };
}

/** etcd's programs for members that are not kubeadm's. */
export const etcdProgram = ({ kubernetesVersion, sources }: KubeletSettings) => ({
    source: sources.etcd,
    image: etcdImage(kubernetesVersion, sources.imageRepository),
});
