import { mkdtempSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { expect, it } from "vitest";
import { corefile } from "../../../components/addons/corefile";
import * as lab from "../../../lab/api";
import { CURL } from "../etcdMembers";
import { liveCorefile } from "../looks";
import { kubectl, onHost, said } from "../stack";
import { testTopology } from "../topology";
import { expectWritesDuring } from "../writes";
import { powerCut } from "./failures";
import { testLeases } from "./leases";
import { testLocalVolume } from "./localVolume";

const controlPlane = ["cp1", "cp2", "cp3"];
const nodes = [...controlPlane, "w1", "w2"];
const hosts = ["lb1", ...nodes];

const FILE = path.join(mkdtempSync(path.join(tmpdir(), "handbook-")), "known_tokens.csv");
const writeToken = (token: string) => writeFileSync(FILE, `${token},reader,1000,"handbook:readers"\n`);
writeToken("first-token");

/** Of each certificate: the key's length, the hours to its end, the issuer, its purposes. */
const CERTIFICATES = `for file in /etc/etcd/pki/*.crt /etc/kubernetes/pki/*.crt; do
    text=$(openssl x509 -in $file -noout -text)
    ends=$(date -d "$(openssl x509 -in $file -noout -enddate | cut -d= -f2)" +%s)
    purposes=$(grep -oE '(Server|Client) Authentication' <<<"$text" | cut -d' ' -f1 | paste -sd,)
    echo $file $(sed -nE 's/.*Public-Key: .([0-9]+) bit./\\1/p' <<<"$text") $(((ends - $(date +%s) + 1800) / 3600)) $(sed -nE 's/.*Issuer:.*CN ?= ?//p' <<<"$text") \${purposes:--}
done`;
const CA = "2048 87600";
const LEAF = "2048 43800";

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
    // `destroy` leaves the folder of volumes, and the test compares /opt.
    change: ({ hostSetup, storage, ...config }) => ({
        ...config,
        storage: { ...storage, path: "/srv/volumes" },
        hostSetup: {
            all: { ...hostSetup.all, packages: ["unzip"] },
            controlPlane: { files: [{ ...hostSetup.controlPlane.files[0], contentFile: FILE }] },
        },
    }),
    failures: [powerCut("cp2", 15)],
    looks: (stack) => {
        it.each(controlPlane)(
            "the certificates on %s have the handbook's keys, lifetimes, purposes and CAs",
            async (host) => {
                expect((await onHost(host, CERTIFICATES)).split("\n")).toEqual([
                    `/etc/etcd/pki/ca.crt ${CA} etcd-ca -`,
                    `/etc/etcd/pki/healthcheck-client.crt ${LEAF} etcd-ca Client`,
                    `/etc/etcd/pki/peer.crt ${LEAF} etcd-ca Server,Client`,
                    `/etc/etcd/pki/server.crt ${LEAF} etcd-ca Server,Client`,
                    `/etc/kubernetes/pki/apiserver-etcd-client.crt ${LEAF} etcd-ca Client`,
                    `/etc/kubernetes/pki/apiserver-kubelet-client.crt ${LEAF} kubernetes Client`,
                    `/etc/kubernetes/pki/apiserver.crt ${LEAF} kubernetes Server`,
                    `/etc/kubernetes/pki/ca.crt ${CA} kubernetes -`,
                    `/etc/kubernetes/pki/front-proxy-ca.crt ${CA} front-proxy-ca -`,
                    `/etc/kubernetes/pki/front-proxy-client.crt ${LEAF} front-proxy-ca Client`,
                ]);
            },
        );

        it("etcd's certificate has the public addresses, and etcd answers its client", async () => {
            expect(
                await onHost("cp1", "openssl x509 -in /etc/etcd/pki/server.crt -noout -ext subjectAltName"),
            ).toContain("203.0.113.12");
            expect(await onHost("cp1", `${CURL} https://10.88.0.11:2379/health`)).toContain('"true"');
        });

        // kubeadm has a control plane node's kubelet call the kube-apiserver beside it.
        it("kube-proxy and the workers' kubelets call haproxy", async () => {
            const haproxy = "https://10.88.0.10:6443";
            const servers = { cp1: "https://10.88.0.11:6443", w1: haproxy, w2: haproxy };
            for (const [host, server] of Object.entries(servers)) {
                expect(await onHost(host, "sed -n 's/ *server: //p' /etc/kubernetes/kubelet.conf"), host).toBe(server);
            }
            const configuration = ["-n", "kube-system", "get", "configmap", "kube-proxy", "-o", "yaml"];
            expect(await kubectl(...configuration)).toContain(`server: ${haproxy}\n`);
        });

        it("CoreDNS has its scale, its limits and its Corefile", async () => {
            const coreDns = (path: string) =>
                kubectl("-n", "kube-system", "get", "deployment", "coredns", "-o", `jsonpath={${path}}`);
            expect(await coreDns(".status.readyReplicas")).toBe("2");
            expect(JSON.parse(await coreDns(".spec.template.spec.containers[0].resources"))).toEqual({
                requests: { cpu: "100m", memory: "70Mi" },
                limits: { memory: "256Mi" },
            });
            expect((await liveCorefile()).trim()).toBe(corefile(stack.config.coreDns, "cluster.local"));
        });

        testLocalVolume(stack, "/srv/volumes");

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

        it("a setting, a name and a file that are added reach live hosts", async () => {
            const { all } = stack.config.hostSetup;
            all.sysctls["net.core.somaxconn"] = "16384";
            all.hostAliases.push({ ip: "203.0.113.1", hostnames: ["added.example.com"] });
            stack.config.workerNodes[0].files = [{ path: "/etc/handbook.conf", content: "of w1\n" }];
            const outcome = await stack.up();
            expect(outcome.code, said(outcome)).toBe(0);
            for (const host of hosts) {
                const seen = await onHost(
                    host,
                    "cat /proc/sys/net/core/somaxconn; getent hosts added.example.com | awk '{print $1}'; cat /etc/handbook.conf 2>&1 || true",
                );
                const file = host === "w1" ? "of w1" : "cat: /etc/handbook.conf: No such file or directory";
                expect(seen, host).toBe(`16384\n203.0.113.1\n${file}`);
            }
        });

        testLeases(controlPlane, nodes);
    },
});
