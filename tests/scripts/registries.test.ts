import { afterEach, beforeEach, expect, it } from "vitest";
import { secretsOf, workerDesired } from "./desired";
import { Sandbox } from "./sandbox";

const AT = "etc/containerd/certs.d";
const SECRETS = "first";
const MIRRORS = ["docker.io https://mirror:5000/v2/hub", "quay.io https://mirror:5000/v2/quay"];

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.write(`${AT}/registry.example.com/hosts.toml`, "an administrator's\n");
    const REGISTRY_CAS = [`mirror:5000 ${Buffer.from("THE CA").toString("base64")}`];
    const logins = { SECRETS, REGISTRY_LOGINS: ["mirror:5000 dXNlcjpTRUNSRVQ="] };
    host.ok("secrets", "create", secretsOf(workerDesired(), logins));
    host.ok("prepare", "create", { ...workerDesired(), SECRETS, REGISTRIES: MIRRORS, REGISTRY_CAS });
    host.ok("node", "create", { SECRETS, PKI_CA_CERT: "CA", BOOTSTRAP_TOKEN: "a.b" });
});
afterEach(() => host.remove());

it("a mirror with a path gets the CA and the login of its host", () => {
    const text = host.read(`${AT}/quay.io/hosts.toml`);
    expect(text).toContain('[host."https://mirror:5000/v2/quay"]');
    expect(text).toContain('ca = "/etc/containerd/certs.d/mirror:5000/ca.crt"');
    expect(text).toContain("Basic dXNlcjpTRUNSRVQ=");
    expect(host.read(`${AT}/mirror:5000/ca.crt`)).toBe("THE CA");
});

it("a mirror with a path is asked at that path, and one without at containerd's own", () => {
    const REGISTRIES = [MIRRORS[1], "docker.io http://[fd00::2]:5000"];
    host.ok("prepare", "update", { ...workerDesired(), REGISTRIES });
    host.ok("node", "update", {});
    expect(host.read(`${AT}/quay.io/hosts.toml`)).toBe(
        'server = "https://quay.io"\n\n[host."https://mirror:5000/v2/quay"]\n' +
            '  capabilities = ["pull", "resolve"]\n  override_path = true\n',
    );
    expect(host.read(`${AT}/docker.io/hosts.toml`)).not.toContain("override_path");
});

it.each([
    ["one of two", ["docker.io https://mirror:5000/v2/hub"], ["docker.io"]],
    ["the last", [], []],
])("a mirror that leaves the program leaves the live host: %s", (_, REGISTRIES, stay) => {
    host.ok("prepare", "update", { ...workerDesired(), REGISTRIES });
    host.ok("node", "update", {});
    expect(["docker.io", "quay.io"].filter((registry) => host.exists(`${AT}/${registry}/hosts.toml`))).toEqual(stay);
    expect(host.read(`${AT}/registry.example.com/hosts.toml`)).toBe("an administrator's\n");
});
