import { execFileSync } from "child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EtcdTopology } from "../../components/model/etcd";
import { DEFAULT_KUBERNETES_VERSION } from "../../components/versions/versions";
import { node } from "../unit/fixtures";
import { controlPlaneDesired } from "./desired";
import { nodeObject } from "./nodeObject";
import { Sandbox } from "./sandbox";

const parameters = {
    NODE_NAME: "cp1",
    KUBEADM_UPLOAD: "upload",
    JOIN_TOKENS: ["w1 aaaaaa SECRET-OF-W1", "w2 bbbbbb SECRET-OF-W2", "w3 cccccc SECRET-OF-W3"],
    NODES: ["cp1", "cp2", "cp3", "w1", "w2", "w3"],
    CONTROL_PLANE_VERSION: DEFAULT_KUBERNETES_VERSION,
    KUBE_PROXY_ENABLED: true,
    COREDNS_PATCH: "{}",
};
const today = `v${DEFAULT_KUBERNETES_VERSION}`;

let host: Sandbox;
beforeEach(() => {
    host = new Sandbox();
    host.hurry();
    host.ok("prepare", "create", controlPlaneDesired());
    host.write("fake/bound", "");
    host.write("fake/versions", `cp1 ${today}\ncp2 ${today}\n`);
    members(member(11, "cp1"), member(12, "cp2"), member(13, "cp3"));
    host.calls();
});
afterEach(() => host.remove());

const member = (last: number | string, name: string) => {
    const address = typeof last === "number" ? `192.0.2.${last}` : `[${last}]`;
    return {
        ID: String(last),
        name,
        peerURLs: [`https://${address}:2380`],
        clientURLs: [`https://${address}:2379`],
    };
};

function members(...list: object[]): void {
    host.write("fake/etcd/192.0.2.12/list", JSON.stringify({ members: list }));
    host.write("fake/etcd/192.0.2.12/remove", "{}");
}

const apply = () => host.run("cluster", "update", parameters);
const uploads = (calls: string[]) => calls.filter((call) => call.startsWith("kubeadm init"));
/** What was removed since the last look, in its order and in short. */
const removals = (): string[] => {
    const asked = host.exists("fake/asked") ? host.read("fake/asked") : "";
    const ids = [...asked.matchAll(/member\/remove \{"ID":"(.*?)"/g)].map(([, id]) => id);
    host.write("fake/asked", "");
    return host.calls().flatMap((call) => {
        if (call.includes("cluster/member/remove")) return `member ${ids.shift()}`;
        const forced = call.includes("--disable-eviction") ? " by force" : "";
        return [
            ...[...call.matchAll(/ drain (\S+)/g)].map(([, name]) => `drain ${name}${forced}`),
            ...[...call.matchAll(/ uncordon (\S+)/g)].map(([, name]) => `uncordon ${name}`),
            ...[...call.matchAll(/ annotate node (\S+) .*leaving(=true|-)$/g)].map(
                ([, name, sign]) => `${sign === "-" ? "unmark" : "mark"} ${name}`,
            ),
            ...[...call.matchAll(/ delete node (\S+)/g)].map(([, name]) => `Node ${name}`),
            ...(call.includes("create configmap pulumi-kubeadm") ? ["record"] : []),
        ];
    });
};

describe("the cluster's configuration", () => {
    it("is applied once the control plane is at its version; a node that leaves does not matter", () => {
        host.write("fake/versions", `cp1 ${today}\ncp2 ${today}\ncp9 v1.35.4\n`);
        expect([apply().code, uploads(host.calls()).length]).toEqual([0, 1]);
    });

    it("is not, while a control plane node lags behind: its kube-apiserver would serve newer kubelets", () => {
        host.write("fake/versions", `cp1 ${today}\ncp2 v1.35.4\n`);
        const { code, stderr } = apply();
        expect(code).not.toBe(0);
        expect(stderr).toContain("cp2 is at v1.35.4");
        expect(uploads(host.calls())).toEqual([]);
    });
});

describe("join credentials", () => {
    interface Applied {
        items: { metadata: { name: string; labels: object }; data: Record<string, string> }[];
    }
    const applied = (): Applied["items"] =>
        (JSON.parse(`[${host.read("fake/applied").replace(/\}\n\{/g, "},{")}]`) as Applied[]).flatMap(
            ({ items = [] }) => items,
        );
    const names = () => applied().map(({ metadata }) => metadata.name);

    it("are written in one request for machines that have not joined, whatever the names of the Nodes", () => {
        // w2 was replaced by another machine, which has another token.
        host.write("fake/node-w1", nodeObject("w1", { token: "aaaaaa" }));
        host.write("fake/node-w2", nodeObject("w2", { token: "zzzzzz" }));
        const { stderr } = apply();
        expect(names()).toEqual(["bootstrap-token-bbbbbb", "bootstrap-token-cccccc"]);
        const [{ metadata, data }] = applied();
        expect(metadata.labels).toEqual({ "pulumi-kubeadm/join-token": "bbbbbb" });
        const plain = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, atob(value)]));
        expect(plain).toEqual({
            "token-id": "bbbbbb",
            "token-secret": "SECRET-OF-W2",
            description: "pulumi-kubeadm: w2",
            "usage-bootstrap-authentication": "true",
            "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
        });
        const calls = host.calls();
        expect(calls.filter((call) => / apply --server-side /.test(call))).toHaveLength(1);
        expect(stderr + calls.join("\n")).not.toContain("SECRET");
    });

    it("are written for a machine whose Node is not Ready: it may have been reset", () => {
        host.write("fake/node-w1", nodeObject("w1", { token: "aaaaaa", ready: false }));
        host.write("fake/node-w2", nodeObject("w2", { token: "bbbbbb" }));
        host.write("fake/node-w3", nodeObject("w3", { token: "cccccc" }));
        apply();
        expect(names()).toEqual(["bootstrap-token-aaaaaa"]);
    });

    it("that are there are not written again, and those that nobody needs are dropped in one request", () => {
        for (const [name, token] of [
            ["w1", "aaaaaa"],
            ["w2", "bbbbbb"],
        ]) {
            host.write(`fake/node-${name}`, nodeObject(name, { token }));
        }
        host.write("fake/secrets", "bootstrap-token-aaaaaa bootstrap-token-cccccc bootstrap-token-dddddd");
        apply();
        const calls = host.calls();
        expect(calls.filter((call) => / apply --server-side /.test(call))).toEqual([]);
        expect(calls.filter((call) => call.includes("delete --raw"))).toEqual([
            expect.stringMatching(
                /secrets\?labelSelector=pulumi-kubeadm%2Fjoin-token%20in%20\(aaaaaa,dddddd\)( \(.*\))?$/,
            ),
        ]);
    });

    it("are not left to kubeadm, whose own is dropped at once", () => {
        apply();
        const calls = host.calls();
        const dropped = calls.findIndex((call) => call.includes("delete secret bootstrap-token-unused"));
        expect(dropped).toBe(calls.findIndex((call) => call.startsWith("kubeadm init")) + 1);
    });
});

describe("a node that left the list", () => {
    const leaves = (addresses: string[] = ["192.0.2.14"]) => {
        host.write("fake/recorded", "cp1 cp2 cp3 cp4 w1 w2 w3");
        host.write("fake/node-cp4", nodeObject("cp4", { addresses }));
    };

    it("is drained, its etcd member removed, then its Node, then it is forgotten", () => {
        leaves();
        members(member(11, "cp1"), member(12, "cp2"), member(13, "cp3"), member(14, "cp4"));
        apply();
        expect(removals()).toEqual(["mark cp4", "drain cp4", "member 14", "Node cp4", "record"]);
    });

    it("is not removed by a state that does not know the cluster yet: no preview has shown it", () => {
        host.write("fake/recorded", "cp1 cp2 cp3 w1 w2 w3 w9");
        const { code, stderr } = host.run("cluster", "create", parameters);
        expect(code).toBe(1);
        expect(stderr).toContain("w9 is a node of this cluster and not in the program");
        expect(removals()).toEqual([]);
    });

    it("stays, with its member, while a disruption budget holds its pods", () => {
        leaves();
        members(member(11, "cp1"), member(12, "cp2"), member(13, "cp3"), member(14, "cp4"));
        host.write("fake/undrainable", "");
        const { code, stderr } = apply();
        expect(code).toBe(1);
        expect(stderr).toContain("cp4 was not drained within 300s, so it was not removed");
        expect(removals()).toEqual(["mark cp4", "drain cp4"]);
        host.exec(["rm", "/fake/undrainable"]);
        expect([apply().code, removals()]).toEqual([0, ["mark cp4", "drain cp4", "member 14", "Node cp4", "record"]]);
    });

    it("that is declared again is uncordoned, unless somebody had cordoned it before", () => {
        leaves();
        host.write("fake/undrainable", "");
        expect([apply().code, removals()]).toEqual([1, ["mark cp4", "drain cp4"]]);
        const cordoned = {
            ...JSON.parse(nodeObject("cp4", { addresses: ["192.0.2.14"] })),
            spec: { unschedulable: true },
        };
        const metadata = { name: "cp4", annotations: { "pulumi-kubeadm/leaving": "true" } };
        host.write("fake/node-cp4", JSON.stringify({ ...cordoned, metadata }));
        const back = { ...parameters, NODES: [...parameters.NODES, "cp4"] };
        host.ok("cluster", "update", back);
        expect(removals()).toEqual(["uncordon cp4", "unmark cp4", "record"]);
        host.write("fake/node-cp4", JSON.stringify(cordoned));
        expect([apply().code, removals()]).toEqual([1, ["drain cp4"]]);
        host.ok("cluster", "update", back);
        expect(removals()).toEqual(["record"]);
    });

    it("of two families is known by the first address", () => {
        leaves(["192.0.2.14", "fd00::14"]);
        members(member(11, "cp1"), member(12, "cp2"), member(13, "cp3"), member(14, "some-name"));
        apply();
        expect(removals()).toEqual(["mark cp4", "drain cp4", "member 14", "Node cp4", "record"]);
    });

    it("of IPv6 alone is asked at an address in brackets before it is drained by force", () => {
        leaves(["fd00::14"]);
        host.write("fake/silent", "https://[fd00::15]:10250/healthz\n");
        members(member(11, "cp1"), member(12, "cp2"), member(13, "cp3"), member("fd00::14", "some-name"));
        apply();
        expect(removals()).toEqual(["mark cp4", "drain cp4", "member fd00::14", "Node cp4", "record"]);
        host.write("fake/silent", "https://[fd00::14]:10250/healthz\n");
        apply();
        expect(removals()[1]).toBe("drain cp4 by force");
    });

    it("leaves etcd by its name when somebody has deleted its Node already", () => {
        host.write("fake/recorded", "cp1 cp2 cp3 cp4 w1 w2 w3");
        members(member(11, "cp1"), member(12, "cp2"), member(13, "cp3"), member(14, "cp4"));
        apply();
        expect(removals()).toEqual(["member 14", "Node cp4", "record"]);
    });

    it("gives nothing away of the members that are declared, be its address one of theirs", () => {
        leaves(["192.0.2.13"]);
        apply();
        expect(removals()).toEqual(["mark cp4", "drain cp4", "Node cp4", "record"]);
    });

    it.each(["get configmap pulumi-kubeadm", "get node cp4", "delete node cp4"])(
        "stays in the record when the API refuses to %s",
        (request) => {
            leaves();
            members(member(11, "cp1"), member(12, "cp2"), member(13, "cp3"), member(14, "cp4"));
            host.write("fake/refused", `${request}\n`);
            expect(apply().code).toBe(1);
            expect(removals()).not.toContain("record");
            execFileSync("rm", [`${host.root}/fake/refused`]);
            expect(apply().code).toBe(0);
            expect(removals().slice(-2)).toEqual(["Node cp4", "record"]);
        },
    );

    it("stays, and in the record, while etcd has no quorum", () => {
        leaves();
        execFileSync("rm", ["-r", `${host.root}/fake/etcd`]);
        const { code, stderr } = apply();
        expect(code).toBe(1);
        expect(stderr).toContain("docs/runbooks.md, 'Quorum lost'");
        expect(removals()).toEqual([]);
    });

    it("stays in the record while etcd does not let its member go", () => {
        leaves();
        members(member(11, "cp1"), member(12, "cp2"), member(13, "cp3"), member(14, "cp4"));
        execFileSync("rm", [`${host.root}/fake/etcd/192.0.2.12/remove`]);
        const { code, stderr } = apply();
        expect(code).toBe(1);
        expect(stderr).toContain("etcd did not remove member 14");
        expect(removals()).not.toContain("record");
    });
});

describe("members of etcd that the program does not declare", () => {
    it("go before a living one of a node that leaves, when they are silent", () => {
        host.write("fake/recorded", "cp1 cp2 cp3 cp4 w1 w2 w3");
        host.write("fake/node-cp4", nodeObject("cp4", { addresses: ["192.0.2.14"] }));
        members(...[11, 12, 13, 14, 15].map((last) => member(last, `cp${last - 10}`)));
        host.write("fake/silent", "https://192.0.2.15:2380\n");
        apply();
        expect(removals()).toEqual(["member 15", "mark cp4", "drain cp4", "member 14", "Node cp4", "record"]);
    });

    it("stay when they answer and no node of the record had them", () => {
        members(member(11, "cp1"), member(12, "cp2"), member(13, "cp3"), member(15, "guest"));
        expect(apply().code).toBe(0);
        expect(removals()).toEqual(["record"]);
    });

    it("go when another machine has taken over their node's name, and is a member", () => {
        members(member(11, "cp1"), member(12, "cp2"), member(93, "cp3"));
        apply();
        expect(removals()).toEqual(["record"]);
        members(member(11, "cp1"), member(12, "cp2"), member(13, "cp3"), member(93, "cp3"));
        apply();
        expect(removals()).toEqual(["member 93", "record"]);
    });

    it("are nobody's business where etcd is elsewhere", () => {
        const hosts = [node("etcd1", 31)];
        host.ok("prepare", "update", controlPlaneDesired({ etcd: { topology: EtcdTopology.External, hosts } }));
        host.write("fake/recorded", "cp1 cp2 cp3 w1 w2 w3 w9");
        host.calls();
        expect(apply().code).toBe(0);
        expect(removals()).toEqual(["Node w9", "record"]);
    });
});
