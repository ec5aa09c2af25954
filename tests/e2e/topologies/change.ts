import { expect, it } from "vitest";
import { membersSeenBy, STACKED, voters } from "../etcdMembers";
import { expectReady } from "../looks";
import { Config, said, Stack } from "../stack";
import { expectWritesDuring } from "../writes";

export const withChanges = (stack: Stack, changes: object): Stack =>
    new Stack({ ...stack.config, loadBalancer: { ...stack.config.loadBalancer, ...changes } });

/** The live cluster's balancer becomes what `next` says, while writes go on. */
export function testBecomes(what: string, next: Stack, nodes: string[], atMostSeconds: number): void {
    it(`becomes ${what} on the live cluster: no acknowledged write is lost`, async () => {
        await expectWritesDuring(atMostSeconds, async () => {
            const outcome = await next.up();
            expect(outcome.code, said(outcome)).toBe(0);
        });
        await expectReady(nodes);
    });
}

/** Another type, and the example's own again. */
export function testExchange(stack: Stack, type: string, nodes: string[], atMostSeconds: number): void {
    testBecomes(type, withChanges(stack, { type }), nodes, atMostSeconds);
    testBecomes("itself again", stack, nodes, atMostSeconds);
}

/** The endpoint stays where every node knows it. */
export function testMoveRefused(stack: Stack, nodes: string[]): void {
    it("refuses to move the endpoint, which goes on answering where it was", async () => {
        const outcome = await withChanges(stack, { virtualAddress: "10.88.0.101" }).up();
        expect(outcome.code).not.toBe(0);
        expect(said(outcome)).toMatch(/loadBalancer: got 10\.88\.0\.101:\d+ .*, expected 10\.88\.0\.100:\d+/);
        await expectReady(nodes);
        const again = await stack.up();
        expect(again.code, said(again)).toBe(0);
    });
}

/** Of the control plane nodes the first alone stays; etcd is kubeadm's. */
export function testFirstNodeStays(stack: Stack, workers: string[]): void {
    it("all control plane nodes but the first leave: so do their etcd members, and no acknowledged write is lost", async () => {
        const [first]: Config[] = stack.config.controlPlaneNodes;
        stack.config = { ...stack.config, controlPlaneNodes: [first] };
        await expectWritesDuring(15, async () => {
            const outcome = await stack.up();
            expect(outcome.code, said(outcome)).toBe(0);
        });
        expect(await membersSeenBy(first.name, STACKED)).toEqual(voters(first.name));
        await expectReady([first.name, ...workers]);
    });
}
