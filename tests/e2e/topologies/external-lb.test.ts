import { haproxyConfig } from "../../../components/load-balancer/haproxy";
import { resolveProxy } from "../../../components/model/proxy";
import * as lab from "../../../lab/api";
import { onHost } from "../stack";
import { testTopology } from "../topology";
import { apiserverLost, powerCut } from "./failures";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];

/** Somebody's balancer: the program knows its address and nothing else. */
async function balancerOfOthers(): Promise<void> {
    const backends = [11, 12, 13].map((n) => ({ name: `cp${n - 10}`, address: `10.88.0.${n}`, port: 6443 }));
    await onHost("lb1", "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y haproxy");
    const input = haproxyConfig({ port: 6443, backends, settings: resolveProxy() });
    await lab.exec("lb1", "cat >/etc/haproxy/haproxy.cfg && systemctl restart haproxy", { input });
}

testTopology("external-lb", {
    hosts: ["lb1", ...nodes],
    nodes,
    prepare: balancerOfOthers,
    failures: [apiserverLost(async () => "cp1", 3), powerCut("cp2", 15)],
});
