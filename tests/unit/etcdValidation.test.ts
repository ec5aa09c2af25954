import { describe, expect, it } from "vitest";
import { PRIVATE_KEY, clusterArgs, node, pem } from "./fixtures";
import { clusterFaults } from "../../components/model/clusterRules";
import { EtcdPlacement, EtcdRuntime, EtcdTopology, KnownEtcdArgs } from "../../components/model/etcd";
import { etcdClusterFaults } from "../../components/model/etcdCluster";
import { AutoCompactionMode } from "../../components/model/etcdOptions";

const hosts = [node("etcd1", 31), node("etcd2", 32), node("etcd3", 33)];
const external: KnownEtcdArgs = { topology: EtcdTopology.External, hosts };
const colocated: KnownEtcdArgs = { topology: EtcdTopology.External, placement: EtcdPlacement.ControlPlane };
const existing: KnownEtcdArgs = {
    topology: EtcdTopology.Existing,
    endpoints: ["https://192.0.2.31:2379", "https://etcd.example.com:2379"],
    caCertificate: pem("ca.crt"),
    clientCertificate: pem("ca.crt"),
    clientKey: pem("ca.key"),
};
const faults = (etcd: KnownEtcdArgs, changes = {}) => clusterFaults(clusterArgs({ etcd, ...changes }));
const paths = (etcd: KnownEtcdArgs, changes = {}) => faults(etcd, changes).map((f) => f.propertyPath);
const two = { controlPlaneNodes: [node("cp1", 11), node("cp2", 12)] };

describe("etcd's topology", () => {
    it.each([
        ["stacked", {}],
        ["on dedicated hosts", external],
        ["on dedicated hosts, as static pods", { ...external, runtime: EtcdRuntime.StaticPod }],
        ["on control plane nodes", colocated],
        ["an existing one", existing],
    ])("%s is taken", (_what, etcd) => expect(faults(etcd)).toEqual([]));

    it("with etcd elsewhere, two control plane nodes are as good as three", () => {
        expect(faults(external, two)).toEqual([]);
        expect(faults(existing, two)).toEqual([]);
        expect(paths(colocated, two)).toEqual(["controlPlaneNodes"]);
        expect(paths({}, two)).toEqual(["controlPlaneNodes"]);
    });

    it.each([
        ["a topology nobody knows", { topology: "internal" as EtcdTopology }, ["etcd.topology"]],
        ["a runtime nobody knows", { ...external, runtime: "docker" as EtcdRuntime }, ["etcd.runtime"]],
        ["no hosts", { topology: EtcdTopology.External }, ["etcd.hosts"]],
        ["two hosts", { ...external, hosts: hosts.slice(0, 2) }, ["etcd.hosts"]],
        ["hosts and control plane nodes", { ...colocated, hosts }, ["etcd.hosts"]],
        ["hosts with stacked", { hosts }, ["etcd.hosts"]],
        ["a runtime with stacked", { runtime: EtcdRuntime.Systemd }, ["etcd.runtime"]],
        ["endpoints with external", { ...external, endpoints: existing.endpoints }, ["etcd.endpoints"]],
        ["options with existing", { ...existing, quotaBackendBytes: 2 ** 31 }, ["etcd.quotaBackendBytes"]],
        ["no endpoints", { ...existing, endpoints: [] }, ["etcd.endpoints"]],
        ["an endpoint without TLS", { ...existing, endpoints: ["http://192.0.2.31:2379"] }, ["etcd.endpoints[0]"]],
        ["a CA that is none", { ...existing, caCertificate: "ca.crt" }, ["etcd.caCertificate"]],
        ["a certificate that is none", { ...existing, clientCertificate: pem("sa.key") }, ["etcd.clientCertificate"]],
        ["a key that is none", { ...existing, clientKey: pem("leaf.crt") }, ["etcd.clientKey"]],
        ["the key of another certificate", { ...existing, clientKey: pem("sa.key") }, ["etcd.clientKey"]],
        ["no key", { ...existing, clientKey: undefined }, ["etcd.clientKey"]],
        [
            "a host that is a node already",
            { ...external, hosts: [{ ...hosts[0], address: "192.0.2.11" }, hosts[1], hosts[2]] },
            ["etcd.hosts[0].address"],
        ],
        [
            "a host without a key",
            { ...external, hosts: [{ ...hosts[0], hostKey: undefined }] },
            ["etcd.hosts[0].hostKey"],
        ],
    ])("%s is refused", (_what, etcd, expected) => expect(paths(etcd)).toEqual(expected));

    it("what belongs to another topology is told with both", () => {
        expect(faults({ hosts })).toEqual([
            {
                propertyPath: "etcd.hosts",
                reason: "got a value, expected none: only topology external uses it, and etcd.topology is 'stacked'",
            },
        ]);
    });
});

describe("etcd's options", () => {
    it.each([
        ["a heartbeat and an election that go together", { heartbeatInterval: 300, electionTimeout: 3000 }, []],
        ["a quota in megabytes", { quotaBackendBytes: 8192 }, ["quotaBackendBytes"]],
        ["less than five heartbeats", { heartbeatInterval: 300, electionTimeout: 1499 }, ["electionTimeout"]],
        ["a heartbeat against the default election", { heartbeatInterval: 250 }, ["electionTimeout"]],
        ["more than fifty seconds", { electionTimeout: 50_001 }, ["electionTimeout"]],
        ["half a heartbeat", { heartbeatInterval: 0.5 }, ["heartbeatInterval"]],
        [
            "a mode without a retention",
            { autoCompactionMode: AutoCompactionMode.Periodic },
            ["autoCompactionRetention"],
        ],
        ["hours without a unit", { autoCompactionRetention: "8" }, ["autoCompactionRetention"]],
        ["a duration", { autoCompactionRetention: "1h30m" }, []],
        [
            "a duration as a number of revisions",
            { autoCompactionMode: AutoCompactionMode.Revision, autoCompactionRetention: "1h" },
            ["autoCompactionRetention"],
        ],
        ["a relative folder", { dataDir: "etcd" }, ["dataDir"]],
        ["a folder at the root", { dataDir: "/etcd" }, ["dataDir"]],
        ["a URL without a port", { listenMetricsUrls: ["http://127.0.0.1"] }, ["listenMetricsUrls[0]"]],
        [
            "a URL that asks for a certificate",
            { listenMetricsUrls: ["https://127.0.0.1:2381"] },
            ["listenMetricsUrls[0]"],
        ],
    ])("%s", (_what, options, expected) => {
        expect(paths({ ...options })).toEqual(expected.map((name) => `etcd.${name}`));
        const alone = { ssh: { privateKey: PRIVATE_KEY }, members: hosts, ...options };
        expect(etcdClusterFaults(alone).map((f) => f.propertyPath)).toEqual(expected);
    });
});

describe("where etcd comes from", () => {
    const sources = (etcd: object) => paths(external, { sources: { etcd } });
    it("is a package, or an archive with its checksum", () => {
        expect(sources({ package: "etcd" })).toEqual([]);
        expect(sources({ uri: "https://example.com/etcd.tar.gz", sha256: { amd64: "0".repeat(64) } })).toEqual([]);
        expect(sources({ uri: "https://example.com/etcd.tar.gz" })).toEqual(["sources.etcd.sha256"]);
        expect(sources({ uri: "etcd.tar.gz", sha256: { amd64: "00" } })).toEqual([
            "sources.etcd.uri",
            "sources.etcd.sha256.amd64",
        ]);
        expect(sources({ package: "etcd", uri: "https://example.com/etcd" })).toEqual(["sources.etcd.package"]);
    });
});
