import { expect, it, vi } from "vitest";
import { exampleArgs, exampleConfig } from "../unit/exampleArgs";
import { recordResources, settled, stdinOf } from "./mocks";
import { Cluster } from "../../components/cluster/cluster";

vi.mock("../../components/addons/manifest", () => ({ readManifest: () => Promise.resolve([]) }));

it("LVS: each host is told its part, and preflight looks at the dedicated hosts alone", async () => {
    const recorded = recordResources();
    new Cluster("c", exampleArgs(exampleConfig("lvs")));
    await settled();
    const stdin = (name: string): string => stdinOf(recorded, name);
    const servers = "LVS_BACKENDS=(\n'10.88.0.11'\n'10.88.0.12'\n'10.88.0.13'\n)";
    for (const host of ["lb1", "lb2"]) expect(stdin(`c-${host}-preflight`)).toContain(servers);
    for (const host of ["cp1", "w1"]) expect(stdin(`c-${host}-preflight`)).not.toContain("LVS_BACKENDS");
    expect(stdin("c-cp1-preflight")).toContain("ENDPOINT_PLACEMENT='lvs'");
    expect(stdin("c-lb-lb1-prepare")).toContain("LOAD_BALANCER=(\n'lvs'\n'keepalived'\n)");
    expect(stdin("c-cp1-prepare")).toContain("LOAD_BALANCER=(\n'real-server'\n)");
    expect(stdin("c-cp1-prepare")).toContain("VIRTUAL_ADDRESS='10.88.0.100'");
    expect(stdin("c-w1-prepare")).toContain("LOAD_BALANCER=()");
});
