import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { controlPlaneDesired, workerDesired } from "./desired";
import { Sandbox } from "./sandbox";

let host: Sandbox;
beforeEach(() => (host = new Sandbox()));
afterEach(() => host.remove());

describe("apt on a host as people have it", () => {
    const source = {
        uri: "http://192.0.2.2/packages",
        suite: "bookworm stable",
        key: "-----BEGIN PGP PUBLIC KEY BLOCK-----\n",
    };
    const desired = workerDesired({ sources: { kubernetes: source, containerd: source } });
    const ours = "etc/apt/sources.list.d/kubernetes.list";

    it.each([
        [
            "docker.list",
            "deb [arch=amd64 signed-by=/etc/apt/keyrings/docker.asc] http://192.0.2.2/packages/ bookworm stable\n",
        ],
        [
            "docker.sources",
            "Types: deb\nURIs: http://192.0.2.2/packages\nSuites: bookworm\nComponents: stable\nSigned-By: /etc/apt/keyrings/docker.asc\n",
        ],
    ])("lists a repository once: the entry in somebody's %s is used", (file, text) => {
        host.ok("prepare", "create", desired);
        expect(host.exists(ours)).toBe(true);
        host.write(`etc/apt/sources.list.d/${file}`, text);
        expect(host.ok("prepare", "update", desired)).toContain(
            `the repository http://192.0.2.2/packages is listed in /etc/apt/sources.list.d/${file} already`,
        );
        expect(host.exists(ours)).toBe(false);
        expect(host.exists("etc/apt/keyrings/kubernetes.asc")).toBe(false);
    });

    it.each([
        ["http://192.0.2.2/packages", "bookworm", "Enabled: no"],
        ["http://192.0.2.2/packages", "trixie", ""],
        ["http://192.0.2.2/other", "bookworm", ""],
    ])("is not taken for listed by an entry of %s %s %s", (uri, suite, more) => {
        host.write("etc/apt/sources.list.d/x.sources", `Types: deb\nURIs: ${uri}\nSuites: ${suite}\n${more}\n`);
        host.ok("prepare", "create", desired);
        expect(host.exists(ours)).toBe(true);
    });

    it("waits for the lists, goes on without a repository that is gone, and asks nothing about configuration files", () => {
        const lock = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt-get)";
        host.write(
            "fake/update-errors",
            `${lock}\n${lock}\nE: The repository 'http://gone bookworm Release' does not have a Release file.\n`,
        );
        const { code, stderr } = host.run("prepare", "create", desired);
        expect(code, stderr).toBe(0);
        expect(stderr).toContain("'http://gone bookworm Release' does not have a Release file.");
        expect(stderr).toContain("warning: not every package list could be read; see the repository's error above");
        expect(stderr).not.toContain("Could not get lock");
        const calls = host.calls();
        expect(calls).toContain("dpkg --force-confdef --force-confold --configure -a");
        expect(calls.find((call) => call.includes(" install "))).toContain("-oDpkg::Options::=--force-confold");
    });
});

describe("a proxy in the environment", () => {
    it("of the login is not used", () => {
        host.write("usr/local/sbin/kubeadm", "#!/bin/bash\nenv >/fake/environment\n");
        host.exec(["chmod", "755", "/usr/local/sbin/kubeadm"]);
        host.environment = {
            http_proxy: "http://192.0.2.9:3128",
            HTTPS_PROXY: "http://192.0.2.9:3128",
            no_proxy: "localhost",
        };
        host.run("prepare", "create", controlPlaneDesired());
        expect(host.read("fake/environment")).not.toMatch(/^(https?|no|all)_proxy=/im);
    });
});
