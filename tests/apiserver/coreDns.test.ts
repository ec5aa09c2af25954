import { execFileSync } from "child_process";
import { chmodSync, copyFileSync } from "fs";
import * as path from "path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { coreDnsParameters } from "../../components/addons/coreDns";
import { corefile, kubeadmCorefile } from "../../components/addons/corefile";
import { uploadConfig } from "../../components/cluster/kubeadm";
import { resolveSettings } from "../../components/model/cluster";
import { CorefileArgs } from "../../components/model/corefile";
import { COREDNS_PLUGINS } from "../../components/versions/coreDnsPlugins";
import { VERSIONS, ensureTools } from "../../tools/toolchain";
import { controlPlaneDesired, votingMember } from "../scripts/desired";
import { Sandbox } from "../scripts/sandbox";
import { clusterArgs, node, resolvedLeader } from "../unit/fixtures";
import { ApiServer } from "./apiServer";
import { CoreDns, NameServer, nameServer } from "./nameServers";

/** The phase `cluster` with the real kubectl and kubeadm, at a real kube-apiserver, and the real CoreDNS with what it wrote. */
let api: ApiServer;
let host: Sandbox;
let tools: Record<string, string>;

beforeAll(async () => {
    const report = (line: string): void => void process.stdout.write(`[tools] ${line}\n`);
    tools = await ensureTools(["coredns", "kubeadm", "kubeadm-former", "kubectl"], report);
    api = await ApiServer.start();
    host = new Sandbox();
    host.ok("prepare", "create", controlPlaneDesired());
    install(tools.kubectl, "kubectl");
    install(tools.kubeadm, `kubeadm-${VERSIONS.kubernetes}`);
    install(tools["kubeadm-former"], `kubeadm-${VERSIONS.kubernetesFormer}`);
    for (const file of ["etc/kubernetes/admin.conf", "fake/kubeconfig"]) host.write(file, api.kubeconfig());
    host.write("fake/etcd/192.0.2.12/list", JSON.stringify({ members: [1, 2, 3].map(votingMember) }));
});
afterAll(async () => {
    host?.remove();
    await api?.stop();
});

function install(program: string, name: string): void {
    const target = path.join(host.root, "usr/local/sbin", name);
    copyFileSync(program, target);
    chmodSync(target, 0o755);
}

const DOMAIN = "cluster.local";
const CACHE = { cache: { capacity: 20480, ttlSeconds: 60 } };

/** Runs the phase as of a version of Kubernetes; returns what it said. */
function cluster(kubernetesVersion: string, coreDns: CorefileArgs): string {
    const settings = resolveSettings(clusterArgs({ kubernetesVersion, coreDns }));
    // With admin.conf, kubeadm would call the node's own address, which is not kube-apiserver's here.
    const program = `kubeadm-${kubernetesVersion}`;
    const phase = `${program} init phase addon coredns --config "$3" --kubeconfig /fake/kubeconfig`;
    host.write("usr/local/sbin/kubeadm", `#!/bin/bash\nexec ${phase}\n`);
    return host.ok("cluster", "update", {
        NODE_NAME: "cp1",
        KUBEADM_UPLOAD: uploadConfig(settings, resolvedLeader(node("cp1", 11))),
        CONTROL_PLANE_VERSION: kubernetesVersion,
        JOIN_TOKENS: [],
        NODES: ["cp1"],
        KUBE_PROXY_ENABLED: true,
        ...coreDnsParameters(settings.coreDns, DOMAIN),
    });
}

interface ConfigMap {
    metadata: { annotations?: Record<string, string>; resourceVersion: string };
    data: Record<string, string>;
}
const CONFIG = "/api/v1/namespaces/kube-system/configmaps/coredns";
const configMap = async () => JSON.parse(await api.must("GET", CONFIG)) as ConfigMap;
/** The keys of the ConfigMap with their texts: kubeadm adds a second key when it migrates a Corefile. */
const texts = async () => (await configMap()).data;

const deployment = async () => {
    const url = "/apis/apps/v1/namespaces/kube-system/deployments/coredns";
    const { template } = (JSON.parse(await api.must("GET", url)) as { spec: { template: PodTemplate } }).spec;
    return { image: template.spec.containers[0].image, annotations: template.metadata.annotations ?? {} };
};
interface PodTemplate {
    metadata: { annotations?: Record<string, string> };
    spec: { containers: { image: string }[] };
}

describe("kubeadm", { timeout: 300_000 }, () => {
    it.each([VERSIONS.kubernetesFormer, VERSIONS.kubernetes])(
        "of %s makes the Corefile that we know",
        async (version) => {
            await api.ask("DELETE", CONFIG);
            cluster(version, {});
            expect(await texts()).toEqual({ Corefile: `${kubeadmCorefile(DOMAIN)}\n` });
        },
    );

    it("keeps ours on a new cluster, and with the CoreDNS of another version", async () => {
        await api.must("DELETE", CONFIG);
        await api.must("DELETE", "/apis/apps/v1/namespaces/kube-system/deployments/coredns");
        cluster(VERSIONS.kubernetesFormer, CACHE);
        const former = await deployment();
        expect(former.annotations).toHaveProperty(["pulumi-kubeadm/corefile"]);
        const ours = { Corefile: `${corefile(CACHE, DOMAIN)}\n` };
        expect(await texts()).toEqual(ours);
        const { resourceVersion } = (await configMap()).metadata;
        cluster(VERSIONS.kubernetes, CACHE);
        expect(await texts()).toEqual(ours);
        expect((await configMap()).metadata.resourceVersion).toBe(resourceVersion);
        expect((await deployment()).image).not.toBe(former.image);
        expect((await deployment()).annotations).toEqual(former.annotations);
    });

    it("keeps its own again once the options have gone, and somebody's", async () => {
        cluster(VERSIONS.kubernetes, {});
        expect(await texts()).toEqual({ Corefile: `${kubeadmCorefile(DOMAIN)}\n` });
        expect((await configMap()).metadata.annotations ?? {}).toEqual({});
        expect((await deployment()).annotations).toEqual({});
        const edited = kubeadmCorefile(DOMAIN).replace("errors", "errors\n    log");
        await api.must("PATCH", CONFIG, { data: { Corefile: edited } });
        cluster(VERSIONS.kubernetes, {});
        expect(await texts()).toEqual({ Corefile: edited });
        expect(() => cluster(VERSIONS.kubernetes, CACHE)).toThrow("somebody has edited CoreDNS's Corefile");
        expect(await texts()).toEqual({ Corefile: edited });
        await api.must("DELETE", CONFIG);
        cluster(VERSIONS.kubernetes, CACHE);
        expect(await texts()).toEqual({ Corefile: `${corefile(CACHE, DOMAIN)}\n` });
    });
});

describe("CoreDNS", () => {
    const servers: NameServer[] = [];
    let dns: CoreDns;

    beforeAll(async () => {
        servers.push(await nameServer("192.0.2.1", "upstream.example"));
        servers.push(await nameServer("192.0.2.2", "stub.example"));
        servers.push(await nameServer("192.0.2.3", "inner.example"));
        const [upstream, stub, inner] = servers.map(({ port }) => [`127.0.0.1:${port}`]);
        const options: CorefileArgs = {
            ...CACHE,
            forward: { upstreams: upstream, maxConcurrent: 2000 },
            stubDomains: [
                { domain: "local", upstreams: stub },
                { domain: "inner.local", upstreams: inner },
                { domain: "10.in-addr.arpa", upstreams: stub },
                { domain: "tls.local", upstreams: ["tls://[2001:db8::53]:8853"], tlsServerName: "dns.example.com" },
            ],
            serverBlocks: [{ domain: "door.local", plugins: "hosts {\n    192.0.2.4 www.door.local\n}" }],
        };
        dns = await CoreDns.start(tools.coredns, corefile(options, DOMAIN), api.kubeconfig());
    });
    afterAll(async () => {
        await dns?.stop();
        await Promise.all(servers.map((server) => server.stop()));
    });

    it.each([
        ["the cluster itself, below a stub domain", `kube-dns.kube-system.svc.${DOMAIN}`, "10.96.0.10"],
        ["the upstream", "www.example.org", "192.0.2.1"],
        ["the stub domain's server", "www.local", "192.0.2.2"],
        ["that of the innermost one", "www.inner.local", "192.0.2.3"],
        ["a server block, within a stub domain", "www.door.local", "192.0.2.4"],
    ])("asks %s", async (_, name, address) => {
        expect(await dns.resolver.resolve4(name)).toEqual([address]);
    });

    it("has the plugins that a server block may use", () => {
        const said = execFileSync(tools.coredns, ["-plugins"], { encoding: "utf8" });
        expect(said.split("\n")).toEqual(expect.arrayContaining(COREDNS_PLUGINS));
    });

    it("knows the cluster's addresses, and asks a stub domain's server for others", async () => {
        expect(await dns.resolver.reverse("10.96.0.10")).toEqual([`kube-dns.kube-system.svc.${DOMAIN}`]);
        expect(await dns.resolver.reverse("10.1.2.3")).toEqual(["stub.example"]);
        expect(await dns.resolver.reverse("198.51.100.7")).toEqual(["upstream.example"]);
    });
});
