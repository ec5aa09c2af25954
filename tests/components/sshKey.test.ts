import { beforeEach, expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { EtcdCluster } from "../../components/etcd/etcdCluster";
import { openPrivateKey } from "../../components/lib/openPrivateKey";
import { clusterArgs, node } from "../unit/fixtures";
import { keyPair } from "../unit/keyPair";
import { Recorded, recordResources, settled, unwrapSecret } from "./mocks";

let recorded: Recorded[];
beforeEach(() => {
    recorded = recordResources();
});

const PASSPHRASE = "open sesame";

it("every login of a cluster, and of an etcd cluster, uses the opened key, and nothing has the passphrase", async () => {
    const { privateKey } = keyPair("-t", "ed25519", "-a", "1", "-N", PASSPHRASE);
    const ssh = { privateKey, privateKeyPassphrase: PASSPHRASE };
    new Cluster("c", clusterArgs({ ssh }));
    new EtcdCluster("e", { ssh, members: [node("e1", 31)] });
    await settled();
    const opened = openPrivateKey(privateKey, PASSPHRASE)!;
    const logins = recorded.filter(({ inputs }) => JSON.stringify(inputs).includes("OPENSSH PRIVATE KEY"));
    expect(logins.map(({ name }) => name)).toEqual(
        expect.arrayContaining(["c-cp1-toolkit", "c-w2-claim", "e-e1-node"]),
    );
    for (const { name, type, inputs } of logins) {
        const at = type.startsWith("command:local:") ? inputs.stdin : inputs.connection;
        expect(unwrapSecret(at).secret, name).toBe(true);
        expect(JSON.stringify(at), name).toContain(JSON.stringify(opened.trimEnd()).slice(1, -1));
    }
    expect(JSON.stringify(recorded)).not.toContain(PASSPHRASE);
});

it("an etcd cluster's key and login are checked too", () => {
    const create = () => new EtcdCluster("e", { ssh: { privateKey: "", port: 0 }, members: [node("e1", 31)] });
    expect(create).toThrowError(/2 faults[^]*ssh.port: got 0[^]*ssh.privateKey: got nothing/);
});
