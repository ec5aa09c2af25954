import * as pulumi from "@pulumi/pulumi";
import { HostFileSettings } from "../model/hostFiles";
import { Host } from "./host";
import { Table, ValuesOf, list } from "./parameters";
import { SecretsOf } from "./secretParameters";

/** Files, packages, kernel settings and names of one host. */
export const SETUP = {
    SETUP_FILES: list(
        "Files of the configuration: `path mode user:group`, and what restarts when the file changes.",
        [],
    ),
    SETUP_FILE_CONTENTS: list("The content of each.", []),
    SETUP_SECRET_FILES: list("The same, for files with a secret content.", []),
    SETUP_SYSCTLS: list("Settings of the kernel, `name = value`.", []),
    SETUP_MODULES: list("Modules of the kernel.", []),
    SETUP_PACKAGES: list("Packages, `name` or `name=version`.", []),
    SETUP_ALIASES: list("Lines of /etc/hosts.", []),
} satisfies Table;

export const SETUP_SECRETS = {
    SETUP_SECRET_CONTENTS: list("The content of each of SETUP_SECRET_FILES; secret.", []),
} satisfies Table;

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
            SETUP_ALIASES: some(setup.hostAliases.map(({ ip, hostnames }) => [ip, ...hostnames].join(" "))),
        }));
    });

export function setupSecrets({ shape, fileContents }: Host): Partial<SecretsOf<typeof SETUP_SECRETS>> {
    const secret = shape.setup.files.filter((file) => file.secret);
    if (secret.length === 0) return {};
    return { SETUP_SECRET_CONTENTS: pulumi.all(secret.map(({ path }) => fileContents[path])) };
}

const row = ({ path, mode, owner, restarts }: HostFileSettings): string => [path, mode, owner, ...restarts].join(" ");

const some = <T>(items: T[]): T[] | undefined => (items.length > 0 ? items : undefined);
