import { afterEach, beforeEach, expect, it } from "vitest";
import { workerDesired } from "./desired";
import { Sandbox } from "./sandbox";

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.ok("prepare", "create", workerDesired());
    host.ok("node", "create", { PKI_CA_CERT: "CA", BOOTSTRAP_TOKEN: "a.b" });
});
afterEach(() => host.remove());

let changes = 0;
/** The flags of a live worker's kubelet after a change of those in the program. */
function flagsAfter(...flags: string[]): string {
    changes++;
    host.ok("prepare", "update", { ...workerDesired(), KUBELET_FLAGS: flags.join(" "), ROLLOUT_DIGEST: `${changes}` });
    host.ok("node", "update", {});
    return host.read("var/lib/kubelet/kubeadm-flags.env");
}

it("a worker's kubelet gets the flags of the program, and keeps kubeadm's", () => {
    expect(workerDesired().KUBELET_FLAGS).toBe("--hostname-override=w1 --node-ip=192.0.2.11");
    const name = "--hostname-override=w1";
    expect(flagsAfter(name, "--node-ip=192.0.2.99", "--v=4")).toBe(
        'KUBELET_KUBEADM_ARGS="--hostname-override=w1 --node-ip=192.0.2.99 --v=4"\n',
    );
    expect(flagsAfter(name, "--node-ip=192.0.2.99")).toBe(
        'KUBELET_KUBEADM_ARGS="--hostname-override=w1 --node-ip=192.0.2.99"\n',
    );
});
