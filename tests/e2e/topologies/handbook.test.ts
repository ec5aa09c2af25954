import { mkdtempSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { CURL } from "../etcdMembers";
import { kubectl, onHost, said } from "../stack";
import { testTopology } from "../topology";
import { expectWritesDuring } from "../writes";
import { powerCut } from "./failures";
import { testLeases } from "./leases";

const controlPlane = ["cp1", "cp2", "cp3"];
const nodes = [...controlPlane, "w1", "w2"];
const hosts = ["lb1", ...nodes];

const FILE = path.join(mkdtempSync(path.join(tmpdir(), "handbook-")), "known_tokens.csv");
const writeToken = (token: string) => writeFileSync(FILE, `${token},reader,1000,"handbook:readers"\n`);
writeToken("first-token");

/** The HTTP status with which a node's own kube-apiserver answers a token. */
const answerTo = (host: string, token: string) =>
    onHost(
        host,
        `curl -sk -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer ${token}' https://127.0.0.1:6443/apis`,
    );

/** Of the containers of each static pod on a host, how often they started. */
const starts = (host: string) =>
    onHost(
        host,
        'crictl ps -o json | jq -r \'.containers[] | select(.labels."io.kubernetes.pod.namespace" == "kube-system") | "\\(.metadata.name) \\(.id)"\' | ' +
            "grep -E '^(kube-(apiserver|controller-manager|scheduler)|etcd) ' | sort",
    );

testTopology("handbook", {
    hostsFile: "documents.yaml",
    hosts,
    nodes,
    images: "all",
    // The lab's mirror has no nfs-common; its kernel has no NFS.
    change: ({ hostSetup, ...config }) => ({
        ...config,
        hostSetup: {
            all: { ...hostSetup.all, packages: ["unzip"] },
            controlPlane: { files: [{ ...hostSetup.controlPlane.files[0], contentFile: FILE }] },
        },
    }),
    failures: [powerCut("cp2", 15)],
    looks: (stack) => {
        it("keys and lifetimes are the handbook's, and etcd has a CA of its own", async () => {
            const about = await onHost(
                "cp1",
                "openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -text -checkend $((43700 * 3600))",
            );
            expect(about).toContain("Public-Key: (2048 bit)");
            expect(about).toContain("Certificate will not expire");
            const issuers = await onHost(
                "cp1",
                "openssl x509 -in /etc/etcd/pki/server.crt -noout -issuer; openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -issuer",
            );
            expect(issuers).toMatch(/CN ?= ?etcd-ca\n[^\n]*CN ?= ?kubernetes(-ca)?$/);
            expect(
                await onHost("cp1", "openssl x509 -in /etc/etcd/pki/server.crt -noout -ext subjectAltName"),
            ).toContain("203.0.113.12");
            expect(await onHost("cp1", `${CURL} https://10.88.0.11:2379/health`)).toContain('"true"');
        });

        it("every host has the package, the setting and the name; control plane nodes alone have the tokens", async () => {
            for (const host of hosts) {
                const seen = await onHost(
                    host,
                    "command -v unzip; cat /proc/sys/net/core/somaxconn; getent hosts mirror.example.com | awk '{print $1}'",
                );
                expect(seen, host).toBe("/usr/bin/unzip\n8192\n10.88.0.2");
            }
            for (const host of controlPlane) {
                expect(await onHost(host, "stat -c '%a %U' /srv/kubernetes/known_tokens.csv"), host).toBe("600 root");
            }
            expect(await onHost("w1", "ls /srv/kubernetes 2>&1 || true")).toContain("No such file");
        });

        it("kube-apiserver knows the token, and the state does not show it", async () => {
            expect(await answerTo("cp3", "first-token")).toBe("200");
            expect(await answerTo("cp3", "another-token")).toBe("401");
            const { stdout } = await lab.run(["pulumi", "stack", "export", "--stack", "dev"]);
            expect(stdout).toContain("/srv/kubernetes/known_tokens.csv");
            expect(stdout).not.toContain("first-token");
        });

        it("a changed token reaches every kube-apiserver in turns: etcd does not restart, and writes go on", async () => {
            const before = await Promise.all(controlPlane.map(starts));
            writeToken("second-token");
            await expectWritesDuring(15, async () => {
                const outcome = await stack.up();
                expect(outcome.code, said(outcome)).toBe(0);
                expect(said(outcome)).not.toContain("second-token");
            });
            for (const [i, host] of controlPlane.entries()) {
                expect([await answerTo(host, "first-token"), await answerTo(host, "second-token")], host).toEqual([
                    "401",
                    "200",
                ]);
                const now = (await starts(host)).split("\n");
                const replaced = before[i].split("\n").filter((line) => !now.includes(line));
                const names = replaced.map((line) => line.split(" ")[0]);
                // A scheduler or controller manager that loses its lease to another node ends, too.
                expect(names).toContain("kube-apiserver");
                expect(names).not.toContain("etcd");
            }
            expect(await kubectl("get", "nodes", "-o", "jsonpath={.items[*].spec.unschedulable}")).toBe("");
        });

        testLeases(controlPlane, nodes);
    },
});
