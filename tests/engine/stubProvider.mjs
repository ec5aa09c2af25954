// A provider that makes nothing and writes down what the engine asked of it. Its one type, `stub:index:Step`, takes
// `text` and has `output`: the step's id and its text. A step's id is its name and the count of creates of that name.
// `stdout` is "new" after a create and "live" after an update, with the time. A step with the input `milliseconds` takes that long, and its
// beginning is written down too. A create with the input `failCreate` fails, an update with `failUpdate`; every delete fails
// while the file `refuse-deletes` exists.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { main } from "@pulumi/pulumi/provider/index.js";

const journal = path.join(process.env.STUB_FOLDER, "journal");
const refuseDeletes = path.join(process.env.STUB_FOLDER, "refuse-deletes");

const note = (line) => appendFileSync(journal, `${line}\n`);
const nameOf = (urn) => urn.split("::").pop();
const outputsOf = (id, inputs, stdout) => ({
    ...inputs,
    output: `${id} ${inputs.text}`,
    stdout: `${stdout} ${Date.now()}`,
});

function failIf(condition, what) {
    if (!condition) return;
    note(`${what}: failed`);
    throw new Error(`${what}: failed as told`);
}

async function takeTime({ milliseconds }, urn) {
    if (!milliseconds) return;
    note(`begin ${nameOf(urn)}`);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function nextId(urn) {
    const lines = existsSync(journal) ? readFileSync(journal, "utf8").split("\n") : [];
    const creates = lines.filter((line) => line.startsWith(`create ${nameOf(urn)}-`));
    return `${nameOf(urn)}-${creates.length + 1}`;
}

const provider = {
    version: "1.0.0",
    async create(urn, inputs) {
        failIf(inputs.failCreate, `create ${nameOf(urn)}`);
        await takeTime(inputs, urn);
        const id = nextId(urn);
        const outs = outputsOf(id, inputs, "new");
        note(`create ${outs.output}`);
        return { id, outs };
    },
    async update(id, urn, olds, inputs) {
        failIf(inputs.failUpdate, `update ${nameOf(urn)}`);
        await takeTime(inputs, urn);
        const outs = outputsOf(id, inputs, "live");
        note(`update ${outs.output}`);
        return { outs };
    },
    // `output` comes from the state: it is what the engine lets a delete see.
    async delete(id, urn, { output }) {
        failIf(existsSync(refuseDeletes), `delete ${output}`);
        note(`delete ${output}`);
    },
};

await main(provider, process.argv.slice(2));
