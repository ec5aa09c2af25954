import { expect } from "vitest";
import { onHost } from "./stack";

/**
 * A unit was restarted on one host after the other, in this order: on each it stopped only after it had started on the host
 * before. The hosts share a kernel, so what one systemd says of its time can be held against what another one says.
 */
export async function expectRestartedInTurn(unit: string, hosts: string[]): Promise<void> {
    const spans = await Promise.all(hosts.map((host) => lastRestart(unit, host)));
    const times = hosts.map((host, i) => `${host} ${spans[i].stopped} to ${spans[i].started}`).join(", ");
    hosts.forEach((host, i) => {
        expect(spans[i].stopped, `${unit} of ${host} was restarted: ${times}`).toBeGreaterThan(0);
        expect(spans[i].started, `${unit} of ${host} runs again: ${times}`).toBeGreaterThan(spans[i].stopped);
        if (i > 0) {
            expect(spans[i].stopped, `${unit} of ${host} waited for ${hosts[i - 1]}: ${times}`).toBeGreaterThan(
                spans[i - 1].started,
            );
        }
    });
}

/** In microseconds since the kernel started; a unit that never stopped has 0 there. */
async function lastRestart(unit: string, host: string): Promise<{ stopped: number; started: number }> {
    const properties = ["ActiveExitTimestampMonotonic", "ActiveEnterTimestampMonotonic"];
    const text = await onHost(host, `systemctl show ${unit} --property ${properties.join(",")}`);
    const [stopped, started] = properties.map((name) => Number(new RegExp(`^${name}=(\\d+)$`, "m").exec(text)?.[1]));
    return { stopped, started };
}
