import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../lab/api";
import { serveEtcdArchive } from "./etcdArchive";
import { CURL, membersSeenBy, voters } from "./etcdMembers";
import { EtcdProgram } from "./etcdProgram";
import { expectRestartedInTurn } from "./order";
import { eventually, onHost, said } from "./stack";

const HOSTS = ["lb1", "w1", "w2"];
const etcd = new EtcdProgram(HOSTS);
let archive: Awaited<ReturnType<typeof serveEtcdArchive>> | undefined;
const MEMBERS = voters(...HOSTS);

beforeAll(async () => {
    await lab.up();
    // Hosts that another test has used: new disks, so that this one begins with nothing.
    await Promise.all(HOSTS.map(lab.reset));
    archive = await serveEtcdArchive();
    etcd.source = archive.source;
});
afterAll(() => archive?.close());

/** The names in the certificate that a member shows. */
const SERVED_NAMES =
    "echo | openssl s_client -connect 127.0.0.1:2379 2>/dev/null | openssl x509 -noout -ext subjectAltName";

describe("an etcd cluster of its own", () => {
    it("comes up with three voters, and refuses clients without a certificate", async () => {
        const outcome = await etcd.up();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(await membersSeenBy("w1")).toEqual(MEMBERS);
        expect(
            await onHost("w1", "curl -sk https://127.0.0.1:2379/health >/dev/null && echo open || echo refused"),
        ).toBe("refused");
        expect(await onHost("w2", "stat -c '%a %U' /var/lib/etcd; ps -o user= -C etcd")).toBe("700 etcd\netcd");
        const names = await onHost("w1", "openssl x509 -in /etc/etcd/pki/peer.crt -noout -ext subjectAltName");
        for (const name of ["DNS:w1", "DNS:localhost", "10.88.0.21", "127.0.0.1"]) expect(names).toContain(name);
        expect(await onHost("w1", "find / -xdev -name 'ca.key' -path '*etcd*' 2>/dev/null || true")).toBe("");
    });

    it("a member that lost its disk rejoins with one up, and what was written is there", async () => {
        const put = `${CURL} -d '{"key":"a2V5","value":"dmFsdWU="}' https://127.0.0.1:2379/v3/kv/put`;
        await onHost("w1", put);
        await lab.reset("w2");
        const outcome = await etcd.up();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(await membersSeenBy("lb1")).toEqual(MEMBERS);
        await eventually(10, "the key on the new member", async () => {
            expect(await onHost("w2", `${CURL} -d '{"key":"a2V5"}' https://127.0.0.1:2379/v3/kv/range`)).toContain(
                "dmFsdWU=",
            );
        });
    });

    it("an option is rolled out, one member after the other", async () => {
        etcd.options = { heartbeatInterval: 150, electionTimeout: 1500, serverCertSANs: ["etcd.example.com"] };
        const outcome = await etcd.up();
        expect(outcome.code, said(outcome)).toBe(0);
        await expectRestartedInTurn("etcd", HOSTS);
        for (const host of HOSTS) {
            expect(await onHost(host, "cat /etc/etcd/etcd.yaml")).toContain("heartbeat-interval: 150\n");
            expect(await onHost(host, SERVED_NAMES)).toContain("DNS:etcd.example.com");
            expect(await membersSeenBy(host)).toEqual(MEMBERS);
        }
    });

    it("is not followed by an empty one when all of its machines are replaced at once", async () => {
        const others = ["cp1", "cp2", "cp3"];
        await Promise.all(others.map(lab.reset));
        etcd.members = others;
        const outcome = await etcd.up();
        expect(outcome.code).not.toBe(0);
        expect(said(outcome)).toContain("may not form a new cluster: it is not a founding member of this cluster");
        for (const host of others) expect(await onHost(host, "ps -C etcd -o comm= || true")).toBe("");

        etcd.members = HOSTS;
        const again = await etcd.up();
        expect(again.code, said(again)).toBe(0);
        expect(await onHost("w2", `${CURL} -d '{"key":"a2V5"}' https://127.0.0.1:2379/v3/kv/range`)).toContain(
            "dmFsdWU=",
        );
    });

    it("is destroyed without remains", async () => {
        const outcome = await etcd.destroy();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(
            await onHost(
                "w1",
                "ls -d /etc/etcd /opt/etcd /var/lib/etcd/* /etc/systemd/system/etcd.service 2>/dev/null || true; getent passwd etcd || true",
            ),
        ).toBe("");
    });
});
