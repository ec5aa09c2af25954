import { beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Cluster } from "../../components/cluster/cluster";
import { ClusterPki } from "../../components/cluster/pki";
import { preamble } from "../../components/host/contract";
import { KeyAlgorithm } from "../../components/lib/certificates";
import { DIAL } from "../../components/host/connection";
import { clusterArgs, everyKindArgs } from "../unit/fixtures";
import { Recorded, environmentOf, recordResources, settled, stdinOf, unwrapSecret } from "./mocks";

let recorded: Recorded[];
beforeEach(() => {
    recorded = recordResources();
});

async function build(args = clusterArgs()): Promise<Cluster> {
    const cluster = new Cluster("c", args);
    await settled();
    return cluster;
}

const inputsOf = (name: string): Recorded["inputs"] => recorded.find((resource) => resource.name === name)!.inputs;

describe("the exported kubeconfig", () => {
    it("shows a certificate of group kubeadm:cluster-admins, whose power can be taken back", async () => {
        const cluster = await build();
        const text = await new Promise<string>((resolve) => cluster.kubeconfig.apply(resolve));
        const [{ user }] = parse(text).users;
        expect(Buffer.from(user["client-certificate-data"], "base64").toString()).toBe("CERT(c-pki-admin)\n");
        expect(inputsOf("c-pki-admin").certRequestPem).toBe("CSR(c-pki-admin-request)");
        expect(inputsOf("c-pki-admin-request").subject).toEqual({
            commonName: "kubernetes-admin",
            organization: "kubeadm:cluster-admins",
        });
    });

    it("asks no certificate of group system:masters of any CA", async () => {
        await build(everyKindArgs());
        const requests = recorded.filter(({ type }) => type === "tls:index/certRequest:CertRequest");
        expect(requests.map(({ name }) => name).sort()).toEqual(["c-etcd-client-request", "c-pki-admin-request"]);
        expect(JSON.stringify(requests)).not.toContain("system:masters");
    });
});

describe("a certificate that Pulumi makes", () => {
    it("is made anew in the last 30 days of its year", async () => {
        await build(everyKindArgs());
        for (const name of ["c-pki-admin", "c-etcd-client"]) {
            expect(inputsOf(name), name).toMatchObject({ validityPeriodHours: 8760, earlyRenewalHours: 720 });
        }
    });

    it("is made anew in the last third of a life shorter than 90 days", async () => {
        new ClusterPki("p", { certificateValidityPeriod: "312h" });
        await settled();
        expect(inputsOf("p-admin")).toMatchObject({ validityPeriodHours: 312, earlyRenewalHours: 104 });
    });
});

describe("the kind of keys and the validity of certificates", () => {
    const pki = {
        encryptionAlgorithm: KeyAlgorithm.Rsa2048,
        certificateValidityPeriod: "4800h",
        caCertificateValidityPeriod: "9600h",
        renewBefore: "24h",
    };

    it("hold for every key that Pulumi makes; those of the cluster stay as they were made", async () => {
        await build({ ...everyKindArgs(), pki });
        const keys = recorded.filter(({ type }) => type === "tls:index/privateKey:PrivateKey");
        expect(keys).toHaveLength(6);
        for (const { name, inputs } of keys) {
            expect(inputs, name).toMatchObject({ algorithm: "RSA", rsaBits: 2048 });
        }
        for (const name of ["c-pki-ca", "c-pki-front-proxy-ca", "c-pki-etcd-ca"]) {
            expect(inputsOf(name), name).toMatchObject({ validityPeriodHours: 9600 });
        }
        for (const name of ["c-pki-admin", "c-etcd-client"]) {
            expect(inputsOf(name), name).toMatchObject({ validityPeriodHours: 4800, earlyRenewalHours: 24 });
        }
    });

    it("are sent to etcd's members", async () => {
        await build({ ...everyKindArgs(), pki });
        const sent = stdinOf(recorded, "c-etcd-e1-node");
        expect(sent).toContain(preamble({ ETCD_CERTIFICATE_DAYS: 200 }));
        expect(sent).toContain(preamble({ ETCD_KEY_ALGORITHM: "RSA-2048" }));
    });
});

describe("a connection to a host", () => {
    it("gives up dialling after a limited number of tries, each of limited length", async () => {
        await build(everyKindArgs());
        const connected = recorded.filter(({ type }) => type.startsWith("command:remote:"));
        expect(connected.filter(({ name }) => name.endsWith("-preflight"))).toHaveLength(10);
        for (const { name, inputs } of connected) {
            expect(unwrapSecret(inputs.connection).value, name).toMatchObject({
                dialErrorLimit: DIAL.errorLimit,
                perDialTimeout: DIAL.timeoutSeconds,
            });
        }
        const copies = recorded.filter(({ name }) => name.endsWith("-toolkit"));
        expect(copies).toHaveLength(10);
        for (const { name } of copies) {
            expect(environmentOf(recorded, name), name).toMatchObject({
                TRIES: String(DIAL.errorLimit),
                CONNECT_TIMEOUT: String(DIAL.timeoutSeconds),
            });
        }
        expect([DIAL.errorLimit, DIAL.timeoutSeconds].every((limit) => limit > 0 && limit <= 60)).toBe(true);
    });
});

describe("drainTimeoutSeconds", () => {
    it("reaches every node's scripts as DRAIN_TIMEOUT; five minutes by default", async () => {
        await build(clusterArgs({ drainTimeoutSeconds: 42 }));
        for (const host of ["cp1", "cp2", "cp3", "w1", "w2"]) {
            expect(stdinOf(recorded, `c-${host}-prepare`), host).toContain("DRAIN_TIMEOUT='42'\n");
        }
        recorded = recordResources();
        await build();
        expect(stdinOf(recorded, "c-w1-prepare")).toContain("DRAIN_TIMEOUT='300'\n");
    });
});
