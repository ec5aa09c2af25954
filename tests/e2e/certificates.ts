import * as path from "path";
import { expect, it } from "vitest";
import * as lab from "../../lab/api";
import { LAB_DIR } from "../../lab/paths";
import type { Outcome } from "../../tools/process";
import { letCertificatesEnd } from "./certificateEnds";
import { expectReady } from "./looks";
import { eventually, kubectl, onHost, said, Stack } from "./stack";
import { expectWritesDuring } from "./writes";

/** Of all that kubeadm made there: each file's serial number, and those of the kubeconfigs. */
const serials = async (host: string): Promise<string[]> =>
    (
        await onHost(
            host,
            `cd /etc/kubernetes
            for file in $(ls pki/*.crt pki/etcd/*.crt | grep -v ca.crt); do openssl x509 -noout -serial -in $file; done
            for conf in admin controller-manager scheduler; do
                sed -n 's/.*client-certificate-data: //p' $conf.conf | base64 -d | openssl x509 -noout -serial
            done`,
        )
    ).split("\n");

const containers = (host: string): Promise<string> =>
    onHost(host, "crictl ps --quiet --name '^kube-(controller-manager|scheduler)$' | sort");

const served = (host: string, port: number): Promise<string> =>
    onHost(host, `echo | openssl s_client -connect 127.0.0.1:${port} 2>/dev/null | openssl x509 -noout -serial`);

/** A plain `up` in the last days of the certificates' lives. */
async function renewed(stack: Stack): Promise<Outcome> {
    const pulumi = (...words: string[]) => lab.run(["pulumi", ...words, "--stack", "dev", "--non-interactive"]);
    await letCertificatesEnd(pulumi, path.join(LAB_DIR, "e2e", "state.json"), () => 20);
    return stack.up();
}

/** Those that kubeadm made are renewed by `up` while they are good. */
export function certificatesAreRenewed(stack: Stack, controlPlane: string[], nodes: string[]): void {
    it("the up that renews the administrator's certificate renews the nodes', and drains none of them", async () => {
        const state = (host: string) => Promise.all([serials(host), containers(host)]);
        const before = await Promise.all(controlPlane.map(state));
        await expectWritesDuring(3, async () => {
            const outcome = await renewed(stack);
            expect(outcome.code, said(outcome)).toBe(0);
            expect(outcome.stdout).toContain("renewing this node's certificates");
        });
        await stack.useKubeconfig();
        const ends = await Promise.all(controlPlane.map(async (host) => [host, await onHost(host, FIRST_END)]));
        expect(JSON.parse(await stack.output("certificatesExpire"))).toEqual(Object.fromEntries(ends));
        for (const [i, host] of controlPlane.entries()) {
            const [old, others] = before[i];
            const [now, running] = await state(host);
            expect(now).toHaveLength(10);
            expect(now.filter((serial) => old.includes(serial))).toEqual([]);
            expect(running.split("\n").filter((id) => others.includes(id))).toEqual([]);
            await eventually(60, `${host} shows its new certificates`, async () => {
                expect(now).toContain(await served(host, 6443));
                expect(now).toContain(await served(host, 2379));
            });
        }
        expect(await kubectl("get", "nodes", "-o", "jsonpath={.items[*].spec.unschedulable}")).toBe("");
        await expectReady(nodes);
    });
}

/** Makes all that is on hosts expire, as if a year had passed without an `up`, turns them off and on, and repairs it. */
export function expiredCertificatesAreRenewed(
    stack: Stack,
    { controlPlane, etcd = [], nodes }: { controlPlane: string[]; etcd?: string[]; nodes: string[] },
): void {
    it("a cluster whose certificates have all expired is brought back by one up", async () => {
        const hosts = [...controlPlane, ...etcd];
        await Promise.all(controlPlane.map((host) => onHost(host, MADE_BY_KUBEADM)));
        if (etcd.length > 0) {
            const key = await stack.secret("cluster-pki-etcd-ca-key", "privateKeyPem");
            await Promise.all(controlPlane.map((host) => onHost(host, signedAgain(OF_APISERVER), key)));
            await Promise.all(etcd.map((host) => onHost(host, signedAgain(OF_MEMBER), key)));
        }
        await new Promise((resolve) => setTimeout(resolve, 31_000));
        for (const host of hosts) await lab.kill(host);
        for (const host of hosts) await lab.startHost(host);
        await expect(
            eventually(20, "the API answers", () => kubectl("get", "--raw", "/readyz")),
            "nothing but expired certificates",
        ).rejects.toThrow();
        const outcome = await renewed(stack);
        expect(outcome.code, said(outcome)).toBe(0);
        await stack.useKubeconfig();
        await eventually(60, "every node is Ready again", () => expectReady(nodes));
    });
}

/** The time at which the first of a node's certificates ends, as the program's output has it. */
const FIRST_END = `for file in /etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt; do
    [[ $file == *ca.crt ]] || date --utc --date "$(openssl x509 -noout -enddate -in "$file" | cut -d= -f2)" +%FT%TZ
done | sort | head -n 1`;

const MADE_BY_KUBEADM = `sed 's/^kind: ClusterConfiguration$/&\\ncertificateValidityPeriod: 30s/' /var/lib/pulumi-kubeadm/kubeadm.yaml >/root/short.yaml
    kubeadm certs renew all --config /root/short.yaml >/dev/null && rm /root/short.yaml`;

const OF_APISERVER = "cd /etc/kubernetes/pki; ca=etcd/ca.crt; certificates=apiserver-etcd-client.crt";
const OF_MEMBER = "cd /etc/etcd/pki; ca=ca.crt; certificates='server.crt peer.crt healthcheck-client.crt'";

/** Certificates of the same keys whose end is past, signed by the CA's key on standard input. Written in place: they keep their owners. */
const signedAgain = (which: string): string => `set -e; key=$(cat); ${which}
    for certificate in $certificates; do
        request=$(openssl x509 -in $certificate -x509toreq -signkey "\${certificate%.crt}.key" 2>/dev/null)
        openssl x509 -req -in <(echo "$request") -CA $ca -CAkey <(echo "$key") -set_serial 1 -days -1 -out $certificate 2>/dev/null
    done`;
