import { execFileSync } from "child_process";
import { expect, it } from "vitest";
import { flannelObjects } from "../../components/addons/flannel";
import { NetworkArgs } from "../../components/model/network";
import { resolveSettings } from "../../components/model/cluster";
import { clusterArgs } from "./fixtures";

interface Container {
    command: string[];
    args: string[];
    env: { name: string }[];
}

/** The command line of flanneld, as the kubelet and then the shell expand it on a node with these addresses. */
function flanneld(network: NetworkArgs, ...addresses: string[]): string {
    const set = flannelObjects(resolveSettings(clusterArgs({ network }))).find(({ kind }) => kind === "DaemonSet");
    const [{ command, args, env }] = (set as unknown as { spec: { template: { spec: { containers: Container[] } } } })
        .spec.template.spec.containers;
    expect(env.map(({ name }) => name)).toEqual(expect.arrayContaining(["NODE_IP", "NODE_IPS"]));
    const words = [...command, ...args].map((word) => word.replaceAll("$(NODE_IP)", addresses[0]));
    const script = words.map((word) => word.replace("exec /opt/bin/flanneld", "echo /opt/bin/flanneld"));
    if (words[0] !== "/bin/sh") return words.join(" ");
    return execFileSync(script[0], script.slice(1), { env: { NODE_IPS: addresses.join() }, encoding: "utf8" }).trim();
}

const V6 = { podSubnet: "fd00:10:244::/56", serviceSubnet: "fd00:10:96::/112" };
const BOTH = { podSubnet: `10.244.0.0/16,${V6.podSubnet}`, serviceSubnet: `10.96.0.0/16,${V6.serviceSubnet}` };

it.each([
    [{}, ["192.0.2.11"], "--ip-masq --kube-subnet-mgr --iface=192.0.2.11"],
    [V6, ["2001:db8::11"], "--ip-masq --kube-subnet-mgr --iface=2001:db8::11 --public-ipv6=2001:db8::11"],
    [BOTH, ["192.0.2.11", "2001:db8::11"], "--iface=192.0.2.11 --public-ipv6=2001:db8::11 --ip-masq --kube-subnet-mgr"],
    [BOTH, ["2001:db8::11", "192.0.2.11"], "--iface=192.0.2.11 --public-ipv6=2001:db8::11 --ip-masq --kube-subnet-mgr"],
])("flanneld uses the interface that has the node's address: %j", (network, addresses, flags) => {
    expect(flanneld(network, ...addresses)).toBe(`/opt/bin/flanneld ${flags}`);
});
