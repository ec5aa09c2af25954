import { execFileSync } from "child_process";
import { readFileSync, readdirSync, rmSync } from "fs";
import { IncomingMessage, RequestListener, Server, createServer } from "http";
import { createServer as createTlsServer } from "https";
import { AddressInfo } from "net";
import * as path from "path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptParameters } from "../../components/host/contract";
import { PREFLIGHT } from "./preflight";
import { Result, Sandbox } from "./sandbox";

let host: Sandbox;
let server: Server;
let asked: IncomingMessage[];
/** The statuses of what is there, by method and path or by path alone. */
let answers: Record<string, number>;

const answer: RequestListener = (request, response) => {
    asked.push(request);
    const status = answers[`${request.method} ${request.url}`] ?? answers[request.url!] ?? 404;
    response.writeHead(status, status === 307 ? { location: "/elsewhere" } : {}).end();
};

const listen = async (on: Server): Promise<string> => {
    await new Promise<void>((resolve) => on.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(on.address() as AddressInfo).port}`;
};

let url: string;
beforeEach(async () => {
    host = new Sandbox();
    // The real one, of this machine.
    rmSync(path.join(host.root, "usr/local/sbin/curl"));
    asked = [];
    answers = {};
    server = createServer(answer);
    url = `http://${await listen(server)}`;
});
afterEach(() => {
    server.close();
    host.remove();
});

const preflight = (sources: string[], changes: ScriptParameters = {}): Promise<Result> =>
    host.start("preflight", "create", { ...PREFLIGHT, SOURCES: sources, ...changes });
const calls = (): string[] => asked.map((request) => `${request.method} ${request.url}`);
const NOBODY = "http://127.0.0.1:1";

describe("what prepare will download", () => {
    it("is asked for without a body, and by a part of it where a server refuses that", async () => {
        answers = { "/kubelet-amd64": 200, "/kubelet-arm64": 200, "HEAD /etcd.tar.gz": 405, "/etcd.tar.gz": 206 };
        const sources = [`sources.binaries.kubelet ${url}/kubelet-{arch}`, `sources.etcd ${url}/etcd.tar.gz`];
        expect(await preflight(sources)).toMatchObject({ code: 0, stderr: "" });
        expect(calls().sort()).toEqual([
            "GET /etcd.tar.gz",
            "HEAD /etcd.tar.gz",
            expect.stringMatching(/^HEAD \/kubelet-a(md|rm)64$/),
        ]);
        expect(asked.find(({ method }) => method === "GET")!.headers.range).toBe("bytes=0-0");
    });

    it("that is not there, and a server that nobody reaches, are faults of one table", async () => {
        answers = { "/broken": 502, "/secret": 403 };
        const { code, stderr } = await preflight([
            `sources.etcd ${url}/gone.tar.gz`,
            `sources.binaries.runc ${url}/broken`,
            `sources.binaries.kubelet ${url}/secret`,
            `sources.kubernetes ${NOBODY}/InRelease ${NOBODY}/Release`,
        ]);
        expect(code).toBe(1);
        expect(stderr).toContain("4 fault(s); no host was changed");
        expect(stderr).toContain(`sources.etcd: got 'status 404' from ${url}/gone.tar.gz, expected the file`);
        expect(stderr).toContain(`sources.binaries.runc: got 'status 502' from ${url}/broken`);
        expect(stderr).toContain(`sources.binaries.kubelet: got 'status 403' from ${url}/secret`);
        expect(stderr).toMatch(
            / sources +sources\.kubernetes: got 'Failed to connect to .*' from http:\/\/127.0.0.1:1\/InRelease/,
        );
        expect(stderr).toMatch(/to do: check the URL, the way to it \(sources\.proxy\)/);
    });

    it("is there when one of its URLs has it", async () => {
        answers = { "/dists/bookworm/Release": 200 };
        const at = `${url}/dists/bookworm`;
        expect((await preflight([`sources.containerd ${at}/InRelease ${at}/Release`])).stderr).toBe("");
    });

    it("is not asked for again where an interrupted run has left it, nor on a live host, nor where that is left out", async () => {
        const sources = [`sources.binaries.kubelet ${url}/kubelet`, `sources.etcd ${url}/etcd`];
        const files = { HOST_PACKAGES: false };
        const identity =
            "CLUSTER_ID='this-cluster'\nNODE_NAME='cp1'\nROLE='control-plane'\nNODE_ADDRESS='192.0.2.11'\n";
        host.write("var/lib/pulumi-kubeadm/identity.env", identity);
        host.write("opt/pulumi-kubeadm/kubelet-0123/kubelet", "");
        const { stderr } = await preflight(sources, files);
        expect(stderr).toContain("sources.etcd: ");
        expect(stderr).not.toContain("sources.binaries");
        expect((await preflight(sources, { ...files, PREFLIGHT_SKIP: ["sources"] })).code).toBe(0);
        host.write("var/lib/pulumi-kubeadm/joined", "this-cluster\n");
        expect((await preflight(sources, files)).stderr).not.toContain("sources.etcd");
    });

    it("is told once, where the repository itself does not answer", async () => {
        const sources = [`sources.kubernetes ${NOBODY}/deb/InRelease`, `sources.etcd ${NOBODY}/etcd`];
        const { stderr } = await preflight(sources, { PACKAGE_SOURCE: `${NOBODY}/deb` });
        expect(stderr).toContain("package repository http://127.0.0.1:1/deb");
        expect(stderr).not.toContain("sources.kubernetes");
        expect(stderr).toContain("sources.etcd: ");
    });
});

describe("the manifest of an image", () => {
    const IMAGE = "registry.example.com/pause:3.10";
    const MANIFEST = "/v2/pause/manifests/3.10";

    it("is asked for as containerd does, through a redirection, and a registry that wants a token answers", async () => {
        answers = { [`${MANIFEST}?ns=registry.example.com`]: 307, "/elsewhere": 200 };
        expect((await preflight([`${IMAGE} ${url}${MANIFEST}?ns=registry.example.com`])).stderr).toBe("");
        expect(asked[0].headers.accept).toContain("application/vnd.oci.image.index.v1+json");
        answers = { [MANIFEST]: 401 };
        expect((await preflight([`${IMAGE} ${url}${MANIFEST}`])).stderr).toBe("");
    });

    it("may be at the registry where the mirror fails; where neither has it, the mirror is named", async () => {
        answers = { [MANIFEST]: 200 };
        expect((await preflight([`${IMAGE} ${NOBODY}${MANIFEST} ${url}${MANIFEST}`])).stderr).toBe("");
        const { code, stderr } = await preflight([`${IMAGE} ${url}/v2/none/manifests/3.10 ${NOBODY}${MANIFEST}`]);
        expect(code).toBe(1);
        expect(stderr).toContain(`${IMAGE}: got 'status 404' from ${url}/v2/none/manifests/3.10, expected the file`);
    });

    it("is asked for with the registry's CA beside those of the host", async () => {
        const files = ["key", "crt"].map((name) => path.join(host.root, `tmp/registry.${name}`));
        const made = [
            "-keyout",
            files[0],
            "-out",
            files[1],
            "-subj",
            "/CN=r",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ];
        execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...made], { stdio: "ignore" });
        const [key, cert] = files.map((file) => readFileSync(file));
        const secure = createTlsServer({ key, cert }, answer);
        const at = await listen(secure);
        try {
            answers = { [MANIFEST]: 200 };
            const sources = [`${IMAGE} https://${at}${MANIFEST}`];
            host.write("etc/ssl/certs/ca-certificates.crt", cert.toString());
            expect((await preflight(sources)).stderr).toBe("");
            execFileSync(
                "openssl",
                [
                    "req",
                    "-x509",
                    "-newkey",
                    "rsa:2048",
                    "-nodes",
                    "-keyout",
                    "/dev/null",
                    "-out",
                    path.join(host.root, "etc/ssl/certs/ca-certificates.crt"),
                    "-subj",
                    "/CN=other",
                ],
                { stdio: "ignore" },
            );
            expect((await preflight(sources)).stderr).toMatch(/got 'SSL certificate problem: self.signed certificate'/);
            const authorities = [`${at} ${cert.toString("base64")}`];
            expect((await preflight(sources, { REGISTRY_CAS: authorities })).stderr).toBe("");
            expect(
                readdirSync(path.join(host.root, "tmp")).filter((name) => name.startsWith(".pulumi-kubeadm-")),
            ).toEqual([]);
        } finally {
            secure.close();
        }
    });
});
