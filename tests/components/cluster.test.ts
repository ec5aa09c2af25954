import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { clusterArgs, dedicatedArgs, node, pem, publicKey } from "../unit/fixtures";
import { CERTIFICATES_END, Recorded, assignments, recordResources, settled, unwrapSecret } from "./mocks";
import { Cluster } from "../../components/cluster/cluster";
import { fingerprint } from "../../components/lib/certificates";
import { tidySigningKey } from "../../components/lib/pem";
import { KnownClusterArgs } from "../../components/model/cluster";
import { CniPlugin } from "../../components/model/cni";
import { LoadBalancerPlacement } from "../../components/model/loadBalancerType";
import { PkiArgs } from "../../components/model/pki";

let recorded: Recorded[];
beforeEach(() => {
    recorded = recordResources();
});

async function build(args: KnownClusterArgs = clusterArgs()): Promise<Cluster> {
    const cluster = new Cluster("c", args);
    await settled();
    return cluster;
}

const named = (name: string): Recorded => {
    const found = recorded.find((resource) => resource.name === name);
    if (!found) throw new Error(`no resource ${name} among ${recorded.map((r) => r.name).join(", ")}`);
    return found;
};
const stdin = (name: string): string => String(unwrapSecret(named(name).inputs.stdin).value);
const commands = (): Recorded[] => recorded.filter((resource) => resource.type === "command:remote:Command");

describe("a cluster of three and two", () => {
    it("is made of exactly these steps on its hosts", async () => {
        await build();
        const names = recorded.filter((r) => r.type.startsWith("command:")).map((r) => r.name);
        const steps = ["toolkit", "preflight", "claim", "prepare", "node"];
        const hosts = ["cp1", "cp2", "cp3", "w1", "w2"].flatMap((host) => steps.map((step) => `c-${host}-${step}`));
        expect(names.sort()).toEqual(
            [
                ...hosts,
                "c-checked",
                "c-formation",
                "c-configuration-attempt",
                "c-configuration-apply",
                "c-endpoint",
                "c-finish",
            ].sort(),
        );
    });

    it("costs a host at most six resources", async () => {
        await build();
        for (const host of ["cp1", "cp2", "cp3", "w1", "w2"]) {
            const own = recorded.filter((r) => r.name === `c-${host}` || r.name.startsWith(`c-${host}-`));
            expect(own.length, own.map((r) => r.name).join(" ")).toBeLessThanOrEqual(6);
        }
    });

    it("keeps secrets on standard input, out of every command line, and marked as secrets", async () => {
        await build();
        for (const { name, inputs } of commands()) {
            expect(`${inputs.create}${inputs.update}`, name).not.toMatch(/KEY\(/);
            const { secret, value } = unwrapSecret(inputs.stdin);
            if (String(value).includes("KEY(")) expect(secret, `${name}'s stdin`).toBe(true);
            expect(inputs.environment, name).toBeUndefined();
            expect(inputs.triggers, name).toBeUndefined();
        }
        expect(stdin("c-cp2-node")).toContain("PKI_CA_KEY='KEY(c-pki-ca-key)'");
        expect(stdin("c-w1-node")).not.toContain("KEY(");
    });

    it("a control plane node's certificates are renewed with the administrator's, and no worker hears of it", async () => {
        await build(clusterArgs());
        const age = `CERTIFICATE_GENERATION='${fingerprint("CERT(c-pki-admin)\n")}'`;
        for (const step of ["cp1-node", "cp2-node"]) expect(stdin(`c-${step}`)).toContain(age);
        for (const step of ["cp1-prepare", "w1-node"]) {
            expect(stdin(`c-${step}`)).not.toContain("CERTIFICATE_GENERATION=");
        }
    });

    it("given keys are taken, and none is made beside the administrator's", async () => {
        const ca = { certificate: pem("ca.crt"), privateKey: pem("ca.key") };
        const pki = { ca, frontProxyCa: ca, etcdCa: ca, serviceAccountKey: pem("sa.key") };
        await build(clusterArgs({ pki }));
        const made = recorded.filter(({ type }) => type.startsWith("tls:")).map(({ name }) => name);
        expect(made.sort()).toEqual(["c-pki-admin", "c-pki-admin-key", "c-pki-admin-request"]);
        const sent = assignments(stdin("c-cp1-node").split("\n\n")[1]);
        expect(sent.get("PKI_CA_CERT")).toBe(pem("ca.crt").trimEnd());
        expect(sent.get("PKI_SA_KEY")).toBe(tidySigningKey(pem("sa.key")).trimEnd());
        expect(stdin("c-cp1-node")).toContain(`CLUSTER_ID='${fingerprint(pem("ca.crt"))}'`);
        const { secret, value } = unwrapSecret(named("c-cp1-preflight").inputs.stdin);
        expect(secret).toBe(false);
        expect(String(value)).toContain(`etcd/ca.crt ${fingerprint(pem("ca.crt"))}`);
    });

    it("a registry's password has a secret step of its own, and the desired state stays readable", async () => {
        const prepared = async (password: string, pki?: PkiArgs): Promise<string> => {
            recorded = recordResources();
            const registries = { "r.example.com": { username: "u", password: pulumi.secret(password) } };
            await build(clusterArgs({ sources: { registries }, pki }));
            return stdin("c-w1-prepare");
        };
        const first = await prepared("p");
        expect(unwrapSecret(named("c-w1-secrets").inputs.stdin).secret).toBe(true);
        expect(stdin("c-w1-secrets")).toContain("REGISTRY_LOGINS=(\n'r.example.com dTpw'\n)");
        expect(unwrapSecret(named("c-w1-prepare").inputs.stdin).secret).toBe(false);
        expect(first).not.toContain("dTpw");
        // So that the step runs again. With another CA's key it is another text: nobody finds the password by trying.
        const linesOfDifference = (text: string) =>
            text.split("\n").filter((line) => !first.split("\n").includes(line));
        const digests = [expect.stringMatching(/^SECRETS='[0-9a-f]{16}'$/)];
        expect(linesOfDifference(await prepared("q"))).toEqual(digests);
        const ca = { certificate: pem("ca.crt"), privateKey: pem("ca.key") };
        const [digest] = linesOfDifference(await prepared("p", { ca })).filter((line) => line.startsWith("SECRETS="));
        expect([digest]).toEqual(digests);
    });

    it("its outputs tell what each node is, and when the certificates of the control plane nodes expire", async () => {
        const { nodes, certificatesExpire } = await build(clusterArgs());
        const told = new Promise((resolve) => pulumi.all([nodes, certificatesExpire]).apply(resolve));
        const node = (role: string, address: string) => ({ role, address, kubernetesVersion: "1.36.3" });
        expect(await told).toEqual([
            {
                cp1: node("control-plane", "192.0.2.11"),
                cp2: node("control-plane", "192.0.2.12"),
                cp3: node("control-plane", "192.0.2.13"),
                w1: node("worker", "192.0.2.21"),
                w2: node("worker", "192.0.2.22"),
            },
            { cp1: CERTIFICATES_END, cp2: CERTIFICATES_END, cp3: CERTIFICATES_END },
        ]);
    });

    it("each worker joins with the token that is written for it, and by whose id its Node tells that it has joined", async () => {
        await build(clusterArgs());
        const tokens = stdin("c-configuration-apply").match(/^'w\d [a-z0-9]{6} [a-z0-9]{16}'$/gm)!;
        expect(tokens).toHaveLength(2);
        for (const line of tokens) {
            const [, name, id, secret] = /(w\d) (\w+) (\w+)/.exec(line)!;
            expect(stdin(`c-${name}-node`)).toContain(`BOOTSTRAP_TOKEN='${id}.${secret}'`);
            expect(stdin("c-finish")).toContain(`"pulumi-kubeadm/join-token":"${id}"`);
            expect(stdin("c-finish")).not.toContain(secret);
        }
    });

    it("its kubeconfig is a secret, its endpoint the virtual address", async () => {
        const cluster = await build();
        expect(await pulumi.isSecret(cluster.kubeconfig)).toBe(true);
        expect(await new Promise((resolve) => cluster.endpoint.apply(resolve))).toBe("https://192.0.2.100:8443");
    });

    it("its kubeconfig, its add-ons and their check call clientEndpoint", async () => {
        const cluster = await build(clusterArgs({ clientEndpoint: "k8s.example.com:16443" }));
        const [server, endpoint] = ["server: https://k8s.example.com:16443", "k8s.example.com:16443"];
        expect(await new Promise((resolve) => cluster.kubeconfig.apply(resolve))).toContain(server);
        expect(unwrapSecret(named("c-kubernetes").inputs.kubeconfig).value).toContain(server);
        expect(named("c-endpoint").inputs.environment).toMatchObject({ ENDPOINT: endpoint });
    });

    it("pins every host key", async () => {
        await build();
        const keys = commands().map(
            ({ inputs }) => (unwrapSecret(inputs.connection).value as { hostKey: string }).hostKey,
        );
        expect(keys.every((key) => key.startsWith("ssh-ed25519 "))).toBe(true);
    });
});

describe("a change", () => {
    const inputsByName = () => new Map(commands().map(({ name, inputs }) => [name, JSON.stringify(inputs)]));
    async function changed(before: KnownClusterArgs, after: KnownClusterArgs): Promise<string[]> {
        await build(before);
        const old = inputsByName();
        recorded = recordResources();
        await build(after);
        return [...inputsByName()].filter(([name, inputs]) => old.get(name) !== inputs).map(([name]) => name);
    }

    it("that adds a worker touches that worker, and a control plane node for its token", async () => {
        const args = clusterArgs();
        const names = await changed(args, { ...args, workerNodes: [...args.workerNodes!, node("w3", 23)] });
        expect(names.sort()).toEqual(
            ["c-configuration-apply", "c-finish", ...["node", "preflight", "prepare"].map((s) => `c-w3-${s}`)].sort(),
        );
    });

    it("of the configuration alone settles too, since tokens may have been written that are not needed", async () => {
        const args = clusterArgs();
        const names = await changed(args, { ...args, coreDns: { replicas: 3 } });
        expect(names.sort()).toEqual(["c-configuration-apply", "c-finish"]);
    });

    it("that reorders hosts touches none of them", async () => {
        const args = clusterArgs();
        const reordered = { ...args, workerNodes: [...args.workerNodes!].reverse() };
        expect(await changed(args, reordered)).toEqual(
            expect.not.arrayContaining([expect.stringMatching(/^c-(w|cp)\d/)]),
        );
    });

    it("of a host key reruns that machine's steps", async () => {
        const args = clusterArgs();
        const [w1, w2] = args.workerNodes!;
        const names = await changed(args, { ...args, workerNodes: [{ ...w1, hostKey: publicKey(99) }, w2] });
        expect(names).toEqual(expect.arrayContaining(["c-w1-preflight", "c-w1-prepare", "c-w1-node"]));
        expect(names.filter((name) => name.startsWith("c-w2"))).toEqual([]);
    });
});

describe("other shapes", () => {
    it("a balancer on a host of its own, with its own steps, and none on control planes", async () => {
        await build(dedicatedArgs());
        expect(stdin("c-lb-lb1-prepare")).toContain("HAPROXY_CONFIG=");
        expect(stdin("c-cp1-prepare")).not.toContain("HAPROXY_CONFIG=");
    });

    it("each of a balancer's hosts is told of the other's address, and costs at most eight resources", async () => {
        await build(
            clusterArgs({
                loadBalancer: {
                    placement: LoadBalancerPlacement.Dedicated,
                    hosts: [node("lb1", 10), node("lb2", 9)],
                    virtualAddress: "192.0.2.100",
                },
            }),
        );
        expect(stdin("c-lb-lb1-prepare")).toContain("unicast_peer {\n        192.0.2.9\n");
        expect(stdin("c-lb-lb2-prepare")).toContain("unicast_peer {\n        192.0.2.10\n");
        for (const host of ["lb1", "lb2"]) {
            const own = recorded.filter((r) => new RegExp(`^c-(lb-)?${host}(-|$)`).test(r.name));
            expect(own.map((r) => r.name).length).toBeLessThanOrEqual(6);
        }
    });

    it("a balancer's passwords are secrets of its hosts, and in no document", async () => {
        const loadBalancer = {
            virtualAddress: "192.0.2.100",
            vrrp: { password: "hush" },
            proxy: { stats: { port: 9000, password: "hush2" } },
        };
        await build(clusterArgs({ loadBalancer }));
        const { secret, value } = unwrapSecret(named("c-cp1-secrets").inputs.stdin);
        expect(secret).toBe(true);
        expect(value).toContain("VRRP_PASSWORD='hush'\n");
        expect(value).toContain("STATS_PASSWORD='hush2'\n");
        for (const { name } of recorded.filter(({ name }) => name.endsWith("-prepare"))) {
            expect(stdin(name), name).not.toContain("hush");
        }
        expect(recorded.map(({ name }) => name)).not.toContain("c-w1-secrets");
    });

    it("a balancer on every node: each knows all apiservers, and the kubeconfig leads in from outside", async () => {
        const cluster = await build(clusterArgs({ loadBalancer: { placement: LoadBalancerPlacement.NodeLocal } }));
        for (const host of ["cp1", "w1"]) {
            expect(stdin(`c-${host}-prepare`)).toContain("server cp3 192.0.2.13:6443");
            expect(stdin(`c-${host}-preflight`)).toMatch(/^PORTS=\([^)]*'8443'[^)]*\)$/m);
        }
        expect(await new Promise((resolve) => cluster.endpoint.apply(resolve))).toBe("https://192.0.2.11:6443");
    });

    it("swap is refused where a kubelet runs, and not on a dedicated load balancer", async () => {
        const loadBalancer = { placement: LoadBalancerPlacement.Dedicated, hosts: [node("lb1", 41)] };
        await build(clusterArgs({ loadBalancer }));
        for (const host of ["cp1", "w1"]) expect(stdin(`c-${host}-preflight`)).toContain("SWAP_ALLOWED='false'");
        expect(stdin("c-lb1-preflight")).toContain("SWAP_ALLOWED='true'");
    });

    it("every machine is told the endpoint, so that a live one can refuse another", async () => {
        await build();
        for (const host of ["cp1", "w2"]) {
            expect(stdin(`c-${host}-preflight`)).toContain(
                "ENDPOINT='192.0.2.100:8443'\nENDPOINT_PLACEMENT='controlPlane'",
            );
        }
    });

    it("flannel is made of Kubernetes resources; without a CNI there are none, and nobody waits for Ready", async () => {
        await build();
        expect(recorded.filter((r) => r.type === "kubernetes:apps/v1:DaemonSet").length).toBe(1);
        recorded = recordResources();
        await build(clusterArgs({ cni: { plugin: CniPlugin.None } }));
        expect(recorded.filter((r) => /^kubernetes:|-endpoint$/.test(r.type + r.name))).toEqual([]);
        expect(stdin("c-finish")).toContain("WAIT_FOR_READY='false'");
    });

    it("one that is wrong asks for nothing at all", async () => {
        expect(() => new Cluster("c", clusterArgs({ network: { podSubnet: "nonsense" } }))).toThrowError(
            /network\.podSubnet/,
        );
        await settled();
        expect(recorded.filter((r) => r.type.startsWith("command:"))).toEqual([]);
    });
});
