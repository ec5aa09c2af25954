import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ClusterPki } from "../../components";
import { pem } from "../unit/fixtures";
import { collectRefusals, recordResources, settled } from "./mocks";

const refused = collectRefusals(beforeEach, afterEach);

it.each([
    ["ca.key", []],
    ["sa.key", ["pki.ca.privateKey: got the key of another certificate"]],
])("a CA's key that is known late is looked at then: %s", async (key, sentences) => {
    recordResources();
    new ClusterPki("p", { ca: { certificate: pem("ca.crt"), privateKey: pulumi.secret(pem(key)) } });
    await settled().catch(() => {});
    const said = refused.join("\n");
    if (sentences.length === 0) expect(said).toBe("");
    for (const sentence of sentences) expect(said).toContain(sentence);
});
