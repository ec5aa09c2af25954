import { execFileSync } from "child_process";
import { writeFileSync } from "fs";
import * as path from "path";
import { expect, it } from "vitest";
import { JoinCommands, joinCommands } from "../../components/cluster/joinCommands";
import { KnownClusterArgs, resolveSettings } from "../../components/model/cluster";
import { EtcdPlacement, EtcdTopology } from "../../components/model/etcd";
import { LoadBalancerPlacement } from "../../components/model/loadBalancerType";
import { PRIVATE_KEY, clusterArgs, publicKey } from "../unit/fixtures";
import { testFolder } from "../unit/keyPair";
import * as pulumi from "@pulumi/pulumi";

const commandsOf = (changes: Partial<KnownClusterArgs> = {}): Promise<JoinCommands> => {
    const args = clusterArgs(changes);
    return new Promise((resolve) => joinCommands(pulumi.output(resolveSettings(args)), args.ssh).apply(resolve));
};
const external = { etcd: { topology: EtcdTopology.External, placement: EtcdPlacement.ControlPlane } };

/** The words that `ssh` would be called with, as a shell reads them. */
const words = (line: string) =>
    execFileSync("sh", ["-c", `ssh() { printf '%s\\n' "$@"; }; ${line}`], { encoding: "utf8" })
        .trimEnd()
        .split("\n");

it("ask a control plane node; with stacked etcd there is none for a control plane node", async () => {
    const commands = await commandsOf({ ssh: { privateKey: PRIVATE_KEY } });
    expect(words(commands.worker!)).toEqual([
        ...["-p", "22", "root@192.0.2.11"],
        "sh -c 'kubeadm token create --ttl 2h --print-join-command'",
    ]);
    expect(commands.controlPlane).toBeUndefined();
});

it("go through the bastion, and use sudo where the login is not root", async () => {
    const bastion = { address: "198.51.100.1", port: 2222, hostKey: publicKey(1) };
    const ssh = { user: "ops", port: 22022, privateKey: PRIVATE_KEY, bastion };
    const { worker, controlPlane } = await commandsOf({ ...external, ssh });
    expect(words(worker!)).toEqual([
        ...["-J", "ops@198.51.100.1:2222", "-p", "22022", "ops@192.0.2.11"],
        "sudo sh -c 'kubeadm token create --ttl 2h --print-join-command'",
    ]);
    expect(words(controlPlane!).pop()).toContain('--certificate-key "$(kubeadm init phase upload-certs --upload-certs');
});

it("ignore what the program's own nodes ignore, and print nothing where kubeadm fails", async () => {
    const { worker } = await commandsOf({
        ssh: { privateKey: PRIVATE_KEY },
        kubeletConfiguration: { failCgroupV1: false },
    });
    const folder = testFolder();
    const printed = (kubeadm: string) => {
        writeFileSync(path.join(folder, "kubeadm"), `#!/bin/sh\n${kubeadm}\n`, { mode: 0o755 });
        const env = { PATH: `${folder}:${process.env.PATH}` };
        return execFileSync("sh", ["-c", words(worker!).pop()!], { env, encoding: "utf8" });
    };
    expect(printed("echo kubeadm join")).toBe("kubeadm join --ignore-preflight-errors=SystemVerification\n");
    expect(() => printed("exit 1")).toThrow("Command failed");
});

it("quote a login that a shell would change", async () => {
    const { worker } = await commandsOf({ ssh: { user: "CORP\\ops$", privateKey: PRIVATE_KEY } });
    expect(words(worker!)[2]).toBe("CORP\\ops$@192.0.2.11");
});

it("are not there with a balancer on every node", async () => {
    expect(await commandsOf({ loadBalancer: { placement: LoadBalancerPlacement.NodeLocal } })).toEqual({});
});
