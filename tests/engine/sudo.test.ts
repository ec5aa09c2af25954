import { chmodSync, cpSync, mkdirSync, writeFileSync } from "fs";
import * as path from "path";
import { expect, it } from "vitest";
import { OnRemoval } from "../../components/model/hosts";
import { testFolder } from "../unit/keyPair";
import { pluginStack, succeeded } from "./pluginStack";
import { SshServer, startSshServer } from "./sshServer";

const COMPONENTS = path.resolve(__dirname, "../../components");
const PASSWORD = "s3cret";

/** An sshd whose logins are in a folder with the scripts and with an sudo that asks for the password. */
async function startAskingServer(): Promise<SshServer> {
    const folder = testFolder();
    const write = (name: string, text: string) => {
        writeFileSync(path.join(folder, name), text);
        chmodSync(path.join(folder, name), 0o755);
    };
    mkdirSync(path.join(folder, ".pulumi-kubeadm"));
    cpSync(path.join(COMPONENTS, "scripts/sudo.sh"), path.join(folder, ".pulumi-kubeadm/sudo.sh"));
    write(".pulumi-kubeadm/run.sh", 'exec <"$3"; echo "$1: $2"; cat');
    const refusal = '{ echo "sudo: 1 incorrect password attempt" >&2; exit 1; }';
    const asks = `IFS= read -r given; [[ $1 == -k && $given == ${PASSWORD} ]] || ${refusal}`;
    write("sudo", `#!/bin/bash\n${asks}\nshift 4; exec "$@"\n`);
    return startSshServer(`ForceCommand cd ${folder} && PATH=${folder}:$PATH exec bash -c "$SSH_ORIGINAL_COMMAND"`);
}

/** The steps of a host, and what `node` has said. */
const program = (server: SshServer, sudoPassword: string, desired: object) => `
    const pulumi = require("@pulumi/pulumi");
    const { connectionTo } = require("${COMPONENTS}/host/connection.ts");
    const { outputOf, runPhase } = require("${COMPONENTS}/host/phase.ts");
    const { hostSteps } = require("${COMPONENTS}/host/steps.ts");
    const { sshAccess } = require("${COMPONENTS}/model/ssh.ts");
    const { resolveSetup } = require("${COMPONENTS}/model/hostSetup.ts");
    const shape = { sudoAsks: true, setup: resolveSetup([]) };
    const settings = ${JSON.stringify({ ...server, name: "w1", privateAddress: "192.0.2.21", onRemoval: OnRemoval.Release })};
    const ssh = sshAccess({ privateKey: settings.privateKey, sudoPassword: "${sudoPassword}" });
    const login = {
        connection: connectionTo(pulumi.output(settings), ssh),
        user: "ops",
        sudoPassword: ssh.apply((access) => access.sudoPassword),
    };
    const host = {
        shape,
        settings: pulumi.output(shape),
        fileContents: {},
        preflightDependencies: () => [],
        run: (name, { phase, head, parameters }, opts) =>
            runPhase(name, { ...login, phase, parameters, head: pulumi.output({ NODE_NAME: "w1", ...head }) }, opts),
    };
    const { node } = hostSteps("w1", { host, desired: ${JSON.stringify(desired)}, turnAfter: [] }, {});
    exports.said = pulumi.unsecret(outputOf(node));
`;

it("a step gives sudo the password, which is in no plain state, and a preview shows what changes", async () => {
    const server = await startAskingServer();
    const { pulumi, write } = await pluginStack();
    write(program(server, PASSWORD, { FIRST: "1", SECOND: "2" }));
    expect(succeeded(await pulumi(["up", "--yes", "--skip-preview"]))).toMatch(/node: create[^]*NODE_NAME='w1'/);
    const state = succeeded(await pulumi(["stack", "export"]));
    expect(state).toContain("SECOND='2'");
    expect(state).not.toContain(PASSWORD);
    expect(succeeded(await pulumi(["up", "--yes", "--skip-preview"]))).toMatch(/4 unchanged/);
    write(program(server, PASSWORD, { FIRST: "1", SECOND: "3" }));
    const preview = succeeded(await pulumi(["preview", "--diff"]));
    expect(preview).toMatch(/::w1-desired\][^]*- SECOND='2'\n *\+ SECOND='3'/);
    expect(preview).not.toContain(PASSWORD);
});

it("a wrong password is one error, which names the host and the option and does not show it", async () => {
    const server = await startAskingServer();
    const { pulumi, write } = await pluginStack();
    write(program(server, "wr0ng", { FIRST: "1" }));
    const { code, stdout, stderr } = await pulumi(["up", "--yes", "--skip-preview"]);
    expect(code).not.toBe(0);
    expect(stdout).toContain("[prepare] w1: error: ssh.sudoPassword: got a password with which sudo refuses the user");
    expect(stdout).toMatch(/running "[^"]*; bash \.pulumi-kubeadm\/sudo\.sh prepare create"/);
    expect(stdout + stderr).not.toContain("wr0ng");
    expect(server.logins()).toBe(1);
});
