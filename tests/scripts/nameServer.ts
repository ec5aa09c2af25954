import { spawn, type ChildProcess } from "child_process";

/** A name server at this address, which knows every name but one that begins with "unknown". */
export const SERVER = "127.77.0.1";
const ANSWER = `
const socket = require("dgram").createSocket("udp4");
socket.on("message", (query, from) => {
    const answer = Buffer.from(query);
    const known = !query.includes("unknown");
    answer[2] = 0x85;
    answer[3] = known ? 0x80 : 0x83;
    answer[7] = known ? 1 : 0;
    socket.send(Buffer.concat([answer, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 96, 0, 1])]), from.port, from.address);
});
socket.bind(53, "${SERVER}", () => console.log("listens"));
// Of a Service with one address, IPv4, there is no answer to a question for another one.
const six = require("dgram").createSocket("udp6");
six.on("message", (query, from) => {
    const answer = Buffer.from(query);
    const type = query[query.length - 3];
    answer[2] = 0x85;
    answer[3] = 0x80;
    answer[7] = type === 1 ? 1 : 0;
    six.send(answer, from.port, from.address);
});
six.bind({ port: 53, address: "::1", ipv6Only: true });
`;

/** Returns once it answers. */
export async function startNameServer(): Promise<ChildProcess> {
    const server = spawn(process.execPath, ["-e", ANSWER]);
    await new Promise((resolve) => server.stdout.once("data", resolve));
    return server;
}
