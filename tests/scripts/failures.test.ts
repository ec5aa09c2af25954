import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LoadBalancerType as Type } from "../../components/model/loadBalancerType";
import { BOOTSTRAP, controlPlaneDesired, ROLLOUT, sandboxWithMember } from "./desired";
import { PREFLIGHT } from "./preflight";
import type { Sandbox } from "./sandbox";

let host: Sandbox;
beforeEach(() => {
    host = sandboxWithMember();
});
afterEach(() => host.remove());

const errors = (text: string): string[] => text.split("\n").filter((line) => line.includes("error:"));

describe("a command that fails in a phase", () => {
    it("ends the phase with the command, its file and its line", () => {
        host.write("usr/local/sbin/sysctl", "#!/bin/bash\nexit 3\n");
        const { code, stderr } = host.run("prepare", "create", controlPlaneDesired());
        expect(code).toBe(1);
        const text = /error: lib\/host\/kernel\.sh:\d+: sysctl --quiet --load .*: ended with status 3$/;
        expect(errors(stderr)).toEqual([expect.stringMatching(text)]);
    });

    it("is printed as it stands in the script, without the values of its variables", () => {
        host.ok("prepare", "create", controlPlaneDesired());
        const { code, stderr } = host.run("node", "create", { ...BOOTSTRAP, PKI_SA_KEY: "SA SECRET-KEY" });
        expect(code).toBe(1);
        expect(errors(stderr)).toEqual([
            expect.stringMatching(/error: lib\/cluster\/bootstrap\.sh:\d+: .*\$PKI\/sa\.pub/),
        ]);
        expect(stderr).not.toContain("SECRET-KEY");
    });

    it("is not reported again where it has told its own error", () => {
        const loadBalancer = { type: Type.Haproxy, virtualAddress: "192.0.2.100" };
        const elsewhere = { ...controlPlaneDesired({ loadBalancer }), NODE_ADDRESS: "192.0.2.99" };
        const { code, stderr } = host.run("prepare", "create", elsewhere);
        expect(code).toBe(1);
        expect(errors(stderr)).toEqual([expect.stringContaining("no interface carries 192.0.2.99")]);
        const preflight = host.run("preflight", "update", { ...PREFLIGHT, NODE_ADDRESS: "192.0.2.99" });
        expect(errors(preflight.stderr)).toEqual([expect.stringContaining("fault(s); no host was changed")]);
    });

    it("is not reported where the phase goes on after it", () => {
        const printed = [
            host.ok("prepare", "create", controlPlaneDesired()),
            host.ok("node", "create", BOOTSTRAP),
            host.ok("node", "create", ROLLOUT),
        ];
        expect(printed.flatMap(errors)).toEqual([]);
    });
});
