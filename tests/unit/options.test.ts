import { readFileSync } from "fs";
import * as path from "path";
import { describe, expect, it } from "vitest";
import { resolveSettings } from "../../components/model/cluster";
import { BASTION_PORT } from "../../components/model/bastion";
import { EtcdTopology } from "../../components/model/etcd";
import { StorageProvisioner } from "../../components/model/storage";
import { SshArgs } from "../../components/model/ssh";
import { SSH_FILES } from "../../components/stack/ssh";
import * as schema from "../../components/stack/schema.json";
import { CILIUM } from "../../components/versions/versions";
import { generatedFiles } from "../../tools/generate";
import { OptionSchema, expand, optionOf } from "../../tools/optionsTable";
import { clusterArgs, node } from "./fixtures";

/** The documented options. */
const options = readFileSync(path.resolve(__dirname, "../../docs/options.md"), "utf8")
    .split("\n")
    .map(optionOf)
    .filter((option) => option !== undefined);

/** A place of the configuration: `[]` is a list's entry, "*" any key. */
interface Place {
    path: string;
    value: OptionSchema;
    /** Whether it contains no places of its own. */
    leaf: boolean;
}

function placesOf({ items, properties = {}, additionalProperties: any }: OptionSchema, at = ""): Place[] {
    const inner = [
        ...Object.entries(properties).map(([key, value]) => [at ? `${at}.${key}` : key, value] as const),
        ...(items?.properties ? [[`${at}[]`, items] as const] : []),
        ...(typeof any === "object" && any.properties ? [[`${at}.*`, any] as const] : []),
    ];
    return inner.flatMap(([place, value]) => {
        const below = placesOf(value, place);
        return [{ path: place, value, leaf: below.length === 0 }, ...below];
    });
}

const places = placesOf(schema);

describe("docs/options.md", () => {
    const documented = options.flatMap(expand);

    it("documents every key of the configuration", () => {
        const leaves = places.filter(({ leaf }) => leaf).map((place) => place.path);
        expect(leaves.filter((key) => !documented.includes(key))).toEqual([]);
    });

    it("documents no key that the configuration does not have", () => {
        const all = places.map((place) => place.path);
        expect(documented.filter((key) => !all.includes(key))).toEqual([]);
    });

    it("documents each key once", () => {
        expect(documented.filter((key, i) => documented.indexOf(key) !== i)).toEqual([]);
    });
});

/** What the code takes for each literal default: the settings have most, by the option's name. */
function defaultsOfTheCode(): (option: string) => unknown {
    const ssh: SshArgs = { privateKey: "" };
    const settings = resolveSettings(
        clusterArgs({
            ssh,
            loadBalancer: { proxy: { stats: { port: 9000 } } },
            storage: { provisioner: StorageProvisioner.LocalPath },
            etcd: { topology: EtcdTopology.External, hosts: [node("e1", 31)] },
        }),
    );
    const [host] = settings.controlPlaneNodes;
    const elsewhere: Record<string, unknown> = {
        "cni.chart": CILIUM,
        "etcd.topology": resolveSettings(clusterArgs()).etcd.topology,
        etcd: { ...settings.etcd.options, ...settings.etcd.certificateNames },
        onRemoval: host.onRemoval,
        pki: {
            encryptionAlgorithm: settings.certificates.algorithm,
            certificateValidityPeriod: `${settings.certificates.validityHours}h`,
            caCertificateValidityPeriod: `${settings.certificates.caValidityHours}h`,
        },
        maxUnavailable: String(settings.maxUnavailable),
        // A flag that is absent is off.
        ssh: {
            ...SSH_FILES,
            user: host.user,
            port: host.port,
            agent: Boolean(ssh.agent),
            insecureSkipHostKeyCheck: Boolean(ssh.insecureSkipHostKeyCheck),
            bastion: { port: BASTION_PORT },
        },
        passUnknownOptions: Boolean(clusterArgs().passUnknownOptions),
        restrictOomScoreAdj: Boolean(settings.restrictOomScoreAdj),
    };
    const valueAt = (from: unknown, keys: string[]): unknown =>
        keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], from);
    return (option) => {
        const place = Object.keys(elsewhere).find((key) => option === key || option.startsWith(`${key}.`));
        const special = place && valueAt(elsewhere[place], option.slice(place.length).split(".").slice(1));
        return special ?? valueAt(settings, option.split("."));
    };
}

describe("a literal @default", () => {
    const literal = places.filter(({ value, path: at }) => value.default !== undefined && !at.includes("[]"));

    it.each(literal)("of $path is the code's", ({ path: option, value }) => {
        expect(defaultsOfTheCode()(option)).toEqual(value.default);
    });
});

describe("what is generated from the arguments", () => {
    it("is up to date: npm run generate", async () => {
        for (const { path: file, text } of await generatedFiles()) {
            expect(readFileSync(file, "utf8") === text, file).toBe(true);
        }
    }, 120_000);
});
