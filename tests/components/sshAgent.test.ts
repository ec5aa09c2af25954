import { expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { SshArgs } from "../../components/model/ssh";
import { PRIVATE_KEY, clusterArgs } from "../unit/fixtures";
import { Recorded, assignments, recordResources, settled, stdinOf, unwrapSecret } from "./mocks";

async function build(ssh: SshArgs, password = "passw0rd"): Promise<Recorded[]> {
    const recorded = recordResources();
    const loadBalancer = { virtualAddress: "192.0.2.100", vrrp: { password } };
    new Cluster("c", clusterArgs({ ssh, loadBalancer }));
    await settled();
    return recorded;
}

it("with the agent no resource has a private key of ssh, nor the path of the agent's socket", async () => {
    const recorded = await build({ agent: true });
    const connections = recorded.filter(({ type }) => type.startsWith("command:remote:"));
    expect(connections.length).toBeGreaterThan(15);
    for (const { name, inputs } of connections) {
        const connection = unwrapSecret(inputs.connection).value;
        expect(connection, name).toHaveProperty("hostKey");
        expect(connection, name).not.toHaveProperty("privateKey");
        expect(connection, name).not.toHaveProperty("agentSocketPath");
    }
    const sent = assignments(stdinOf(recorded, "c-w1-claim"));
    expect([sent.get("KEY"), sent.get("AGENT")]).toEqual(["", "SSH_AUTH_SOCK"]);
});

it("the digest of passwords is made with a key of the cluster: the way of logging in does not change it", async () => {
    const digest = async (...args: Parameters<typeof build>) =>
        assignments(stdinOf(await build(...args), "c-cp1-secrets")).get("SECRETS");
    const byAgent = await digest({ agent: true });
    expect(byAgent).toMatch(/^[0-9a-f]{16}$/);
    expect(await digest({ privateKey: PRIVATE_KEY })).toBe(byAgent);
    expect(await digest({ agent: true }, "another1")).not.toBe(byAgent);
});
