import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_KUBERNETES_VERSION } from "../../components/versions";
import { controlPlaneDesired } from "./desired";
import { Sandbox } from "./sandbox";

const parameters = {
    NODE_NAME: "cp1",
    KUBEADM_UPLOAD: "upload",
    NODES: "cp1 cp2",
    CONTROL_PLANE_VERSION: DEFAULT_KUBERNETES_VERSION,
    KUBE_PROXY: true,
    COREDNS_PATCH: "{}",
};
const today = `v${DEFAULT_KUBERNETES_VERSION}`;

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.ok("prepare", "create", controlPlaneDesired());
    host.write("fake/bound", "");
    host.calls();
});
afterEach(() => host.remove());

const uploads = (): string[] => host.calls().filter((call) => call.startsWith("kubeadm init"));

describe("the cluster's configuration", () => {
    it("is applied once the control plane is at its version; a node that leaves does not matter", () => {
        host.write("fake/versions", `cp1 ${today}\ncp2 ${today}\ncp9 v1.35.4\n`);
        host.ok("cluster", "create", parameters);
        expect(uploads()).toHaveLength(1);
    });

    it("is not, while a control plane node lags behind: its kube-apiserver would serve newer kubelets", () => {
        host.write("fake/versions", `cp1 ${today}\ncp2 v1.35.4\n`);
        const { code, stderr } = host.run("cluster", "update", parameters);
        expect(code).not.toBe(0);
        expect(stderr).toContain("cp2 is at v1.35.4");
        expect(uploads()).toEqual([]);
    });
});
