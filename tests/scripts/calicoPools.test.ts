import { afterEach, beforeEach, expect, it } from "vitest";
import { calicoPools } from "../../components/addons/calico";
import { resolveSettings } from "../../components/model/cluster";
import { CniMode, CniPlugin } from "../../components/model/cni";
import { clusterArgs } from "../unit/fixtures";
import { controlPlaneDesired } from "./desired";
import { nodeObject } from "./nodeObject";
import { Result, Sandbox } from "./sandbox";

const poolsOf = (mode: CniMode): string[] =>
    calicoPools(
        resolveSettings(
            clusterArgs({
                cni: { plugin: CniPlugin.Calico, mode },
                network: { podSubnet: "10.244.0.0/16", serviceSubnet: "10.96.0.0/16" },
            }),
        ),
    );

const members = ["11", "12", "13"].map((last) => ({
    ...{ ID: last, name: `cp${last}`, peerURLs: [`https://192.0.2.${last}:2380`] },
}));

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.hurry();
    host.ok("prepare", "create", controlPlaneDesired());
    host.write("fake/bound", "");
    host.write("fake/node-cp1", nodeObject("cp1"));
    for (const last of ["11", "12", "13"]) host.write(`fake/etcd/192.0.2.${last}/list`, JSON.stringify({ members }));
});
afterEach(() => host.remove());

const pool = (ipipMode: string, vxlanMode: string) =>
    host.write("fake/pool-default-ipv4-ippool", JSON.stringify({ spec: { ipipMode, vxlanMode } }));
const finish = (mode: CniMode): Result =>
    host.run("finish", "update", {
        ...{ NODE_NAME: "cp1", NODES: ["cp1"], NODE_OBJECTS: '{"kind":"List","items":[]}', WAIT_FOR_READY: true },
        ...{ VERIFY: false, CALICO_POOLS: poolsOf(mode) },
    });
const patched = () => JSON.parse(host.read("fake/pool-default-ipv4-ippool")).spec;

it.each([
    [CniMode.Vxlan, CniMode.Bgp, { ipipMode: "Never", vxlanMode: "CrossSubnet" }],
    [CniMode.Bgp, CniMode.Ipip, { ipipMode: "Never", vxlanMode: "Never" }],
    [CniMode.Ipip, CniMode.Vxlan, { ipipMode: "Always", vxlanMode: "Never" }],
])("a changed mode reaches the pool: %s after %s", (mode, former, modes) => {
    const [, ipip, vxlan] = poolsOf(former)[0].split(" ");
    pool(ipip, vxlan);
    expect(finish(mode)).toMatchObject({ code: 0 });
    expect(patched()).toEqual(modes);
    host.calls();
    expect(finish(mode)).toMatchObject({ code: 0 });
    expect(host.calls().filter((call) => call.includes("patch ippools"))).toEqual([]);
});

const steps = () =>
    host
        .calls()
        .map((call) => /(delete pods --selector k8s-app=calico-node|patch ippools)/.exec(call)?.[1].split(" ")[0])
        .filter(Boolean);

it("calico-node restarts on all nodes at once before the pool changes to a mode with BIRD", () => {
    pool("Never", "CrossSubnet");
    host.write("fake/rolling", "");
    host.write("fake/unready", "");
    const { code, stderr } = finish(CniMode.Bgp);
    expect(code).toBe(1);
    expect(stderr).toContain("waiting for calico-node to run with the new cni.mode on every node");
    expect(patched().vxlanMode).toBe("CrossSubnet");
    host.exec(["rm", "/fake/unready"]);
    host.calls();
    expect(finish(CniMode.Bgp).code).toBe(0);
    expect(steps()).toEqual(["delete", "patch"]);
    expect(patched().vxlanMode).toBe("Never");
});

it("calico-node restarts after the pool has changed to VXLAN", () => {
    pool("Never", "Never");
    host.write("fake/rolling", "");
    host.calls();
    expect(finish(CniMode.Vxlan).code).toBe(0);
    expect(steps()).toEqual(["patch", "delete"]);
});

it("a pool that somebody has set otherwise stays, with a warning", () => {
    pool("Never", "Always");
    const { code, stderr } = finish(CniMode.Bgp);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(
        "warning: Calico's pool default-ipv4-ippool stays as somebody has set it: ipipMode and vxlanMode are 'Never Always', cni.mode has 'Never Never'",
    );
    expect(patched().vxlanMode).toBe("Always");
});

it("a cluster with other pools, or without Calico, has none to change", () => {
    expect(finish(CniMode.Bgp).code).toBe(0);
    expect(calicoPools(resolveSettings(clusterArgs()))).toEqual([]);
});
