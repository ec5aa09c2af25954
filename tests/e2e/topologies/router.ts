import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import type { Config } from "../stack";
import { reaches, serverAddresses } from "./policies";

/** What is of every test over two segments: w2 is on the second one. */
export const onTwoSegments = {
    hostsFile: "segments.yaml",
    change: (config: Config): Config => ({
        ...config,
        workerNodes: [
            { name: "w1", address: "10.88.0.21" },
            { name: "w2", address: "10.89.0.22" },
        ].map((node) =>
            config.network?.podSubnet?.includes(",") ? { ...node, secondaryAddress: SECOND[node.name] } : node,
        ),
    }),
};

const SECOND: Record<string, string> = { w1: "fd00:88::21", w2: "fd00:89::22" };

/** The router counts what passes between the segments: VXLAN, and what carries a pod's own address. */
export function testWrapped(podSubnet: string, vxlanPort: number): void {
    it(`between segments packets to ${podSubnet} travel in VXLAN, and the router sees no pod's address`, async () => {
        const rules = [
            ["-p", "udp", "--dport", String(vxlanPort)],
            ["-s", podSubnet],
            ["-d", podSubnet],
        ];
        const is6 = podSubnet.includes(":");
        for (const rule of rules) await atRouter(is6, "-A", "FORWARD", ...rule);
        const address = (await serverAddresses()).find((one) => one.includes(":") === is6);
        expect(address).toBeDefined();
        for (let i = 0; i < 5; i++) expect(await reaches(address!)).toBe("hello from w2");
        const [wrapped, fromPods, toPods] = await countsOf(is6, rules.length);
        // Five requests and their answers, of several packets each.
        expect(wrapped).toBeGreaterThan(25);
        expect({ fromPods, toPods }).toEqual({ fromPods: 0, toPods: 0 });
    });
}

/** The packets that the last rules have counted. */
async function countsOf(is6: boolean, rules: number): Promise<number[]> {
    const lines = (await atRouter(is6, "-L", "FORWARD", "-n", "-v", "-x")).trim().split("\n");
    return lines.slice(-rules).map((line) => Number(line.trim().split(/\s+/)[0]));
}

/** iptables where the segments meet. */
async function atRouter(is6: boolean, ...words: string[]): Promise<string> {
    const outcome = await lab.run([is6 ? "ip6tables" : "iptables", "-w", ...words]);
    expect(outcome.code, outcome.stderr).toBe(0);
    return outcome.stdout;
}
