import { spawn } from "child_process";
import * as lab from "../../lab/api";

/** Answers with the files below a folder; `HEAD` too. */
const SERVER = `
const [folder, port] = process.argv.slice(1), fs = require("fs"), path = require("path");
require("http").createServer((request, answer) => {
    const file = path.join(folder, path.normalize(decodeURIComponent(request.url)));
    if (!fs.existsSync(file)) return answer.writeHead(404).end();
    answer.writeHead(200, { "content-length": fs.statSync(file).size });
    request.method === "HEAD" ? answer.end() : fs.createReadStream(file).pipe(answer);
}).listen(Number(port))`;

/** Serves a folder to the lab's hosts, from where the operator sits. */
export async function serveFolder(folder: string, port: number): Promise<{ url: string; close: () => void }> {
    const [argv, { env }] = await lab.runSpawn(["node", "-e", SERVER, folder, String(port)]);
    const server = spawn(argv[0], argv.slice(1), { env, stdio: "ignore" });
    return { url: `http://10.88.0.1:${port}`, close: () => void server.kill() };
}
