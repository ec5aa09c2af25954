import * as path from "path";
import { expect, it } from "vitest";
import { authority } from "../tlsServer";
import { pluginStack, succeeded } from "./pluginStack";

const COMPONENTS = path.resolve(__dirname, "../../components");

/** The check, and two steps in the place of add-ons. */
const program = (port: number, caCertificate: string) => `
    const { local } = require("@pulumi/command");
    const { reachEndpoint } = require("${COMPONENTS}/host/endpoint.ts");
    const checked = { endpoint: { host: "127.0.0.1", port: ${port} }, caCertificate: ${JSON.stringify(caCertificate)} };
    const dependsOn = reachEndpoint("c-endpoint", checked, {});
    for (const name of ["one", "two"]) new local.Command(name, { create: "echo applied" }, { dependsOn });
`;

it("an endpoint that does not answer is one error, and no add-on's; the next `up` tries again, and one after that does not", async () => {
    const { certificate, serve } = authority();
    const { port, stop } = await serve("IP:127.0.0.1");
    await stop();
    const { pulumi, write } = await pluginStack();
    write(program(port, certificate));
    succeeded(await pulumi(["preview"]));
    for (const flags of [[], ["--continue-on-error"]]) {
        const failed = await pulumi(["up", "--yes", "--skip-preview", ...flags]);
        expect(failed.code).not.toBe(0);
        expect((failed.stdout + failed.stderr).match(/where pulumi runs, does not reach/g)).toHaveLength(1);
        expect(failed.stdout).not.toMatch(/Command (one|two)/);
    }
    const server = await serve("IP:127.0.0.1", port);
    expect(succeeded(await pulumi(["up", "--yes", "--skip-preview"]))).toContain("+ 3 created");
    await server.stop();
    expect(succeeded(await pulumi(["up", "--yes", "--skip-preview"]))).toContain("4 unchanged");
    succeeded(await pulumi(["destroy", "--yes", "--skip-preview"]));
}, 300_000);
