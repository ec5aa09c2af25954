import { beforeAll, describe, expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { everyKindArgs, node } from "../unit/fixtures";
import { allLive, Recorded, recordResources, settled } from "./mocks";

const workerNodes = Array.from({ length: 30 }, (_, i) => node(`w${i + 1}`, 120 + i));

/** What a cluster of 30 workers may cost. Each host's share must not grow with the number of hosts. */
describe.each([
    ["new", undefined],
    ["live", allLive],
])("a cluster of %s hosts", (_, facts) => {
    let recorded: Recorded[];
    beforeAll(async () => {
        recorded = recordResources(undefined, facts);
        new Cluster("c", { ...everyKindArgs(), workerNodes });
        await settled();
    });

    it("has at most 6 resources for each worker, and 4 of them open a connection", () => {
        for (const { name } of workerNodes) {
            const own = recorded.filter(
                (resource) => resource.name === `c-${name}` || resource.name.startsWith(`c-${name}-`),
            );
            expect(own.length, own.map((resource) => resource.name).join()).toBeLessThanOrEqual(6);
            expect(own.filter(({ type }) => type.startsWith("command:remote:")).length).toBeLessThanOrEqual(4);
        }
    });

    it("has no resource that depends on more than 10 others, the CAs and their keys apart", () => {
        const many = recorded
            .map(({ name, dependencies }) => ({ name, others: dependencies.filter((other) => !/-pki-/.test(other)) }))
            .filter(({ others }) => others.length > 10);
        expect(many).toEqual([]);
    });
});
