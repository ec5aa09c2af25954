import { readFileSync } from "fs";
import * as path from "path";
import { parse } from "yaml";
import { CniPlugin } from "../../components/model/cni";
import { CALICO } from "../../components/versions/versions";
import { REPO_DIR } from "../../lab/paths";
import { Config, devConfig } from "./stack";

/** Calico's manifest on the lab's mirror: upstream's, so it is of the checksum that the library pins. */
export const CALICO_MANIFEST = { uri: "http://10.88.0.2/manifests/calico-vxlan.yaml", sha256: CALICO.sha256 };

/** The stack config of an example, with what only the lab needs: its mirror, its keys, its kernel. */
export function exampleConfig(name: string): Config {
    const { config } = parse(readFileSync(path.join(REPO_DIR, `examples/${name}/Pulumi.${name}.yaml`), "utf8"));
    const { ssh, sources, kubeletConfiguration, kubeProxyConfiguration, restrictOomScoreAdj } = devConfig();
    const own: Config = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace("pulumi-kubeadm:", ""), value]),
    );
    return {
        ...{ restrictOomScoreAdj },
        ...own,
        ...(own.cni?.plugin === CniPlugin.Calico ? { cni: { ...own.cni, manifest: CALICO_MANIFEST } } : {}),
        ssh: { ...ssh, ...own.ssh },
        sources: { ...sources, etcd: { package: "etcd" }, ...own.sources },
        kubeletConfiguration: { ...kubeletConfiguration, ...own.kubeletConfiguration },
        kubeProxyConfiguration: { ...kubeProxyConfiguration, ...own.kubeProxyConfiguration },
    };
}
