import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import type { Outcome } from "../../../lab/process";
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
        ],
    }),
};

const atRouter = async (...words: string[]): Promise<Outcome> => {
    const outcome = await lab.run(["iptables", "-w", ...words]);
    expect(outcome.code, outcome.stderr).toBe(0);
    return outcome;
};

/** The router counts what passes between the segments: VXLAN, and what carries a pod's own address. */
export function testWrapped(podSubnet: string, vxlanPort: number): void {
    it(`between segments packets travel in VXLAN (UDP ${vxlanPort}), and the router sees no pod's address`, async () => {
        const rules = [
            ["-p", "udp", "--dport", String(vxlanPort)],
            ["-s", podSubnet],
            ["-d", podSubnet],
        ];
        for (const rule of rules) await atRouter("-A", "FORWARD", ...rule);
        const [address] = await serverAddresses();
        for (let i = 0; i < 5; i++) expect(await reaches(address)).toBe("hello from w2");
        const { stdout } = await atRouter("-L", "FORWARD", "-n", "-v", "-x");
        const counts = stdout
            .trim()
            .split("\n")
            .slice(2)
            .map((line) => Number(line.trim().split(/\s+/)[0]));
        const [wrapped, fromPods, toPods] = counts.slice(-rules.length);
        // Five requests and their answers, of several packets each.
        expect(wrapped).toBeGreaterThan(25);
        expect({ fromPods, toPods }).toEqual({ fromPods: 0, toPods: 0 });
    });
}
