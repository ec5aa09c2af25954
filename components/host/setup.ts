import * as pulumi from "@pulumi/pulumi";
import { HostFileSettings } from "../model/hostFiles";
import { Host } from "./host";
import { ValuesOf } from "./parameters";
import { SecretsOf } from "./secretParameters";
import { SETUP, SETUP_SECRETS, aliasLines, some } from "./setupTables";

/** The part of a host's desired state. A list that is empty is not sent. */
export const setupParameters = ({ settings, fileContents }: Host): pulumi.Output<ValuesOf<typeof SETUP>> =>
    settings.apply(({ setup }) => {
        const plain = setup.files.filter(({ secret }) => !secret);
        const contents = pulumi.all(plain.map(({ path }) => fileContents[path]));
        return contents.apply((texts): ValuesOf<typeof SETUP> => ({
            SETUP_FILES: some(plain.map(row)),
            SETUP_FILE_CONTENTS: some(texts),
            SETUP_SECRET_FILES: some(setup.files.filter(({ secret }) => secret).map(row)),
            SETUP_SYSCTLS: some(Object.entries(setup.sysctls).map(([name, value]) => `${name} = ${value}`)),
            SETUP_MODULES: some(setup.kernelModules),
            SETUP_PACKAGES: some(setup.packages),
            SETUP_ALIASES: aliasLines(setup),
        }));
    });

export function setupSecrets({ shape, fileContents }: Host): Partial<SecretsOf<typeof SETUP_SECRETS>> {
    const secret = shape.setup.files.filter((file) => file.secret);
    if (secret.length === 0) return {};
    return { SETUP_SECRET_CONTENTS: pulumi.all(secret.map(({ path }) => fileContents[path])) };
}

const row = ({ path, mode, owner, restarts }: HostFileSettings): string => [path, mode, owner, ...restarts].join(" ");
