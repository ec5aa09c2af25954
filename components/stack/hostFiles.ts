import { KnownClusterArgs } from "../model/cluster";
import { HostFileArgs } from "../model/hostFiles";
import { HostSetupArgs, HostSetupsArgs } from "../model/hostSetup";
import { Files } from "./files";

type Configured = Partial<
    Pick<KnownClusterArgs, "controlPlaneNodes" | "workerNodes" | "loadBalancer" | "etcd" | "hostSetup">
>;

/** The configuration with the texts of the files that `contentFile` names. */
export async function withContents<T extends Configured>(config: T, files: Files): Promise<T> {
    const { controlPlaneNodes, workerNodes, loadBalancer, etcd, hostSetup } = config;
    const hosts = async <Host extends HostSetupArgs>(at: string, list: Host[]): Promise<Host[]> =>
        Promise.all(list.map((host, i) => withFiles(`${at}[${i}]`, host, files)));
    return {
        ...config,
        ...(controlPlaneNodes && { controlPlaneNodes: await hosts("controlPlaneNodes", controlPlaneNodes) }),
        ...(workerNodes && { workerNodes: await hosts("workerNodes", workerNodes) }),
        ...(loadBalancer?.hosts && {
            loadBalancer: { ...loadBalancer, hosts: await hosts("loadBalancer.hosts", loadBalancer.hosts) },
        }),
        ...(etcd?.hosts && { etcd: { ...etcd, hosts: await hosts("etcd.hosts", etcd.hosts) } }),
        ...(hostSetup && { hostSetup: await setups(hostSetup, files) }),
    };
}

async function setups(config: HostSetupsArgs, files: Files): Promise<HostSetupsArgs> {
    const read = Object.entries(config as Record<string, HostSetupArgs>).map(
        async ([role, setup]): Promise<[string, HostSetupArgs]> => [
            role,
            await withFiles(`hostSetup.${role}`, setup, files),
        ],
    );
    return Object.fromEntries(await Promise.all(read));
}

async function withFiles<T extends HostSetupArgs>(at: string, setup: T, files: Files): Promise<T> {
    if (!setup?.files) return setup;
    const read = setup.files.map(async ({ contentFile, ...file }, i): Promise<HostFileArgs> => ({
        ...file,
        content: await files.exactTextOrFile(
            `${at}.files[${i}]`,
            ["content", file.content],
            ["contentFile", contentFile],
        ),
    }));
    return { ...setup, files: await Promise.all(read) };
}
