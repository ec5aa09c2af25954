import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { Cluster } from "../../components/cluster/cluster";
import { EtcdCluster } from "../../components/etcd/etcdCluster";
import { HostSetupsArgs } from "../../components/model/hostSetup";
import { PRIVATE_KEY, clusterArgs, node } from "../unit/fixtures";
import { Recorded, parametersIn, recordResources, settled, stdinOf, unwrapSecret } from "./mocks";

const HIDDEN = "hidden-word";

const hostSetup: HostSetupsArgs = {
    all: {
        files: [
            { path: "/etc/a", content: "of all" },
            { path: "/etc/b", content: "of all" },
        ],
        sysctls: { "vm.swappiness": "1", "vm.max_map_count": "262144" },
        packages: ["jq=1.6", "chrony"],
        kernelModules: ["tun"],
        hostAliases: [{ ip: "192.0.2.8", hostnames: ["mirror", "gate"] }],
    },
    workers: {
        files: [{ path: "/etc/b", content: "of workers", owner: "daemon", restarts: ["kubelet", "a.service"] }],
    },
    controlPlane: { files: [{ path: "/etc/tokens", content: pulumi.output(HIDDEN), secret: true }] },
};

async function build(setups: HostSetupsArgs | undefined, ownValue = "own"): Promise<Recorded[]> {
    const recorded = recordResources();
    const own = {
        files: [{ path: "/etc/a", content: ownValue, mode: "0600" }],
        sysctls: { "vm.swappiness": "2" },
        packages: ["jq=1.7"],
        kernelModules: ["tun", "dummy"],
        hostAliases: [{ ip: "192.0.2.9", hostnames: ["mirror.example.com", "mirror"] }],
    };
    const workerNodes = [{ ...node("w1", 21), ...own }, node("w2", 22)];
    new Cluster("c", clusterArgs({ workerNodes, hostSetup: setups }));
    await settled();
    return recorded;
}

const sent = (recorded: Recorded[], step: string) => parametersIn(stdinOf(recorded, step));

it("a host's own setup comes before its role's, and that before that of all hosts", async () => {
    const recorded = await build(hostSetup);
    const own = sent(recorded, "c-w1-prepare");
    expect(own.get("SETUP_FILES")).toEqual(["/etc/a 0600 root:root", "/etc/b 0644 daemon: kubelet a.service"]);
    expect(own.get("SETUP_FILE_CONTENTS")).toEqual(["own", "of workers"]);
    expect(own.get("SETUP_SYSCTLS")).toEqual(["vm.swappiness = 2", "vm.max_map_count = 262144"]);
    expect(own.get("SETUP_PACKAGES")).toEqual(["jq=1.7", "chrony"]);
    expect(own.get("SETUP_MODULES")).toEqual(["tun", "dummy"]);
    // A name of the host's own is taken from the line of all hosts.
    expect(own.get("SETUP_ALIASES")).toEqual(["192.0.2.9 mirror.example.com mirror", "192.0.2.8 gate"]);
    expect(sent(recorded, "c-w1-preflight").get("SETUP_ALIASES")).toEqual(own.get("SETUP_ALIASES"));
    expect(sent(recorded, "c-w2-prepare").get("SETUP_FILE_CONTENTS")).toEqual(["of all", "of workers"]);
    expect(sent(recorded, "c-w2-prepare").get("SETUP_ALIASES")).toEqual(["192.0.2.8 mirror gate"]);
});

it("a secret content is sent by the step of secrets alone, and the desired state stays readable", async () => {
    const recorded = await build(hostSetup);
    expect(sent(recorded, "c-cp1-prepare").get("SETUP_SECRET_FILES")).toEqual(["/etc/tokens 0600 root:root"]);
    expect(sent(recorded, "c-cp1-secrets").get("SETUP_SECRET_CONTENTS")).toEqual([HIDDEN]);
    const shown = recorded.filter(({ inputs }) => !unwrapSecret(inputs.stdin).secret);
    expect(shown.map(({ name }) => name)).toContain("c-cp1-prepare");
    expect(JSON.stringify(shown.map(({ inputs }) => inputs.stdin as unknown))).not.toContain(HIDDEN);
    expect(recorded.map(({ name }) => name)).not.toContain("c-w1-secrets");
});

it("a changed file of one host changes no step of another, and none at all sends nothing", async () => {
    const changed = await build(hostSetup, "changed");
    const before = await build(hostSetup);
    const differing = before.filter(({ name }) => stdinOf(before, name) !== stdinOf(changed, name));
    expect(differing.map(({ name }) => name).filter((name) => !name.startsWith("c-w1-"))).toEqual([]);
    expect(differing.map(({ name }) => name)).toContain("c-w1-prepare");
    expect([...sent(await build(undefined), "c-w2-prepare").keys()].filter((name) => name.startsWith("SETUP"))).toEqual(
        [],
    );
});

it("the members of an EtcdCluster have it too", async () => {
    const recorded = recordResources();
    const members = [{ ...node("e1", 31), sysctls: { "vm.swappiness": "2" } }];
    const files = [{ path: "/etc/a", content: HIDDEN, secret: true }];
    new EtcdCluster("e", { ssh: { privateKey: PRIVATE_KEY }, members, hostSetup: { files } });
    await settled();
    expect(sent(recorded, "e-e1-prepare").get("SETUP_SYSCTLS")).toEqual(["vm.swappiness = 2"]);
    expect(sent(recorded, "e-e1-secrets").get("SETUP_SECRET_CONTENTS")).toEqual([HIDDEN]);
});
