import { readFileSync } from "fs";
import * as path from "path";
import { expect, it } from "vitest";
import { REPO_DIR } from "../../../lab/paths";
import { eventually, onHost } from "../stack";
import { testTopology } from "../topology";
import { apiserverLost, powerCut } from "./failures";
import { testEndpointByName } from "./namedEndpoint";
import { serverAddresses, testPolicies } from "./policies";

const workers = ["w1", "w2"];
const nodes = ["cp1", "cp2", "cp3", ...workers];
const NAME = "loadbalancer.sb";

// tests/unit/balancerConfig.test.ts writes it from the example.
const HAPROXY_CONFIG = readFileSync(path.join(REPO_DIR, "tests/golden/haproxy-mosip.cfg"), "utf8");

testTopology("mosip", {
    hostsFile: "documents.yaml",
    hosts: ["lb1", ...nodes],
    nodes,
    images: "all",
    looks: (stack) => {
        it("haproxy.cfg has the guide's parameters, and haproxy accepts it", async () => {
            expect(await onHost("lb1", "cat /etc/haproxy/haproxy.cfg")).toBe(HAPROXY_CONFIG.trim());
            await onHost("lb1", "haproxy -c -f /etc/haproxy/haproxy.cfg");
        });

        it("haproxy logs the connections", async () => {
            await eventually(30, "a connection is logged", () =>
                onHost("lb1", "journalctl --identifier haproxy | grep ' kube-apiserver kube-apiservers/cp'"),
            );
        });

        it("every host resolves the balancer's name", async () => {
            for (const host of ["lb1", ...nodes]) {
                expect(await onHost(host, `getent hosts ${NAME}`), host).toMatch(/^10\.88\.0\.10\s/);
            }
        });

        testEndpointByName(stack, NAME, workers);

        it("pods have addresses of Calico's 192.168.0.0/16", async () => {
            expect(await serverAddresses()).toEqual([expect.stringMatching(/^192\.168\./)]);
        });

        testPolicies(stack);
    },
    failures: [apiserverLost(async () => "cp1", 8), powerCut("cp2", 15)],
});
