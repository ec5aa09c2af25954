import * as pulumi from "@pulumi/pulumi";
import { isIP } from "net";
import { isLoopback, isSpecialAddress, isUnspecified } from "../lib/addresses";
import { Fault, duplicates, fault, hiddenFault, within } from "../lib/faults";
import { isDnsName, isLocalName } from "../lib/forms";
import { HostFileArgs, HostFileSettings, checkedContent, fileFaults, resolveFile } from "./hostFiles";
import { sysctlFaults } from "./sysctls";

/** Files, packages, kernel settings, kernel modules and lines of /etc/hosts of one host. */
export interface HostSetupArgs {
    /**
     * Files on the host. Where several places of the configuration name one path, the host's own file comes before that of its role,
     * and that one before that of all hosts. A file that stood there before comes back when this one leaves the list, or the host the
     * program.
     * @change Written in the host's turn; what `restarts` names restarts then, without a drain.
     */
    files?: HostFileArgs[];
    /**
     * Settings of the kernel, as sysctl.d(5) names them, without wildcards: `{ vm.max_map_count: "262144" }`. One of a module that the kernel loads later
     * (`net.netfilter.*`: nf_conntrack) needs that module in `kernelModules`.
     * @change Set in the host's turn; nothing restarts. A setting that leaves the list stays in force until the host restarts.
     */
    sysctls?: Record<string, string>;
    /**
     * Modules of the kernel, which the host loads now and whenever it starts.
     * @change Loaded in the host's turn; nothing restarts. A module that leaves the list stays loaded until the host restarts.
     */
    kernelModules?: string[];
    /**
     * Packages of the host's repositories, `name` or `name=version`. On Debian their services start, as their packagers intend.
     * A package that another one replaces (chrony and systemd-timesyncd) does not come back when the host is released. Refused with `sources.binaries`.
     * @change Installed in the host's turn. A package that leaves the list stays until the host is released.
     */
    packages?: string[];
    /**
     * Lines of /etc/hosts, for sites without a name server; preflight looks names up in them too. Pods do not read them. A line that the
     * host has already for the same name comes before them. Where cloud-init writes that file at each start
     * (`manage_etc_hosts`), turn that off.
     * @change Written in the host's turn; nothing restarts.
     */
    hostAliases?: HostAliasArgs[];
}

/** A line of /etc/hosts, as a pod's `hostAliases` has it. */
export interface HostAliasArgs {
    /**
     * The address.
     * @kind IP address
     * @change As for `hostAliases[]`.
     */
    ip: string;
    /**
     * Its names.
     * @change As for `hostAliases[]`.
     */
    hostnames: string[];
}

/** What all hosts get, and those of a role. */
export interface HostSetupsArgs {
    /** Of every host. */
    all?: HostSetupArgs;
    /** Of control plane nodes. */
    controlPlane?: HostSetupArgs;
    /** Of worker nodes. */
    workers?: HostSetupArgs;
    /** Of the balancer's own hosts. */
    loadBalancer?: HostSetupArgs;
    /** Of etcd's own hosts. */
    etcd?: HostSetupArgs;
}

export type SetupRole = Exclude<keyof HostSetupsArgs, "all">;

export const setupsOf = (setups: HostSetupsArgs = {}, role?: SetupRole): HostSetupArgs[] =>
    [setups.all, role && setups[role]].filter((setup) => setup !== undefined);

/** Every part filled in. The contents of the files are not among it: some are secrets. */
export interface HostSetupSettings {
    files: HostFileSettings[];
    sysctls: Record<string, string>;
    kernelModules: string[];
    packages: string[];
    hostAliases: HostAliasArgs[];
}

/** The last of several setups comes first. */
export const resolveSetup = (setups: HostSetupArgs[]): HostSetupSettings => ({
    files: filesOf(setups).map(resolveFile),
    sysctls: Object.assign({}, ...setups.map(({ sysctls }) => sysctls)) as Record<string, string>,
    kernelModules: [...new Set(setups.flatMap(({ kernelModules = [] }) => kernelModules))],
    packages: [
        ...byKey(
            setups.flatMap(({ packages = [] }) => packages),
            packageName,
        ).values(),
    ],
    hostAliases: [...setups]
        .reverse()
        .reduce<HostAliasArgs[]>((own, { hostAliases = [] }) => [...own, ...withoutNames(hostAliases, own)], []),
});

/** The lines without the names that others have for the same family: of two lines with one name a resolver takes both. */
const withoutNames = (aliases: HostAliasArgs[], others: HostAliasArgs[]): HostAliasArgs[] =>
    aliases
        .map(({ ip, hostnames }) => {
            const same = others.filter((other) => isIP(other.ip) === isIP(ip));
            return { ip, hostnames: hostnames.filter((name) => !same.some((other) => other.hostnames.includes(name))) };
        })
        .filter(({ hostnames }) => hostnames.length > 0);

/** By path. */
export type FileContents = Record<string, pulumi.Output<string>>;

/** The contents of a host's files. One that comes later is judged when it is known. */
export const fileContents = (setups: HostSetupArgs[]): FileContents =>
    Object.fromEntries(
        filesOf(setups).map(({ path, content, secret }) => {
            const text = pulumi.output(content).apply((known) => checkedContent(path, known));
            return [path, secret ? pulumi.secret(text) : text];
        }),
    );

const filesOf = (setups: HostSetupArgs[]): HostFileArgs[] => [
    ...byKey(
        setups.flatMap(({ files = [] }) => files),
        ({ path }) => path,
    ).values(),
];

const byKey = <T>(items: T[], keyOf: (item: T) => string): Map<string, T> =>
    new Map(items.map((item) => [keyOf(item), item]));

const packageName = (text: string): string => text.split("=")[0];

const MODULE = /^[A-Za-z0-9_-]+$/;
/** apt removes a package with a `-` at its end. */
const PACKAGE = /^[A-Za-z0-9]([\w.+-]*[\w.+])?(=[\w.+:~-]+\*?)?$/;
/** The program's own, and those that conflict with them. */
const OWN_PACKAGES =
    /^(kube(adm|let|ctl)|kubernetes-cni|cri-tools|containerd(\.io)?|runc|docker(\.io|-ce)|moby-engine|etcd(-server)?|haproxy|keepalived|nginx.*|libnginx-mod-stream)$/;

/** @param inherited the setups that the host has beside this one */
export function setupFaults(at: string, setup: HostSetupArgs, inherited: HostSetupArgs[] = []): Fault[] {
    const { files = [], sysctls = {}, kernelModules = [], packages = [], hostAliases = [] } = setup;
    const key = (name: string) => within(at, name);
    return [
        ...files.flatMap((file, i) => fileFaults(`${key("files")}[${i}]`, file)),
        ...nestedFaults(
            key("files"),
            files,
            inherited.flatMap((other) => other.files ?? []),
        ),
        ...duplicates(
            files.map(({ path }, i) => ({ path: `${key("files")}[${i}].path`, value: path })),
            "a path",
        ),
        ...Object.entries(sysctls).flatMap(([name, value]) => sysctlFaults(key("sysctls"), name, value)),
        ...kernelModules.flatMap((name, i) =>
            MODULE.test(name) ? [] : [fault(`${key("kernelModules")}[${i}]`, name, "the name of a kernel module")],
        ),
        ...packages.flatMap((name, i) => packageFaults(`${key("packages")}[${i}]`, name)),
        ...hostAliases.flatMap((alias, i) => aliasFaults(`${key("hostAliases")}[${i}]`, alias)),
        ...duplicates(
            hostAliases.flatMap(({ ip, hostnames }, i) =>
                (hostnames ?? []).map((name, j) => ({
                    path: `${key("hostAliases")}[${i}].hostnames[${j}]`,
                    value: `${name} (IPv${isIP(ip)})`,
                })),
            ),
            "a name",
        ),
        ...duplicates(
            packages.map((name, i) => ({ path: `${key("packages")}[${i}]`, value: packageName(name) })),
            "a package",
        ),
    ];
}

/** A file cannot be a folder for another one. */
const nestedFaults = (at: string, files: HostFileArgs[], inherited: HostFileArgs[]): Fault[] =>
    files.flatMap(({ path = "" }, i) =>
        files.some((other) => path.startsWith(`${other.path}/`)) ||
        inherited.some((other) => path.startsWith(`${other.path}/`) || other.path?.startsWith(`${path}/`))
            ? [fault(`${at}[${i}].path`, path, "a path that is not inside another file's")]
            : [],
    );

function packageFaults(path: string, name: string): Fault[] {
    if (!PACKAGE.test(name)) return [fault(path, name, "a package's name, or name=version")];
    return OWN_PACKAGES.test(packageName(name))
        ? [
              fault(
                  path,
                  name,
                  "another package: the program installs this one where it is needed, or it conflicts with those",
              ),
          ]
        : [];
}

const aliasFaults = (at: string, { ip, hostnames }: HostAliasArgs): Fault[] => [
    ...aliasAddressFaults(`${at}.ip`, ip ?? ""),
    ...(Array.isArray(hostnames) && hostnames.length > 0 ? [] : [hiddenFault(`${at}.hostnames`, "none", "DNS names")]),
    ...(hostnames ?? []).flatMap((name, i) => {
        const path = `${at}.hostnames[${i}]`;
        if (!isDnsName(name)) return [fault(path, name, "a DNS name in lower case")];
        return isLocalName(name)
            ? [fault(path, name, "another name: on each host this one means the host itself")]
            : [];
    }),
];

function aliasAddressFaults(path: string, ip: string): Fault[] {
    if (!isIP(ip)) return [fault(path, ip, "an IP address")];
    if (ip.includes("%")) return [fault(path, ip, "an address without a zone")];
    // An unspecified address blocks a name.
    return isSpecialAddress(ip) && !isLoopback(ip) && !isUnspecified(ip)
        ? [fault(path, ip, "an address of one machine, not a multicast or broadcast one")]
        : [];
}

export const setupsFaults = (at: string, setups: HostSetupsArgs = {}): Fault[] =>
    Object.entries(setups).flatMap(([role, setup]) =>
        setup ? setupFaults(`${at}.${role}`, setup as HostSetupArgs, role === "all" ? [] : setupsOf(setups)) : [],
    );

/** Every setup with its property path: of all hosts or of a role, and of single hosts. */
export const setupPlaces = (
    setups: HostSetupsArgs = {},
    hosts: { path: string; host: HostSetupArgs }[],
): { path: string; setup: HostSetupArgs }[] => [
    ...Object.entries(setups)
        .filter(([, setup]) => setup)
        .map(([role, setup]) => ({ path: `hostSetup.${role}`, setup: setup as HostSetupArgs })),
    ...hosts.map(({ path, host }) => ({ path, setup: host })),
];

/** With programs as files no package is installed. */
export const unusedPackages = (at: string, { packages = [] }: HostSetupArgs): Fault[] =>
    packages.length === 0
        ? []
        : [fault(`${at}.packages`, packages, "none, because sources.binaries installs no package")];

/** Those of a role that no host has; the control plane and the workers may have none yet. */
export const unusedSetups = (
    at: string,
    setups: HostSetupsArgs = {},
    hosts: { loadBalancer: unknown[]; etcd: unknown[] },
): Fault[] =>
    (["loadBalancer", "etcd"] as const)
        .filter((role) => setups[role] !== undefined && hosts[role].length === 0)
        .map((role) => fault(`${at}.${role}`, setups[role], `none, because ${role}.hosts has no host`));
