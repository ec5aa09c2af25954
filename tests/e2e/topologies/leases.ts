import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { membersSeenBy, voters } from "../etcdMembers";
import { expectReady } from "../looks";
import { eventually, kubectl } from "../stack";

const holder = async (component: string): Promise<string> =>
    (await kubectl("-n", "kube-system", "get", "lease", component, "-o", "jsonpath={.spec.holderIdentity}")).split(
        "_",
    )[0];

/** The host that holds a lease is killed; `pki` is the folder of the certificates of etcd's members. */
export function testLeases(controlPlane: string[], nodes: string[], pki?: string): void {
    it.each(["kube-scheduler", "kube-controller-manager"])("%s's lease moves when its holder dies", async (name) => {
        const before = await holder(name);
        await lab.kill(before);
        try {
            await eventually(60, "another holds the lease", async () => {
                expect(await holder(name)).not.toBe(before);
            });
        } finally {
            await lab.startHost(before);
        }
        // A Node stays Ready for a while after its host has died.
        await eventually(120, `the member on ${before} is back`, async () =>
            expect(await membersSeenBy(before, pki)).toEqual(voters(...controlPlane)),
        );
        await eventually(120, "every node is Ready again", () => expectReady(nodes));
    });
}
