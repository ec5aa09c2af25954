import { HostSetupSettings } from "../model/hostSetup";
import { Table, list } from "./parameters";

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

export const aliasLines = ({ hostAliases }: HostSetupSettings): string[] | undefined =>
    some(hostAliases.map(({ ip, hostnames }) => [ip, ...hostnames].join(" ")));

/** A list that is empty is not sent. */
export const some = <T>(items: T[]): T[] | undefined => (items.length > 0 ? items : undefined);
