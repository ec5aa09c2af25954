import { cpSync, mkdirSync, rmSync, writeFileSync } from "fs";
import * as path from "path";
import { beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { LAB_DIR, LAB_FILES } from "../../../lab/paths";
import { membersSeenBy, STACKED, voters } from "../etcdMembers";
import { expectReady } from "../looks";
import { Config, devConfig, eventually, kubectl, onHost, said, sshConnections, Stack } from "../stack";
import { expectWritesDuring } from "../writes";

/**
 * Who may change a host: the same machine by another path, another machine by the same name, another state, and two operators
 * at once. One story: each test goes on from the last.
 */
const CONTROL_PLANE = ["cp1", "cp2", "cp3"];
const NODES = [...CONTROL_PLANE, "w1", "w2"];
const dev = devConfig();
const [w1, w2] = dev.workerNodes;
const stack = new Stack(dev);

const up = async (changes: Config = {}, ...flags: string[]) => {
    stack.config = { ...stack.config, ...changes };
    return stack.up(...flags);
};
const upWell = async (changes: Config = {}) => {
    const outcome = await up(changes);
    expect(outcome.code, said(outcome)).toBe(0);
    return said(outcome);
};
const upUnchanged = async () => {
    const connections = await sshConnections(NODES);
    expect(await upWell()).toMatch(/Resources:\n\s+\d+ unchanged\n/);
    expect(await sshConnections(NODES)).toBe(connections);
};

const hostKey = async (host: string) =>
    (await onHost(host, "cat /etc/ssh/ssh_host_ed25519_key.pub")).split(" ").slice(0, 2).join(" ");

/** Prints a host's units, containers and files, without its identity file and the mark of the administrator's certificate. */
const RUNS = `systemctl show kubelet containerd --property ActiveEnterTimestampMonotonic
    crictl ps --quiet --name '^(etcd|kube-)' | sort
    find /etc/kubernetes /etc/containerd /etc/haproxy /etc/keepalived /var/lib/kubelet/config.yaml -type f | sort | xargs sha256sum
    cd /var/lib/pulumi-kubeadm && find . -type f -not -name identity.env -not -name certificates | sort | xargs sha256sum`;
const whatRuns = () => Promise.all(NODES.map((host) => onHost(host, RUNS)));

beforeAll(async () => {
    await lab.down();
    await lab.up({ hosts: [...NODES, "cp4"], hostsFile: path.join(__dirname, "hosts.yaml") });
    await upWell();
    await stack.useKubeconfig();
    await expectReady(NODES);
    await kubectl("apply", "-f", "tests/e2e/pods.yaml");
    await kubectl("wait", "--for=condition=Ready", "pod/client-w1", "pod/server-w2", "--timeout=120s");
});

describe("the same machine", () => {
    it("by another address of SSH is taken over; nothing on it changes, and the former claim does not release it", async () => {
        await onHost(
            "w1",
            "ip address add 10.88.0.121/24 dev $(ip -o route get 10.88.0.2 | sed 's/.* dev \\(\\S*\\).*/\\1/')",
        );
        const before = await whatRuns();
        const moved = { ...w1, address: "10.88.0.121", privateAddress: w1.address, hostKey: await hostKey("w1") };
        expect(await upWell({ workerNodes: [moved, w2] })).toContain(
            "this host is left as it is: it has another claim",
        );
        expect(await whatRuns()).toEqual(before);
        await upUnchanged();
    });

    it("with another host key is taken over as well", async () => {
        await onHost(
            "w1",
            "rm /etc/ssh/ssh_host_ed25519_key* && ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key && systemctl restart ssh",
        );
        const before = await whatRuns();
        await upWell({ workerNodes: [{ ...stack.config.workerNodes[0], hostKey: await hostKey("w1") }, w2] });
        expect(await whatRuns()).toEqual(before);
        await expectReady(NODES);
    });

    it("is refused another private address, before any host is changed", async () => {
        const [live] = stack.config.workerNodes;
        const outcome = await up({ workerNodes: [{ ...live, privateAddress: "10.88.0.121" }, w2] });
        expect(outcome.code).not.toBe(0);
        expect(said(outcome)).toContain(
            "10.88.0.21 is worker w1 of this cluster; to change its private address to 10.88.0.121",
        );
        await upWell({ workerNodes: [live, w2] });
    });
});

describe("a stack without the cluster's state", () => {
    const KEYS = [
        "ca.crt",
        "ca.key",
        "front-proxy-ca.crt",
        "front-proxy-ca.key",
        "sa.key",
        "etcd/ca.crt",
        "etcd/ca.key",
    ];
    const folder = path.join(LAB_DIR, "e2e", "pki");
    let before: string[];

    /** kube-apiserver accepts the ServiceAccount token of the pod client-w1. */
    const tokenWorks = async () => {
        const token = "$(cat /var/run/secrets/kubernetes.io/serviceaccount/token)";
        const url = "https://kubernetes.default/apis/authentication.k8s.io/v1/selfsubjectreviews";
        const body = '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}';
        const curl = `curl -sk --max-time 5 -H "Authorization: Bearer ${token}" -H 'Content-Type: application/json' -d '${body}' ${url}`;
        const answer = await kubectl("exec", "client-w1", "--", "busybox", "sh", "-c", curl);
        expect(JSON.parse(answer).status.userInfo.username).toBe("system:serviceaccount:default:default");
    };

    beforeAll(async () => {
        before = await whatRuns();
        rmSync(LAB_FILES.state, { recursive: true });
        mkdirSync(path.join(folder, "etcd"), { recursive: true, mode: 0o700 });
        for (const file of KEYS) {
            writeFileSync(path.join(folder, file), `${await onHost("cp2", `cat /etc/kubernetes/pki/${file}`)}\n`, {
                mode: 0o600,
            });
        }
    });

    it("changes nothing, and says whose the hosts are", async () => {
        const outcome = await up();
        expect(outcome.code).not.toBe(0);
        expect(said(outcome)).toContain("this host belongs to another cluster");
        expect(said(outcome)).toContain("docs/runbooks.md, 'The state is lost'");
        expect(await whatRuns()).toEqual(before);
    });

    it("changes nothing with the Kubernetes CA alone, whose other keys would be new ones", async () => {
        rmSync(LAB_FILES.state, { recursive: true });
        const read = (file: string) => onHost("cp2", `cat /etc/kubernetes/pki/${file}`);
        const ca = { certificate: await read("ca.crt"), privateKey: await read("ca.key") };
        const outcome = await up({ pki: { ca } });
        expect(outcome.code).not.toBe(0);
        expect(said(outcome)).toContain("sa.pub: got the digest");
        expect(await whatRuns()).toEqual(before);
    });

    it("with the keys of a control plane node takes the cluster over: nothing on the hosts changes, and tokens stay good", async () => {
        rmSync(LAB_FILES.state, { recursive: true });
        await tokenWorks();
        await expectWritesDuring(5, async () => void (await upWell({ pki: { folder } })));
        expect(await whatRuns()).toEqual(before);
        await tokenWorks();
        await upUnchanged();
        await stack.useKubeconfig();
        await expectReady(NODES);
        expect(await membersSeenBy("cp1", STACKED)).toEqual(voters(...CONTROL_PLANE));
    });
});

describe("two operators with a copy of the state each", () => {
    it("change the control plane at the same time: no acknowledged write is lost, and one up makes it consistent", async () => {
        const copy = path.join(LAB_DIR, "e2e", "other");
        cpSync(LAB_FILES.state, copy, { recursive: true });
        const other = new Stack({ ...stack.config, certSANs: ["second.example.com"] }, copy);
        await expectWritesDuring(15, async () => {
            const outcomes = await Promise.all([up({ certSANs: ["first.example.com"] }), other.up()]);
            for (const outcome of outcomes.filter(({ code }) => code !== 0)) {
                expect(said(outcome)).toMatch(
                    /another desired state is staged on this host|another claim|holds the lock/,
                );
            }
        });
        expect(await membersSeenBy("cp1", STACKED)).toEqual(voters(...CONTROL_PLANE));
        await expectWritesDuring(15, async () => void (await upWell({ certSANs: ["third.example.com"] })));
        for (const host of CONTROL_PLANE) {
            const names = await onHost(
                host,
                "openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -ext subjectAltName",
            );
            expect(names, host).toContain("third.example.com");
            expect(names, host).not.toMatch(/(first|second)\.example\.com/);
        }
        await expectReady(NODES);
    });
});

describe("another machine by the name of a live control plane node", () => {
    it("takes its place, in etcd too, and the former machine is released", async () => {
        const [cp1, cp2, cp3] = dev.controlPlaneNodes;
        await expectWritesDuring(15, async () => {
            await upWell({ controlPlaneNodes: [cp1, cp2, { ...cp3, address: "10.88.0.14" }] });
        });
        expect(await membersSeenBy("cp4", STACKED)).toEqual(voters(...CONTROL_PLANE));
        await eventually(120, "every node is Ready", () => expectReady(NODES));
        expect(await onHost("cp3", "ls /etc/kubernetes 2>/dev/null || true")).toBe("");
        const addresses = await kubectl("get", "node", "cp3", "-o", "jsonpath={.status.addresses[0].address}");
        expect(addresses).toBe("10.88.0.14");
        await upUnchanged();
    });
});
