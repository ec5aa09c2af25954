import { readFileSync, writeFileSync } from "fs";
import * as path from "path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import * as lab from "../../../lab/api";
import { LAB_FILES } from "../../../lab/paths";
import { exampleConfig } from "../example";
import { expectReady } from "../looks";
import { OwnProgram } from "../ownProgram";
import { kubectl, said } from "../stack";

const program = new OwnProgram("machines");
const { folder, pulumi } = program;

/**
 * Stands for a tool that makes machines: tells the address and the host key of a machine that the lab has started, for w1 after its first
 * delete those of cp2. At a delete it writes down whether the machine is released.
 */
const TOOL = `
known='${LAB_FILES.knownHosts}'
of() { awk -v name="$1" '{ split($1, at, ","); if (at[2] == name) print at[1], $2, $3 }' "$known"; }
name=$2
if [ "$2" = w1 ] && grep -q '^w1 ' '${folder}/deleted' 2>/dev/null; then name=cp2; fi
read -r address type key <<EOF
$(of "$name")
EOF
case $1 in
create) printf '{"address":"%s","hostKey":"%s %s"}' "$address" "$type" "$key" ;;
delete)
    login="ssh -i ${LAB_FILES.clientKey} -o UserKnownHostsFile=$known root@$address"
    echo "$2 $($login 'test -e /var/lib/pulumi-kubeadm && echo in use || echo released')" >>'${folder}/deleted'
    ;;
esac
`;

/** The lab's mirror, as a program gives it. */
function options(): object {
    const { sources, kubeletConfiguration, kubeProxyConfiguration, restrictOomScoreAdj } = exampleConfig("stacked");
    const withKey = ({ keyFile, ...rest }: { keyFile: string }) => ({ ...rest, key: readFileSync(keyFile, "utf8") });
    const repositories = { kubernetes: withKey(sources.kubernetes), containerd: withKey(sources.containerd) };
    return {
        ...{ kubeletConfiguration, kubeProxyConfiguration, restrictOomScoreAdj },
        sources: { ...sources, ...repositories },
    };
}

async function succeeds(...words: string[]): Promise<string> {
    const outcome = await pulumi(...words);
    expect(outcome.code, said(outcome)).toBe(0);
    return outcome.stdout;
}

/** The stack's configuration with these workers. */
function configure(...workerNodes: string[]): void {
    const file = path.join(folder, "Pulumi.test.yaml");
    const given = {
        tool: `sh ${path.join(folder, "tool")}`,
        privateKey: readFileSync(LAB_FILES.clientKey, "utf8"),
        controlPlaneNodes: ["cp1"],
        workerNodes,
        options: options(),
    };
    const config = Object.fromEntries(Object.entries(given).map(([key, value]) => [`machines:${key}`, value]));
    const { encryptionsalt } = parse(readFileSync(file, "utf8"));
    writeFileSync(file, stringify({ encryptionsalt, config }));
}

/** The names of the resources that an `up` would change. */
async function changedNames(): Promise<string[]> {
    const { steps } = JSON.parse(await succeeds("preview", "--json")) as { steps: { op: string; urn: string }[] };
    return steps.filter(({ op }) => op !== "same").map(({ urn }) => urn.split("::").pop()!);
}

beforeAll(async () => {
    await lab.down();
    await lab.up({ hosts: ["cp1", "cp2", "w1", "w2"] });
    await program.install();
    await succeeds("stack", "init", "test");
    writeFileSync(path.join(folder, "tool"), TOOL);
});
afterAll(program.remove);

describe("machines that are made in the same program", () => {
    it("are previewed before there is any: nothing of them is known, and nothing is made up", async () => {
        configure("w1");
        const preview = await succeeds("preview", "--diff");
        for (const name of ["machine-cp1", "cluster-cp1-node", "cluster-w1-node", "cluster-finish"]) {
            expect(preview).toContain(`::${name}]`);
        }
        expect(preview).not.toMatch(/198\.18\.|\.invalid/);
    });

    it("become a cluster with one up, which the next one leaves as it is", async () => {
        await succeeds("up", "--yes", "--skip-preview");
        const kubeconfig = await succeeds("stack", "output", "kubeconfig", "--show-secrets");
        writeFileSync(LAB_FILES.kubeconfig, kubeconfig, { mode: 0o600 });
        await expectReady(["cp1", "w1"]);
        expect(await succeeds("up", "--yes", "--skip-preview")).toMatch(/Resources:\n\s+\d+ unchanged\n/);
    });

    it("one more changes no other host", async () => {
        configure("w1", "w2");
        const changed = await changedNames();
        expect(changed).toEqual(expect.arrayContaining(["machine-w2", "cluster-w2-claim", "cluster-w2-node"]));
        expect(changed.filter((name) => !/^(machine|cluster)-w2(-|$)/.test(name)).sort()).toEqual([
            "cluster-checked",
            "cluster-configuration-apply",
            "cluster-configuration-attempt",
            "cluster-finish",
        ]);
        await succeeds("up", "--yes", "--skip-preview");
        await expectReady(["cp1", "w1", "w2"]);
    });

    it("a worker's machine that is replaced is released, deleted, and made anew by the same name", async () => {
        await succeeds("up", "--yes", "--skip-preview", "--replace", "**machine-w1");
        await expectReady(["cp1", "w1", "w2"]);
        expect(readFileSync(path.join(folder, "deleted"), "utf8")).toBe("w1 released\n");
        expect(await kubectl("get", "node", "w1", "-o", "wide")).toContain("10.88.0.12");
    });

    it("one that leaves is released before it is deleted", async () => {
        configure("w1");
        await succeeds("up", "--yes", "--skip-preview");
        await expectReady(["cp1", "w1"]);
        expect(readFileSync(path.join(folder, "deleted"), "utf8")).toBe("w1 released\nw2 released\n");
    });
});
