import { execFileSync } from "child_process";
import { readFileSync } from "fs";
import { AddressInfo } from "net";
import * as path from "path";
import { createServer } from "tls";
import { onTestFinished } from "vitest";
import { testFolder } from "./unit/keyPair";

export interface Authority {
    /** PEM */
    certificate: string;
    /** A server that shows a certificate of this CA for a name as openssl writes it, `IP:127.0.0.1`. Returns its port. */
    serve: (name: string, port?: number) => Promise<TlsServer>;
}

export interface TlsServer {
    port: number;
    stop: () => Promise<void>;
}

/** A new CA. The end of the test stops its servers. */
export function authority(): Authority {
    const folder = testFolder();
    const openssl = (...words: string[]) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const text = (name: string) => readFileSync(path.join(folder, name), "utf8");
    openssl("req", "-x509", ...key, "-subj", "/CN=ca", "-keyout", "ca.key", "-out", "ca.crt");
    const serve = async (name: string, port = 0): Promise<TlsServer> => {
        const subject = ["-subj", "/CN=server", "-addext", `subjectAltName=${name}`];
        const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-keyout", "server.key", "-out", "server.crt"];
        openssl("req", "-x509", ...key, ...subject, ...signed);
        const server = createServer({ cert: text("server.crt"), key: text("server.key") }, (socket) => socket.end());
        // A client that refuses the certificate ends the connection.
        server.on("tlsClientError", () => {});
        await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
        const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
        onTestFinished(() => stop());
        return { port: (server.address() as AddressInfo).port, stop };
    };
    return { certificate: text("ca.crt"), serve };
}
