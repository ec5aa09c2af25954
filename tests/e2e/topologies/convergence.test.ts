import { rmSync } from "fs";
import { beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { LAB_FILES } from "../../../lab/paths";
import { endState, EndState } from "../endState";
import { expectReady } from "../looks";
import { devConfig, eventually, onHost, said, Stack } from "../stack";

/**
 * The engine is killed at every boundary between two steps of a create and of a roll-out, at random moments, and several times
 * in a row. One plain `up` then ends as an undisturbed run does, and the next one changes nothing.
 */
const CONTROL_PLANE = ["cp1", "cp2", "cp3"];
const NODES = [...CONTROL_PLANE, "w1"];
/** Each test is a loop. */
const HOURS = 2 * 3_600_000;
const RANDOM_CREATES = 6;
const RANDOM_ROLLOUTS = 14;
const ROLLOUTS_IN_A_ROW = 15;

const dev = devConfig();
const base = { ...dev, workerNodes: dev.workerNodes.slice(0, 1) };
const stack = new Stack(base);
let created: EndState;
let createMs = 0;

/** A change that rolls out over every node, and is another one each time. */
let rollouts = 0;
function nextRollout(): void {
    const [w1] = base.workerNodes;
    rollouts += 1;
    stack.config = {
        ...base,
        certSANs: [`n${rollouts}.example.com`],
        workerNodes: [{ ...w1, kubeletExtraArgs: [{ name: "v", value: String((rollouts % 2) + 1) }] }],
    };
}

async function upWell(): Promise<string> {
    const outcome = await stack.plainUp();
    expect(outcome.code, said(outcome)).toBe(0);
    return outcome.stdout;
}

async function expectUnchanged(): Promise<void> {
    const outcome = await stack.up();
    expect(outcome.code, said(outcome)).toBe(0);
    expect(outcome.stdout).toMatch(/Resources:\n\s+\d+ unchanged\n/);
}

/** Controllers finish what they do on the Nodes a little later. */
async function expectEndState(expected: EndState): Promise<void> {
    const look = async () => {
        const { contents, ...others } = await endState(stack, CONTROL_PLANE, NODES);
        const known = Object.keys(expected.contents).length > 0;
        expect({ ...others, contents: known ? contents : {} }).toEqual(expected);
    };
    // Once more at the end, for its difference.
    await eventually(60, "the state of an undisturbed run", look).catch(look);
}

async function fromNothing(): Promise<void> {
    rmSync(LAB_FILES.state, { recursive: true, force: true });
    stack.config = base;
    for (const host of NODES) await lab.reset(host);
}

async function expectCreated(): Promise<void> {
    await upWell();
    await stack.useKubeconfig();
    await expectReady(NODES);
    await expectEndState(created);
    await expectUnchanged();
}

/** One host of each role stands for all of it; what belongs to no host is one step each. */
const isBoundary = (name: string): boolean => !/^cluster-(cp2|cp3)-/.test(name);
const steps = (): string[] =>
    stack
        .resources()
        .filter(({ type }) => type.startsWith("command:"))
        .map(({ urn }) => urn.split("::").pop()!)
        .filter(isBoundary);

beforeAll(async () => {
    await lab.down();
    await lab.up({ hosts: NODES });
    const started = Date.now();
    await upWell();
    createMs = Date.now() - started;
    await stack.useKubeconfig();
    await expectReady(NODES);
    await expectUnchanged();
    created = await endState(stack, CONTROL_PLANE, NODES);
});

describe("a create", () => {
    it(
        "that is killed after any of its steps is finished by one up",
        async () => {
            const boundaries = steps();
            expect(boundaries.length).toBeGreaterThan(10);
            for (const step of boundaries) {
                await fromNothing();
                expect(await stack.upKilledAt(step), step).toBe(true);
                process.stdout.write(`[kill] after ${step}\n`);
                await expectCreated();
            }
        },
        HOURS,
    );

    it(
        "that is killed at a random moment is finished by one up",
        async () => {
            for (let i = 0; i < RANDOM_CREATES; i += 1) {
                await fromNothing();
                await stack.upKilledAtRandom(0, createMs);
                await expectCreated();
            }
        },
        HOURS,
    );
});

describe("a roll-out", () => {
    let changed: EndState;
    let rolloutMs = 0;
    /** Its steps, in the order in which they ended. */
    let boundaries: string[] = [];

    async function expectRolledOut(): Promise<void> {
        await upWell();
        await expectReady(NODES);
        for (const host of CONTROL_PLANE) {
            const names = await onHost(
                host,
                "openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -ext subjectAltName",
            );
            expect(names, host).toContain(stack.config.certSANs[0]);
        }
        const flags = await onHost("w1", "tr '\\0' ' ' </proc/$(pgrep -x kubelet)/cmdline");
        expect(flags).toContain(`--v=${stack.config.workerNodes[0].kubeletExtraArgs[0].value}`);
        // These values are among the contents.
        await expectEndState({ ...changed, contents: {} });
        await expectUnchanged();
    }

    beforeAll(async () => {
        nextRollout();
        const started = Date.now();
        const text = await upWell();
        rolloutMs = Date.now() - started;
        changed = await endState(stack, CONTROL_PLANE, NODES);
        boundaries = [...text.matchAll(/ (cluster-\S+) updated \(/g)].map(([, name]) => name).filter(isBoundary);
    });

    it(
        "that is killed after any of its steps is finished by one up",
        async () => {
            expect(boundaries.length).toBeGreaterThan(4);
            for (const step of boundaries) {
                nextRollout();
                expect(await stack.upKilledAt(step), step).toBe(true);
                process.stdout.write(`[kill] after ${step}\n`);
                await expectRolledOut();
            }
        },
        HOURS,
    );

    it(
        "that is killed at a random moment is finished by one up",
        async () => {
            for (let i = 0; i < RANDOM_ROLLOUTS; i += 1) {
                nextRollout();
                await stack.upKilledAtRandom(0, rolloutMs);
                await expectRolledOut();
            }
        },
        HOURS,
    );

    it(
        "that is killed again and again as its first node begins is finished by one up",
        async () => {
            for (let i = 0; i < ROLLOUTS_IN_A_ROW; i += 1) {
                nextRollout();
                await stack.upKilledAtRandom(0.05 * rolloutMs, 0.12 * rolloutMs);
            }
            await expectRolledOut();
        },
        HOURS,
    );
});
