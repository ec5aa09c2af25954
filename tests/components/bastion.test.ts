import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { BastionArgs } from "../../components/model/bastion";
import { PRIVATE_KEY, clusterArgs, publicKey } from "../unit/fixtures";
import { Recorded, assignments, collectRefusals, recordResources, settled, stdinOf, unwrapSecret } from "./mocks";

const BASTION: BastionArgs = { address: "198.51.100.1", hostKey: publicKey(1) };

async function build(bastion?: BastionArgs): Promise<Recorded[]> {
    const recorded = recordResources();
    new Cluster("c", clusterArgs({ ssh: { user: "ops", port: 2222, privateKey: PRIVATE_KEY, bastion } }));
    await settled();
    return recorded;
}

const connectionOf = ({ inputs }: Recorded) => unwrapSecret(inputs.connection).value as Record<string, unknown>;
const remote = (recorded: Recorded[]) => recorded.filter(({ type }) => type.startsWith("command:remote:"));

describe("a bastion", () => {
    it("is the proxy of every connection, with a pinned key, the hosts' login and a port of its own", async () => {
        const connected = remote(await build(BASTION));
        expect(connected.length).toBeGreaterThan(15);
        for (const resource of connected) {
            expect(connectionOf(resource).proxy, resource.name).toEqual({
                ...{ host: "198.51.100.1", port: 22, user: "ops", hostKey: publicKey(1), privateKey: PRIVATE_KEY },
                ...{ dialErrorLimit: 10, perDialTimeout: 5 },
            });
            expect(unwrapSecret(resource.inputs.connection).secret, resource.name).toBe(true);
        }
    });

    it("is on the way of every release and of the formation, with its own key", async () => {
        const key = PRIVATE_KEY.replace("AAAA", "BBBB");
        const recorded = await build({ ...BASTION, user: "jump", port: 22022, privateKey: key });
        for (const name of ["c-cp1-claim", "c-w2-claim", "c-formation"]) {
            const sent = assignments(stdinOf(recorded, name));
            const of = (parameter: string) => sent.get(`BASTION_${parameter}`);
            expect([of("ADDRESS"), of("PORT"), of("LOGIN")], name).toEqual(["198.51.100.1", "22022", "jump"]);
            expect([of("KEY"), of("KNOWN_HOST"), of("STRICT")]).toEqual([key.trimEnd(), `host ${publicKey(1)}`, "yes"]);
            expect(sent.get("KEY")).toBe(PRIVATE_KEY.trimEnd());
        }
    });

    it("that comes, changes or goes replaces nothing", async () => {
        const triggers = (recorded: Recorded[]) =>
            Object.fromEntries(recorded.map(({ name, inputs }) => [name, inputs.triggers as unknown]));
        const without = await build();
        for (const bastion of [BASTION, { ...BASTION, address: "198.51.100.2", hostKey: publicKey(2) }]) {
            const recorded = await build(bastion);
            expect(triggers(recorded)).toEqual(triggers(without));
        }
        for (const resource of remote(without)) expect(connectionOf(resource)).not.toHaveProperty("proxy");
        expect(assignments(stdinOf(without, "c-w1-claim")).get("BASTION_ADDRESS")).toBe("");
    });

    describe("that the program makes", () => {
        const refusals = collectRefusals(beforeEach, afterEach);
        const late = (value: string) => pulumi.output(Promise.resolve(value));

        it("is used when its address and key are known", async () => {
            const bastion = { address: late("198.51.100.1"), hostKey: late(`${publicKey(1)} root@bastion\n`) };
            for (const resource of remote(await build(bastion))) {
                expect(connectionOf(resource).proxy).toMatchObject({ host: "198.51.100.1" });
            }
        });

        it("and has no address is refused before any host is dialled", async () => {
            const recorded = recordResources();
            const ssh = { privateKey: PRIVATE_KEY, bastion: { ...BASTION, address: late("10.0.0.300") } };
            new Cluster("c", clusterArgs({ ssh }));
            await settled().catch(() => {});
            expect(refusals.join("\n")).toContain('ssh.bastion.address: got "10.0.0.300", expected an IP address');
            expect(remote(recorded)).toEqual([]);
        });
    });
});
