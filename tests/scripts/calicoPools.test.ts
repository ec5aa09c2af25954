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

const POOL = "fake/pool-default-ipv4-ippool";
/** As `ipipMode vxlanMode`. */
function pool(modes: string, name = POOL): void {
    const [ipipMode, vxlanMode] = modes.split(" ");
    host.write(name, JSON.stringify({ spec: { ipipMode, vxlanMode } }));
}
const finish = (mode: CniMode, rows = poolsOf(mode)): Result =>
    host.run("finish", "update", {
        ...{ NODE_NAME: "cp1", NODES: ["cp1"], NODE_OBJECTS: '{"kind":"List","items":[]}', WAIT_FOR_READY: true },
        ...{ VERIFY: false, CALICO_POOLS: rows },
    });
function poolNow(name = POOL): string {
    const { ipipMode, vxlanMode } = JSON.parse(host.read(name)).spec;
    return `${ipipMode} ${vxlanMode}`;
}
const steps = () =>
    host
        .calls()
        .map((call) => /(delete pods --selector k8s-app=calico-node|patch ippools)/.exec(call)?.[1].split(" ")[0])
        .filter(Boolean);

const MODES: [CniMode, string][] = [
    [CniMode.Vxlan, "Never CrossSubnet"],
    [CniMode.Bgp, "Never Never"],
    [CniMode.Ipip, "Always Never"],
];

it.each(MODES)("a mode that becomes %s reaches the pool, once", (mode, modes) => {
    for (const [, former] of MODES.filter(([other]) => other !== mode)) {
        pool(former);
        expect(finish(mode)).toMatchObject({ code: 0 });
        expect(poolNow()).toBe(modes);
    }
    host.calls();
    expect(finish(mode)).toMatchObject({ code: 0, stdout: "" });
    expect(steps()).toEqual([]);
});

it("of a dual-stack cluster both pools change", () => {
    const six = "fake/pool-default-ipv6-ippool";
    const network = { podSubnet: "10.244.0.0/16,fd00::/48", serviceSubnet: "10.96.0.0/16,fd01::/108" };
    const cni = { plugin: CniPlugin.Calico, mode: CniMode.Bgp };
    pool("Never CrossSubnet");
    pool("Never CrossSubnet", six);
    expect(finish(CniMode.Bgp, calicoPools(resolveSettings(clusterArgs({ cni, network })))).code).toBe(0);
    expect([poolNow(), poolNow(six)]).toEqual(["Never Never", "Never Never"]);
});

it("calico-node restarts on all nodes at once before the pool changes to a mode with BIRD", () => {
    pool("Never CrossSubnet");
    host.write("fake/rolling", "");
    host.write("fake/unready", "");
    const { code, stderr } = finish(CniMode.Bgp);
    expect(code).toBe(1);
    expect(stderr).toContain("waiting for calico-node to run with the new cni.mode on every node");
    expect(stderr).toContain("1 of 5 updated pods are available");
    expect(poolNow()).toBe("Never CrossSubnet");
    host.exec(["rm", "/fake/unready"]);
    host.calls();
    expect(finish(CniMode.Bgp).code).toBe(0);
    expect(steps()).toEqual(["delete", "patch"]);
    expect(poolNow()).toBe("Never Never");
});

it("calico-node restarts after the pool has changed to VXLAN", () => {
    pool("Never Never");
    host.write("fake/rolling", "");
    host.calls();
    expect(finish(CniMode.Vxlan).code).toBe(0);
    expect(steps()).toEqual(["patch", "delete"]);
});

it("a request that the API does not answer restarts nothing", () => {
    pool("Never CrossSubnet");
    host.write("fake/refused", "rollout status\n");
    host.calls();
    const { code, stderr } = finish(CniMode.Bgp);
    expect(code).toBe(1);
    expect(stderr).toContain("InternalError");
    expect(steps()).toEqual([]);
});

it("an error of the API is told", () => {
    host.write("fake/refused", "ippools\n");
    const { code, stderr } = finish(CniMode.Bgp);
    expect(code).toBe(1);
    expect(stderr).toContain("InternalError");
});

it("a pool that somebody has set to none of the modes stays, with a warning", () => {
    pool("Never Always");
    host.calls();
    const { code, stderr } = finish(CniMode.Bgp);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(
        "warning: Calico's pool default-ipv4-ippool stays as somebody has set it: ipipMode and vxlanMode are 'Never Always', cni.mode has 'Never Never'",
    );
    expect(steps()).toEqual([]);
});

it("a cluster with other pools, or without Calico, has none to change", () => {
    host.calls();
    expect(finish(CniMode.Bgp).code).toBe(0);
    expect(steps()).toEqual([]);
    expect(calicoPools(resolveSettings(clusterArgs()))).toEqual([]);
});
