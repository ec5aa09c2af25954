import { execFile, execFileSync, spawnSync } from "child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { setTimeout } from "timers/promises";
import { promisify } from "util";
import { expect, it, onTestFinished } from "vitest";
import { flannelObjects } from "../../components/addons/flannel";
import { NetworkArgs } from "../../components/model/network";
import { resolveSettings } from "../../components/model/cluster";
import { clusterArgs } from "./fixtures";

interface Container {
    command: string[];
    args: string[];
    env: { name: string }[];
    lifecycle: { postStart: { exec: { command: string[] } } };
}

interface PodSpec {
    containers: [Container];
    tolerations: object[];
}

function podSpec(network: NetworkArgs): PodSpec {
    const set = flannelObjects(resolveSettings(clusterArgs({ network }))).find(({ kind }) => kind === "DaemonSet");
    return (set as unknown as { spec: { template: { spec: PodSpec } } }).spec.template.spec;
}

const container = (network: NetworkArgs): Container => podSpec(network).containers[0];

it("flannel tolerates every taint: a node without it has no network", () => {
    expect(podSpec({}).tolerations).toEqual([{ operator: "Exists" }]);
});

/** The command line of flanneld, as the kubelet and then the shell expand it on a node with these addresses. */
function flanneld(network: NetworkArgs, addresses: string[], onTwo = false): string {
    const { command, args, env } = container(network);
    expect(env.map(({ name }) => name)).toEqual(expect.arrayContaining(["NODE_IP", "NODE_IPS"]));
    const words = [...command, ...args].map((word) => word.replaceAll("$(NODE_IP)", addresses[0]));
    const script = words.map((word) => word.replaceAll("exec /opt/bin/flanneld", "echo /opt/bin/flanneld"));
    if (words[0] !== "/bin/sh") return words.join(" ");
    // As `ip -o address` prints it: every address on an interface of its own where `onTwo` says so.
    const lines = addresses.map((address, i) => `echo '2: eth${onTwo ? i : 0}    inet ${address}/24 scope global'`);
    script[2] = `ip() { ${lines.join("; ")}; }; ${script[2]}`;
    const variables = { ...process.env, NODE_IPS: addresses.join() };
    return execFileSync(script[0], script.slice(1), { env: variables, encoding: "utf8" }).split("\n")[0];
}

const V6 = { podSubnet: "fd00:10:244::/56", serviceSubnet: "fd00:10:96::/112" };
const BOTH = { podSubnet: `10.244.0.0/16,${V6.podSubnet}`, serviceSubnet: `10.96.0.0/16,${V6.serviceSubnet}` };

it.each([
    [{}, ["192.0.2.11"], "--ip-masq --kube-subnet-mgr --iface=192.0.2.11"],
    [V6, ["2001:db8::11"], "--ip-masq --kube-subnet-mgr --iface=2001:db8::11 --public-ipv6=2001:db8::11"],
    [BOTH, ["192.0.2.11", "2001:db8::11"], "--iface=192.0.2.11 --public-ipv6=2001:db8::11 --ip-masq --kube-subnet-mgr"],
    [BOTH, ["2001:db8::11", "192.0.2.11"], "--iface=192.0.2.11 --public-ipv6=2001:db8::11 --ip-masq --kube-subnet-mgr"],
])("flanneld uses the interface that has the node's address: %j", (network, addresses, flags) => {
    expect(flanneld(network, addresses)).toBe(`/opt/bin/flanneld ${flags}`);
});

it("goes by the default routes where the node's two addresses are on two interfaces, which flanneld refuses to be told", () => {
    expect(flanneld(BOTH, ["192.0.2.11", "2001:db8::11"], true)).toBe("/opt/bin/flanneld --ip-masq --kube-subnet-mgr");
});

it("configures containerd once flanneld has written what the CNI plugin reads, and says why where it has not", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "flannel-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const each of ["run/flannel", "etc/kube-flannel", "etc/cni/net.d"]) {
        mkdirSync(path.join(folder, each), { recursive: true });
    }
    writeFileSync(path.join(folder, "etc/kube-flannel/cni-conf.json"), "{}");
    const [shell, flag, script] = container({}).lifecycle.postStart.exec.command;
    const inFolder = script.replace(/ \/(?=run|etc)/g, ` ${folder}/`);
    const files = () => readdirSync(path.join(folder, "etc/cni/net.d"));

    const late = spawnSync(shell, [flag, inFolder.replace("3000", "3")], { encoding: "utf8" });
    expect(late.status).toBe(1);
    expect(late.stdout).toContain("flanneld wrote no");
    expect(files()).toEqual([]);
    const waiting = promisify(execFile)(shell, [flag, inFolder]);
    await setTimeout(300);
    expect(files()).toEqual([]);
    writeFileSync(path.join(folder, "run/flannel/subnet.env"), "FLANNEL_MTU=1450\n");
    await waiting;
    expect(files()).toEqual(["10-flannel.conflist"]);
});
