import { createServer, AddressInfo } from "net";
import { expect, describe, it, onTestFinished } from "vitest";
import { ENDPOINT_COMMAND, endpointVariables } from "../../components/host/endpoint";
import { resolveSettings } from "../../components/model/cluster";
import { LoadBalancerPlacement } from "../../components/model/loadBalancerType";
import { capture } from "../../tools/process";
import { authority } from "../tlsServer";
import { clusterArgs } from "./fixtures";

/** What the check says of an endpoint at this machine, and its exit code. */
const check = (port: number, ca: string, { host = "127.0.0.1", seconds = 0, env = {} } = {}) =>
    capture(["sh", "-c", ENDPOINT_COMMAND], {
        env: { PATH: process.env.PATH, ...endpointVariables({ host, port }, ca, seconds), ...env },
    });

/** A server of TCP that closes each connection. Returns its port. */
async function closingServer(): Promise<number> {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return (server.address() as AddressInfo).port;
}

describe("the check of the endpoint from the operator's machine", () => {
    it("says nothing of an endpoint with a certificate of the cluster's CA for its address or name", async () => {
        const { certificate, serve } = authority();
        const { port } = await serve("IP:127.0.0.1,DNS:localhost");
        expect(await check(port, certificate)).toMatchObject({ code: 0, stdout: "", stderr: "" });
        expect(await check(port, certificate, { host: "localhost" })).toMatchObject({ code: 0, stderr: "" });
    });

    it("says in one sentence where it called from, why that failed, and what helps", async () => {
        const { certificate, serve } = authority();
        const { port, stop } = await serve("IP:127.0.0.1");
        await stop();
        const { code, stderr } = await check(port, certificate);
        expect(code).toBe(1);
        expect(stderr.trimEnd().split("\n")).toHaveLength(1);
        expect(stderr).toMatch(
            new RegExp(
                `^error: \\S+, where pulumi runs, does not reach the cluster's endpoint https://127.0.0.1:${port} ` +
                    `\\(connect ECONNREFUSED 127.0.0.1:${port}\\).*hosts do.*no add-on was applied.*clientEndpoint.*VPN.*pulumi up`,
            ),
        );
    });

    it("refuses a server of another CA, one of another name, and one that closes the connection", async () => {
        const [ours, theirs] = [authority(), authority()];
        const { port } = await ours.serve("IP:192.0.2.1");
        expect((await check(port, theirs.certificate)).stderr).toMatch(/\((self-signed|unable to).*certificate/);
        expect((await check(port, ours.certificate)).stderr).toContain("does not match certificate's altnames");
        expect((await check(await closingServer(), ours.certificate)).stderr).toMatch(
            /\((the connection|.*ECONNRESET|Client network socket disconnected)/,
        );
    });

    it("tries again until the endpoint answers", async () => {
        const { certificate, serve } = authority();
        const { port, stop } = await serve("IP:127.0.0.1");
        await stop();
        const checked = check(port, certificate, { seconds: 20 });
        await new Promise((resolve) => setTimeout(resolve, 1500));
        await serve("IP:127.0.0.1", port);
        expect(await checked).toMatchObject({ code: 0, stderr: "" });
    });

    it("tries nothing where the provider goes by way of a proxy", async () => {
        const env = { HTTPS_PROXY: "http://192.0.2.9:3128" };
        expect(await check(1, authority().certificate, { env })).toMatchObject({ code: 0, stderr: "" });
    });

    it.each(["127.0.0.0/8", "10.0.0.0/8, 127.0.0.1", "*"])("tries where NO_PROXY is %s", async (addresses) => {
        const env = { HTTPS_PROXY: "http://192.0.2.9:3128", NO_PROXY: addresses };
        expect(await check(1, authority().certificate, { env })).toMatchObject({ code: 1 });
    });
});

describe("clientEndpoint", () => {
    const of = (clientEndpoint: string, more = {}) => resolveSettings(clusterArgs({ clientEndpoint, ...more }));

    it.each([
        ["k8s.example.com", { host: "k8s.example.com", port: 8443 }],
        ["k8s.example.com:16443", { host: "k8s.example.com", port: 16443 }],
        ["203.0.113.5:6443", { host: "203.0.113.5", port: 6443 }],
        ["2001:db8::5", { host: "2001:db8::5", port: 8443 }],
        ["[2001:db8::5]:6443", { host: "2001:db8::5", port: 6443 }],
    ])("%s is what clients call, and is in the certificates; nodes call their own endpoint", (text, expected) => {
        const { clientEndpoint, endpoint, certSANs } = of(text);
        expect(clientEndpoint).toEqual(expected);
        expect(endpoint).toEqual({ host: "192.0.2.100", port: 8443 });
        expect(certSANs).toContain(expected.host);
    });

    it("has kube-apiserver's port where a balancer runs on every node", () => {
        const loadBalancer = { placement: LoadBalancerPlacement.NodeLocal };
        expect(of("k8s.example.com", { loadBalancer }).clientEndpoint.port).toBe(6443);
    });
});
