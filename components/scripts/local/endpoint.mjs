// Tries the cluster's endpoint from the operator's machine, as the provider of the add-ons will call it: TCP, then TLS with the
// cluster's CA. Runs in the operator's own Node.js, which runs the Pulumi program as well. host/endpoint.ts says what it is given.
import { hostname } from "node:os";
import { BlockList, isIP } from "node:net";
import { connect } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";

const { ENDPOINT_HOST: host, ENDPOINT_PORT: port, ENDPOINT: endpoint, CA_CERTIFICATE: ca } = process.env;
const LIMIT_MILLISECONDS = 1000 * process.env.LIMIT;
const TRY_MILLISECONDS = 5000;

/** Resolves when a server there shows a certificate of the cluster's CA for this name. */
const handshake = () =>
    new Promise((resolve, reject) => {
        const servername = isIP(host) ? "" : host;
        const socket = connect({ host, port, ca, servername, allowPartialTrustChain: true }, () => {
            socket.destroy();
            resolve();
        });
        socket.setTimeout(TRY_MILLISECONDS, () => socket.destroy(new Error("no answer within 5 s")));
        socket.on("error", reject);
        // A balancer without a server behind it accepts the connection, and closes it.
        socket.on("close", () => reject(new Error("the connection was closed before the TLS handshake ended")));
    });

/** Tries for LIMIT seconds: an address may be about to move, and a certificate to be read. Returns why the last try failed. */
async function failure() {
    const end = Date.now() + LIMIT_MILLISECONDS;
    for (;;) {
        try {
            await handshake();
            return undefined;
        } catch (error) {
            if (Date.now() >= end) return error;
            await sleep(1000);
        }
    }
}

const { HTTPS_PROXY, https_proxy = HTTPS_PROXY, NO_PROXY = "", no_proxy = NO_PROXY } = process.env;

/** Whether a network of NO_PROXY has the endpoint's address. */
function isIn(network) {
    const [address, bits] = network.split("/");
    if (bits === undefined || isIP(address) === 0 || isIP(address) !== isIP(host)) return false;
    const list = new BlockList();
    list.addSubnet(address, Number(bits), `ipv${isIP(address)}`);
    return list.check(host, `ipv${isIP(address)}`);
}

const goesDirect = no_proxy
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .some((entry) => entry === "*" || entry === host || host.endsWith(`.${entry.replace(/^\./, "")}`) || isIn(entry));

// Where the provider goes by way of the proxy, a connection without it proves nothing.
const error = https_proxy && !goesDirect ? undefined : await failure();
if (error !== undefined) {
    // A name with several addresses fails for each of them.
    const reason = error.message || (error.errors ?? []).map(({ message }) => message).join(", ");
    console.error(
        `error: ${hostname()}, where pulumi runs, does not reach the cluster's endpoint https://${endpoint} (${reason}). ` +
            "The cluster's hosts do, and the control plane runs; no add-on was applied. Set clientEndpoint to an address that leads " +
            `from here to the load balancer, or give this machine a route to ${host} (a VPN), then run: pulumi up`,
    );
    process.exitCode = 1;
}
