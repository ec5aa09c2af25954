import { Binaries, BINARY_NAMES } from "../model/binaries";
import { EtcdMemberSettings, EtcdRuntime } from "../model/etcd";
import { HostShape } from "../model/hosts";
import { OsFamily } from "../model/osFamily";
import { PackageRepositoryArgs } from "../model/packageRepositories";
import { RuntimeShape } from "../model/runtime";
import { pauseImage } from "../versions/versions";
import { registryFiles } from "./registries";

/*
 * The rows of what a host downloads, for preflight: `name url…`. A download works where one of its URLs answers; in them `{arch}` stands
 * for amd64 or arm64, as elsewhere.
 */

/** For a host with a kubelet: its programs, and one image or more of each registry that `prepare` pulls from. */
export const runtimeSources = (
    { kubernetesVersion, osFamily, sources }: RuntimeShape,
    host: Pick<HostShape, "setup">,
    images: string[],
): string[] => [
    ...(sources.binaries ? binaryRows(sources.binaries) : packageRows(sources, osFamily)),
    ...(hasOwnRegistries(host)
        ? []
        : [pauseImage(kubernetesVersion, sources.imageRepository), ...images].map((image) => imageRow(image, sources))),
];

/** For a host with a member that is not kubeadm's, beside the kubelet of its static pod. */
export const memberSources = ({ runtime, source }: Pick<EtcdMemberSettings, "runtime" | "source">): string[] =>
    runtime === EtcdRuntime.Systemd && source.uri !== undefined && !source.package
        ? [`sources.etcd ${source.uri}`]
        : [];

const binaryRows = (binaries: Binaries): string[] =>
    BINARY_NAMES.map((name) => `sources.binaries.${name} ${binaries[name].uri}`);

const packageRows = ({ kubernetes, containerd }: RuntimeShape["sources"], family: OsFamily): string[] => [
    ...repositoryRows("sources.kubernetes", kubernetes, family),
    ...repositoryRows("sources.containerd", containerd, family),
];

/** The index of the repository, because its base may be no page, and its key where that is a URL. */
function repositoryRows(option: string, { uri, suite = "", key }: PackageRepositoryArgs, family: OsFamily): string[] {
    const base = uri.replace(/\/+$/, "");
    const [, keyUrl] = key.startsWith("-----BEGIN") ? [] : key.split(" ");
    const [distribution] = suite.split(" ");
    const folder = distribution.endsWith("/")
        ? `${base}/${distribution.replace(/^\/+/, "")}`
        : `${base}/dists/${distribution}/`;
    const index = family === OsFamily.Debian ? `${folder}InRelease ${folder}Release` : `${base}/repodata/repomd.xml`;
    return [`${option} ${index}`, ...(keyUrl === undefined ? [] : [`${option}.key ${keyUrl}`])];
}

/** Whether `hostSetup` says itself where containerd pulls from. */
const hasOwnRegistries = ({ setup }: Pick<HostShape, "setup">): boolean =>
    setup.files.some(({ path }) => path.startsWith("/etc/containerd/certs.d/"));

/**
 * The manifest at the mirror and at the registry, in containerd's order: it goes on with the registry where a mirror fails. A server
 * that wants a login is asked for its version alone, because preflight is sent no password, and to strangers a private image does not exist.
 */
function imageRow(image: string, { registryMirrors, registries }: RuntimeShape["sources"]): string {
    const [, registry, repository, reference] = /^([^/]+)\/(.+?)(?::([^:/@]+))?(?:@.+)?$/.exec(image) ?? [];
    const files = registryFiles(registryMirrors, registries);
    const { urls } = files.find((file) => file.registry === registry) ??
        files.find((file) => file.registry === "_default") ?? { urls: [] };
    const own = `https://${registry === "docker.io" ? "registry-1.docker.io" : registry}`;
    const manifest = (url: string) => {
        const { protocol, host, pathname } = new URL(url);
        if (registries[host]?.username !== undefined) return `${protocol}//${host}/v2/`;
        // A path has the API's /v2 already.
        const api = pathname === "/" ? `${url}/v2` : url;
        return `${api}/${repository}/manifests/${reference ?? "latest"}${url === own ? "" : `?ns=${registry}`}`;
    };
    return [image, ...new Set([...urls, own].map(manifest))].join(" ");
}
