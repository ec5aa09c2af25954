import { describe, expect, it } from "vitest";
import { KnownClusterArgs } from "../../components/model/cluster";
import { clusterFaults } from "../../components/model/clusterRules";
import { EtcdTopology } from "../../components/model/etcd";
import { LoadBalancerPlacement as Placement, LoadBalancerType as Type } from "../../components/model/loadBalancerType";
import { clusterArgs, dedicatedArgs, everyKindArgs, node, publicKey } from "./fixtures";

const nodeLocal = clusterArgs({ loadBalancer: { placement: Placement.NodeLocal } });
const single = clusterArgs({ controlPlaneNodes: [node("cp1", 11)], loadBalancer: {} });
const oneEtcdHost = clusterArgs({ etcd: { topology: EtcdTopology.External, hosts: [node("e1", 31)] } });
/** A worker behind a gateway, which forwards a port to its sshd. */
const forwarded = (last: number) => ({
    ...{ name: `w${last}`, address: "198.51.100.1", port: 2200 + last, privateAddress: `192.0.2.${last}` },
    hostKey: publicKey(last),
});

const faults = (args: KnownClusterArgs, controlPlaneEndpoint: string) =>
    clusterFaults({ ...args, controlPlaneEndpoint }).map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);

const BALANCER = "a load balancer's name or address";
const NODES = "a name or address that leads to the control plane nodes";
const OWN = "on each host this one means the host itself";
const SERVICE = "the cluster's DNS gives this name to a Service";
const neither = (name: string) => `${name} runs neither kube-apiserver nor a load balancer`;
const alone = (name: string) => `with ${name} alone the cluster loses its endpoint`;
const outside = (subnet: string) => `an address outside ${subnet}, which is a subnet of pods or Services`;

describe("controlPlaneEndpoint", () => {
    it.each<[string, string, KnownClusterArgs?]>([
        ["localhost", `${BALANCER}: ${OWN}`],
        ["api.localhost", `${BALANCER}: ${OWN}`],
        ["localhost", `${NODES}: ${OWN}`, nodeLocal],
        ["127.0.0.1", `${BALANCER}: ${OWN}`],
        ["127.0.0.1", `${NODES}: ${OWN}`, nodeLocal],
        ["::1", `${BALANCER}: ${OWN}`],
        ["0.0.0.0", `${BALANCER}: ${OWN}`],
        ["::", `${BALANCER}: ${OWN}`],
        ["224.0.0.18", "a DNS name or an address, without a port"],
        ["10.244.3.4", outside("10.244.0.0/16")],
        ["10.96.0.1", outside("10.96.0.0/12")],
        ["10.96.0.1", outside("10.96.0.0/12"), nodeLocal],
        ["kubernetes", `${BALANCER}: ${SERVICE}`],
        ["kubernetes.default", `${BALANCER}: ${SERVICE}`],
        ["kubernetes.default.svc", `${BALANCER}: ${SERVICE}`],
        ["api.default.svc.cluster.local", `${BALANCER}: ${SERVICE}`],
        [
            "api.x.svc.k8s.example.org",
            `${BALANCER}: ${SERVICE}`,
            clusterArgs({ network: { dnsDomain: "k8s.example.org" } }),
        ],
        ["192.0.2.21", `${BALANCER}: ${neither("w1")}`],
        ["192.0.2.21", `${BALANCER}: ${neither("w1")}`, single],
        ["192.0.2.21", `${NODES}: ${neither("w1")}`, nodeLocal],
        ["192.0.2.22", `${BALANCER}: ${neither("w22")}`, clusterArgs({ workerNodes: [forwarded(22)] })],
        ["192.0.2.31", `${BALANCER}: ${neither("e1")}`, oneEtcdHost],
        ["192.0.2.12", `${BALANCER}: ${alone("cp2")}`],
    ])("%s is refused: %s", (endpoint, expected, args = clusterArgs()) => {
        expect(faults(args, endpoint)).toEqual([
            `controlPlaneEndpoint: got ${JSON.stringify(endpoint)}, expected ${expected}`,
        ]);
    });

    it.each<[string, string, KnownClusterArgs?]>([
        ["the virtual address", "192.0.2.100"],
        ["a name", "k8s.example.com"],
        ["a name that begins as a node's does", "cp1.example.com"],
        ["a name with svc inside", "svc.example.com"],
        ["a name with the domain of another cluster's Services", "k8s.svc.example.com"],
        ["kubernetes as a part of a name", "kubernetes.example.com"],
        ["the address of the only control plane node", "192.0.2.11", single],
        ["the name of the only control plane node", "cp1", single],
        ["the address of a control plane node, with a balancer on every node", "192.0.2.12", nodeLocal],
        ["the name of a control plane node, with a balancer on every node", "cp2", nodeLocal],
        ["the address of the only balancer", "192.0.2.10", dedicatedArgs()],
        ["the name of the only balancer", "lb1", dedicatedArgs()],
        // Its name server may lead it to a balancer, and an endpoint that a live cluster has cannot change.
        ["the name of one of several control plane nodes", "cp2"],
        ["the address of one of two balancers", "192.0.2.10", everyKindArgs()],
        [
            "a worker's address, where somebody else's balancer runs",
            "192.0.2.21",
            clusterArgs({ loadBalancer: { type: Type.External } }),
        ],
        ["the address of a gateway before one host", "198.51.100.1", clusterArgs({ workerNodes: [forwarded(22)] })],
        [
            "a gateway before several hosts",
            "198.51.100.1",
            clusterArgs({ workerNodes: [forwarded(21), forwarded(22)] }),
        ],
    ])("may be %s: %s", (_what, endpoint, args = clusterArgs()) => {
        expect(faults(args, endpoint)).toEqual([]);
    });
});

describe("a line of /etc/hosts for controlPlaneEndpoint", () => {
    const alias = (ip: string, name = "k8s.example.com") => ({ hostAliases: [{ ip, hostnames: ["api", name] }] });
    const onNode = (name: string, last: number, ip: string) => ({ ...node(name, last), ...alias(ip) });
    const expected = `the load balancer's address, because k8s.example.com is controlPlaneEndpoint: with cp1 alone nodes lose their endpoint`;

    it.each<[string, Partial<KnownClusterArgs>]>([
        ["hostSetup.all", { hostSetup: { all: alias("192.0.2.11") } }],
        ["hostSetup.controlPlane", { hostSetup: { controlPlane: alias("192.0.2.11") } }],
        ["hostSetup.workers", { hostSetup: { workers: alias("192.0.2.11") } }],
        ["workerNodes[0]", { workerNodes: [onNode("w1", 21, "192.0.2.11")] }],
    ])("of %s is refused where it leads to one control plane node of several", (path, changes) => {
        expect(faults(clusterArgs(changes), "k8s.example.com")).toEqual([
            `${path}.hostAliases[0].ip: got "192.0.2.11", expected ${expected}`,
        ]);
    });

    it.each<[string, KnownClusterArgs]>([
        ["leads to the load balancer", clusterArgs({ hostSetup: { all: alias("192.0.2.100") } })],
        ["is for another name", clusterArgs({ hostSetup: { all: alias("192.0.2.11", "cp1") } })],
        [
            "leads a node to itself",
            clusterArgs({ controlPlaneNodes: [onNode("cp1", 11, "192.0.2.11")], loadBalancer: {} }),
        ],
        [
            "leads one of several nodes to itself",
            clusterArgs({ controlPlaneNodes: [onNode("cp1", 11, "192.0.2.11"), node("cp2", 12), node("cp3", 13)] }),
        ],
        ["leads to the only control plane node", { ...single, hostSetup: { all: alias("192.0.2.11") } }],
        ["is for clients alone", { ...nodeLocal, hostSetup: { all: alias("192.0.2.11") } }],
    ])("is accepted where it %s", (_what, args) => expect(faults(args, "k8s.example.com")).toEqual([]));
});
