import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { EtcdCluster } from "../../components/etcd/etcdCluster";
import { preamble } from "../../components/host/contract";
import { PRIVATE_KEY, node } from "../unit/fixtures";
import { Recorded, recordResources, settled, unwrapSecret } from "./mocks";

const ssh = { user: "ops", privateKey: PRIVATE_KEY };
const members = [node("e1", 31), node("e2", 32), node("e3", 33)];

let recorded: Recorded[];
beforeEach(() => {
    recorded = recordResources();
});

async function build(): Promise<EtcdCluster> {
    const etcd = new EtcdCluster("etcd", { ssh, members });
    await settled();
    return etcd;
}

const stdin = (name: string): { secret: boolean; value: unknown } =>
    unwrapSecret(recorded.find((resource) => resource.name === name)!.inputs.stdin);

describe("an etcd cluster of its own", () => {
    it("tells each member of the others, and sends keys as secrets", async () => {
        await build();
        expect(stdin("etcd-e2-prepare").value).toContain(preamble({ ETCD_PEERS: ["e1=192.0.2.31", "e3=192.0.2.33"] }));
        const { secret, value } = stdin("etcd-e2-node");
        expect(secret).toBe(true);
        expect(value).toContain("PKI_ETCD_CA_KEY='KEY(etcd-ca-key)'");
        expect(stdin("etcd-e2-prepare").value).not.toContain("KEY(");
    });

    it("knows its endpoints; the client's key is a secret", async () => {
        const etcd = await build();
        expect(await new Promise((resolve) => etcd.endpoints.apply(resolve))).toEqual([
            "https://192.0.2.31:2379",
            "https://192.0.2.32:2379",
            "https://192.0.2.33:2379",
        ]);
        expect(await pulumi.isSecret(etcd.client.privateKey)).toBe(true);
    });
});
