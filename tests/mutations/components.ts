import type { Mutation } from "./mutation";

const TURNS = ["components/turns"];
const ORDER = ["components/order"];
const CREDENTIALS = ["components/credentials"];

/** Defects of the program. */
export const COMPONENTS: Mutation[] = [
    {
        name: "maxUnavailable is ignored",
        file: "components/model/maxUnavailable.ts",
        search: "Number(value ?? 1)",
        replace: "1",
        tests: TURNS,
    },
    {
        name: "all workers are changed at once",
        file: "components/cluster/nodes.ts",
        search: "atOnce: plan.shape.maxUnavailable,",
        replace: "atOnce: Math.max(workers.length, 1),",
        tests: TURNS,
    },
    {
        name: "control plane nodes are changed in parallel",
        file: "components/cluster/nodes.ts",
        search: "{ ...shared, ...item, turnAfter }, child),",
        replace: "{ ...shared, ...item }, child),",
        tests: TURNS,
    },
    {
        name: "load balancers are changed in parallel",
        file: "components/load-balancer/loadBalancer.ts",
        search: "host, args, turnAfter),",
        replace: "host, args, pulumi.output([])),",
        tests: TURNS,
    },
    {
        name: "etcd members are changed in parallel",
        file: "components/etcd/members.ts",
        search: "this.member(host, formation, turnAfter)",
        replace: "this.member(host, formation, pulumi.output([]))",
        tests: TURNS,
    },
    {
        name: "a host is changed before every other host has passed its preflight",
        file: "components/host/host.ts",
        search: "return barrier ? [this.preflight, barrier] : [this.preflight];",
        replace: "return barrier ? [this.preflight] : [this.preflight];",
        tests: ORDER,
    },
    {
        name: "a worker joins without waiting for the configuration",
        file: "components/cluster/nodes.ts",
        search: "joinAfter: [configuration.applied]",
        replace: "joinAfter: []",
        tests: ORDER,
    },
    {
        name: "the configuration does not wait for the control plane's rollouts",
        file: "components/cluster/cluster.ts",
        search: "mergeDependencies([controlPlane.changed, loadBalancer])",
        replace: "mergeDependencies([loadBalancer])",
        tests: ORDER,
    },
    {
        name: "two machines with one machine-id are accepted",
        file: "components/host/barrier.ts",
        search: "if (twin === undefined) return;",
        replace: 'if (twin === undefined || twin.id !== "") return;',
        tests: ["components/barrier"],
    },
    {
        name: "the exported kubeconfig is of group system:masters",
        file: "components/cluster/pki.ts",
        search: 'organization: "kubeadm:cluster-admins"',
        replace: 'organization: "system:masters"',
        tests: CREDENTIALS,
    },
    {
        name: "certificates are not renewed before they expire",
        file: "components/lib/certificates.ts",
        search: "            earlyRenewalHours,\n",
        replace: "",
        tests: CREDENTIALS,
    },
    {
        name: "a host is dialled without limits",
        file: "components/host/connection.ts",
        search: "(bastion ? BASTION.hostErrorLimit : DIAL.errorLimit)),\n    perDialTimeout: DIAL.timeoutSeconds,\n",
        replace: "(bastion ? BASTION.hostErrorLimit : undefined)),\n",
        tests: CREDENTIALS,
    },
    {
        name: "drainTimeoutSeconds does not reach the scripts",
        file: "components/model/cluster.ts",
        search: "args.drainTimeoutSeconds ?? 300",
        replace: "300",
        tests: CREDENTIALS,
    },
    {
        name: "a host's key is not passed to SSH",
        file: "components/host/connection.ts",
        search: "    hostKey: host.hostKey as pulumi.Output<string>,\n",
        replace: "",
        tests: ["components/cluster"],
        title: "pins every host key",
    },
    {
        name: "haproxy's health checks speak no TLS",
        file: "components/load-balancer/haproxy.ts",
        search: "check check-ssl verify none",
        replace: "check verify none",
        tests: ["unit/balancerConfig"],
    },
    {
        name: "CoreDNS may ask itself",
        file: "components/model/upstreams.ts",
        search: "address === network.dnsAddress || ",
        replace: "",
        tests: ["unit/corefile"],
        title: "would ask itself",
    },
    {
        name: "NodeLocal DNSCache does not know the stub domains",
        file: "components/addons/nodeLocalDns.ts",
        search: ", ...stubDomains.map((stub) => stub.domain)]);",
        replace: "]);",
        tests: ["unit/corefile"],
        title: "stub domains",
    },
];
