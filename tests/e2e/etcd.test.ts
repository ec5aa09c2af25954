import { existsSync } from "fs";
import * as path from "path";
import { beforeAll, describe, expect, it } from "vitest";
import * as lab from "../../lab/api";
import { labFiles, repoDir } from "../../lab/paths";
import { eventually, onHost, said } from "./stack";

/** `EtcdCluster` alone, on three hosts. */
const folder = path.join(repoDir, "tests/e2e/etcd");
const pulumi = (...words: string[]) =>
    lab.run(["pulumi", ...words, "--stack", "test", "--non-interactive", "--color", "never"], {
        cwd: folder,
        timeoutMs: 600_000,
    });
const up = () => pulumi("up", "--yes", "--skip-preview");

const CURL = "cd /etc/etcd/pki && curl -sf --cacert ca.crt --cert healthcheck-client.crt --key healthcheck-client.key";
const members = (host: string) =>
    onHost(host, `${CURL} -d '{"linearizable":true}' https://127.0.0.1:2379/v3/cluster/member/list`).then((json) =>
        JSON.parse(json)
            .members.map((m: { name: string; isLearner?: boolean }) => `${m.name} ${m.isLearner ?? false}`)
            .sort(),
    );
const VOTERS = ["lb1 false", "w1 false", "w2 false"];

beforeAll(async () => {
    await lab.up();
    // Hosts that another test has used: new disks, so that this one begins with nothing.
    await Promise.all(["lb1", "w1", "w2"].map(lab.reset));
    if (!existsSync(path.join(labFiles.state, ".pulumi/stacks/etcd-alone/test.json.gz"))) {
        await lab.run(["pulumi", "stack", "init", "test", "--non-interactive"], { cwd: folder });
    }
});

describe("an etcd cluster of its own", () => {
    it("comes up with three voters, and refuses clients without a certificate", async () => {
        const outcome = await up();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(await members("w1")).toEqual(VOTERS);
        expect(
            await onHost("w1", "curl -sk https://127.0.0.1:2379/health >/dev/null && echo open || echo refused"),
        ).toBe("refused");
        expect(await onHost("w2", "stat -c '%a %U' /var/lib/etcd; ps -o user= -C etcd")).toBe("700 etcd\netcd");
        const names = await onHost("w1", "openssl x509 -in /etc/etcd/pki/peer.crt -noout -ext subjectAltName");
        for (const name of ["DNS:w1", "DNS:localhost", "10.88.0.21", "127.0.0.1"]) expect(names).toContain(name);
        expect(await onHost("w1", "find / -xdev -name 'ca.key' -path '*etcd*'")).toBe("");
    });

    it("a member that lost its disk rejoins with one up, and what was written is there", async () => {
        const put = `${CURL} -d '{"key":"a2V5","value":"dmFsdWU="}' https://127.0.0.1:2379/v3/kv/put`;
        await onHost("w1", put);
        await lab.reset("w2");
        const outcome = await up();
        expect(outcome.code, said(outcome)).toBe(0);
        expect(await members("lb1")).toEqual(VOTERS);
        await eventually(10, "the key on the new member", async () => {
            expect(await onHost("w2", `${CURL} -d '{"key":"a2V5"}' https://127.0.0.1:2379/v3/kv/range`)).toContain(
                "dmFsdWU=",
            );
        });
    });

    it("is destroyed without remains", async () => {
        const outcome = await pulumi("destroy", "--yes", "--skip-preview");
        expect(outcome.code, said(outcome)).toBe(0);
        expect(
            await onHost(
                "w1",
                "ls -d /etc/etcd /var/lib/etcd/* /etc/systemd/system/etcd.service 2>/dev/null || true; getent passwd etcd || true",
            ),
        ).toBe("");
    });
});
