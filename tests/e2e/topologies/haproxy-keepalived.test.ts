import { readFileSync } from "fs";
import * as path from "path";
import { gunzipSync } from "zlib";
import { expect, it } from "vitest";
import * as lab from "../../../lab/api";
import { REPO_DIR } from "../../../lab/paths";
import { eventually, onHost, said, Stack } from "../stack";
import { testTopology } from "../topology";
import { expectWritesDuring } from "../writes";
import { apiserverLost, holder, holderLost } from "./failures";

const nodes = ["cp1", "cp2", "cp3", "w1", "w2"];
const balancers = ["lb1", "lb2"];

/** The lines of texts that a preview would change, each once; without digests, which tell that a text is another one. */
function changedLines(preview: string): string[] {
    const lines = preview.split("\n").filter((line) => /^ {10}[-+] /.test(line));
    return [...new Set(lines.map((line) => line.trim()))].filter(
        (line) => !/^. (DESIRED|SECRETS|\w+_DIGEST)=/.test(line),
    );
}

/**
 * The line of a preview that names an image of Kubernetes 1.36.3 and the URLs at which preflight looks for it: the lab's mirror, then the
 * registry. A preview shows the first 150 characters of a line.
 */
function imageRow(name: string): string {
    const manifest = `${name}/manifests/v1.36.3`;
    const mirror = `http://10.88.0.2:5000/v2/${manifest}?ns=registry.k8s.io`;
    return `'registry.k8s.io/${name}:v1.36.3 ${mirror} https://registry.k8s.io/v2/${manifest}'`.slice(0, 150) + "...";
}

/** Passwords and a page of figures, on a live pair and away again. */
function testOptions(stack: Stack): void {
    const options = {
        vrrp: { multicast: true, password: "Hush1234" },
        proxy: {
            balance: "roundrobin",
            log: "connections",
            server: { maxConnections: 250, maxQueue: 256, weight: 100 },
            servers: { cp3: { weight: 50 } },
            check: { kind: "tcp", fall: 3 },
            stats: { port: 9000, address: "0.0.0.0", password: "it's&hush" },
        },
    };

    const balancer = (proxy: object) => ({ loadBalancer: { ...stack.config.loadBalancer, ...options, proxy } });

    it("says so where another program has the page's port: haproxy goes on with its former configuration", async () => {
        await onHost("lb1", "systemd-run --quiet --unit squatter systemd-socket-activate --listen 9000 cat");
        const outcome = await new Stack({ ...stack.config, ...balancer(options.proxy) }).up();
        await onHost("lb1", "systemctl stop squatter");
        expect(outcome.code).not.toBe(0);
        expect(said(outcome)).toMatch(/lb1: error: haproxy did not take its new configuration/);
        expect(said(outcome)).toMatch(/cluster-lb-lb1-node .*cannot bind socket/);
    });

    it("takes passwords, multicast and a page of figures on the live pair: no acknowledged write is lost", async () => {
        const changed = new Stack({ ...stack.config, ...balancer(options.proxy) });
        await expectWritesDuring(8, async () => {
            const outcome = await changed.up();
            expect(outcome.code, said(outcome)).toBe(0);
            expect(said(outcome)).not.toMatch(/Hush1234|it's&hush/);
        });
        const state = gunzipSync(readFileSync(stack.stateFile())).toString();
        expect(state).not.toMatch(/Hush1234|it's&hush/);
        const logged = "journalctl --identifier haproxy | grep -c ' kube-apiserver kube-apiservers/cp' || true";
        await eventually(30, "a connection is logged", async () => {
            const lines = await Promise.all(balancers.map((host) => onHost(host, logged)));
            expect(Math.max(...lines.map(Number))).toBeGreaterThan(0);
        });
    });

    it.each([
        {
            what: "a flag",
            change: { apiServer: { extraArgs: [{ name: "event-ttl", value: "2h" }] } },
            lines: ["+     - name: event-ttl", "+       value: 2h"],
        },
        {
            what: "the version",
            change: { kubernetesVersion: "1.36.4" },
            lines: [
                "CONTROL_PLANE_VERSION='1.36.3'",
                "kubernetesVersion: v1.36.3",
                "KUBERNETES_VERSION='1.36.3'",
                ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"].map(imageRow),
            ].flatMap((line) => [`- ${line}`, `+ ${line.replaceAll("1.36.3", "1.36.4")}`]),
        },
        {
            what: "a certificate's name",
            change: { certSANs: ["kubernetes.example.com"] },
            lines: ["+     - kubernetes.example.com", "+ 'kubernetes.example.com'"],
        },
        {
            what: "an option of the balancer",
            change: balancer({ ...options.proxy, balance: "leastconn" }),
            lines: ["-     balance roundrobin", "+     balance leastconn"],
        },
        {
            what: "a password",
            change: balancer({ ...options.proxy, stats: { ...options.proxy.stats, password: "Other1234" } }),
            lines: [],
        },
    ])("previews $what by the lines that change, and shows no secret", async ({ change, lines }) => {
        const outcome = await new Stack({ ...stack.config, ...balancer(options.proxy), ...change }).preview("--diff");
        expect(outcome.code, said(outcome)).toBe(0);
        expect(changedLines(outcome.stdout).sort()).toEqual(lines.sort());
        expect(said(outcome)).not.toMatch(/Hush1234|it's&hush|Other1234/);
    });

    it("asks for the page's password, and keeps the files to root", async () => {
        const page = "curl --silent --output /dev/null --write-out '%{http_code}' http://10.88.0.10:9000/";
        expect(await onHost("cp1", page)).toBe("401");
        expect(await onHost("cp1", `${page} --user "admin:it's&hush"`)).toBe("200");
        for (const host of balancers) {
            expect(await onHost(host, "stat -c %a /etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf")).toBe(
                "600\n600",
            );
        }
    });

    it("has a keepalived that accepts the file for LVS, and no kernel for it", async () => {
        const golden = readFileSync(path.join(REPO_DIR, "tests/golden/keepalived-lvs.conf"), "utf8");
        const text = Buffer.from(golden.replace("@INTERFACE@", "eth0")).toString("base64");
        const test = (change: string) =>
            `f=$(mktemp) && echo ${text} | base64 -d | sed ${change} >$f; keepalived --config-test --use-file $f; code=$?; rm $f; echo $code`;
        expect(await onHost("lb1", test("p -n"))).toBe("0");
        expect(await onHost("lb1", test("s/lb_kind/kind/"))).not.toBe("0");
        const changed = new Stack({ ...stack.config, loadBalancer: { ...stack.config.loadBalancer, type: "lvs" } });
        const outcome = await changed.up();
        expect(outcome.code).not.toBe(0);
        expect(said(outcome)).toContain("loadBalancer.type: got 'lvs', but this kernel has no module 'ip_vs'");
        expect(said(outcome)).toContain("got 10.88.0.100:6443 (lvs), expected 10.88.0.100:6443 (dedicated)");
    });

    it("has one holder of the address, whichever way they advertise", async () => {
        const holders = async () => {
            const said = await Promise.all(balancers.map((host) => lab.exec(host, "ip -o address show")));
            return said.filter(({ stdout }) => stdout.includes(" 10.88.0.100/")).length;
        };
        await eventually(15, "one holder", async () => expect(await holders()).toBe(1));
        const outcome = await stack.up();
        expect(outcome.code, said(outcome)).toBe(0);
        await eventually(15, "one holder", async () => expect(await holders()).toBe(1));
        await holder(balancers);
    });
}

testTopology("haproxy-keepalived", {
    hosts: [...balancers, ...nodes],
    nodes,
    looks: testOptions,
    failures: [holderLost(balancers, 8), apiserverLost(async () => "cp1", 3)],
});
