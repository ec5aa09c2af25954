import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { onHost, said, Stack } from "../stack";

/** The name of somebody's balancer, lb1; `documents.yaml` has it. */
export const NAME = "k8s.example.com";

/** A TCP balancer as a cloud has it: it knows of a kube-apiserver only whether its port takes connections. */
const CONFIG = `defaults
    mode tcp
    option redispatch
    retries 2
    timeout connect 2s
    timeout check 2s
    timeout client 1h
    timeout server 1h

frontend kubernetes
    bind :6443
    default_backend control-plane

backend control-plane
    option tcp-check
    default-server check inter 2s fall 2 rise 1 on-marked-down shutdown-sessions
    server cp1 10.88.0.11:6443
    server cp2 10.88.0.12:6443
    server cp3 10.88.0.13:6443
`;

/** Sets it up on lb1: the program knows its name and nothing else. */
export async function balancerOfOthers(): Promise<void> {
    await onHost("lb1", "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y haproxy");
    const outcome = await lab.exec("lb1", "cat >/etc/haproxy/haproxy.cfg && systemctl restart haproxy", {
        input: CONFIG,
    });
    expect(outcome.code, outcome.stderr).toBe(0);
}

/** The hosts in whose preflight the endpoint is a fault. */
const hostsWithFault = (text: string): string[] => [
    ...new Set([...text.matchAll(/(\w+) +external-balancer +controlPlaneEndpoint: /g)].map(([, host]) => host)),
];

/** Nothing listens on the balancer, and its firewall drops what cp2 sends: one `up` shows both. */
export function testBalancerCheck(stack: Stack): void {
    it("preflight takes a refused connection for a balancer without a kube-apiserver, and a timeout for a wrong one", async () => {
        const rule = "INPUT -p tcp --dport 6443 -s 10.88.0.12 -j DROP";
        await onHost("lb1", `systemctl stop haproxy && iptables -I ${rule}`);
        try {
            const outcome = await stack.up();
            expect(outcome.code).not.toBe(0);
            expect(said(outcome)).toMatch(
                /cp2 +external-balancer +controlPlaneEndpoint: \S+:6443 did not answer within 5s/,
            );
            expect(hostsWithFault(said(outcome))).toEqual(["cp2"]);
            const passed = stack.resources().map(({ urn }) => /::cluster-(\w+)-preflight$/.exec(urn)?.[1] ?? "");
            expect(passed.filter((host) => host !== "").sort()).toEqual(["cp1", "cp3", "w1", "w2", "w3"]);
        } finally {
            await onHost("lb1", `iptables -D ${rule}; systemctl start haproxy`);
        }
    });
}
