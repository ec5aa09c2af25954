import { spawn } from "child_process";
import * as fs from "fs";
import { isIP } from "net";
import * as path from "path";
import { must } from "../tools/process";
import type { Report } from "../tools/progress";
import { ensureTools } from "../tools/toolchain";
import type { HostsFile } from "./hostsFile";
import { addLoopbackAddresses, inNetwork } from "./network";
import { RUN_DIR } from "./paths";

const inRunDir = (name: string): string => path.join(RUN_DIR, name);

const FILES = {
    /** In the form of /etc/hosts. */
    names: inRunDir("names"),
    configuration: inRunDir("Corefile"),
    log: inRunDir("coredns.log"),
};

/** CoreDNS's configuration. Any other name does not exist, so no question leaves the lab, and none waits. */
const corefile = (names: string[]): string => `${names.join(" ")} {
    errors
    hosts ${FILES.names}
}
. {
    template ANY ANY {
        rcode NXDOMAIN
    }
}
`;

/** Returns the name servers in the text of a resolv.conf, except those on the loopback interface. */
export const nameServers = (resolvConf: string): string[] =>
    [...resolvConf.matchAll(/^nameserver[ \t]+(\S+)/gm)]
        .map(([, address]) => address)
        .filter((address) => isIP(address) && !address.includes("%") && !/^127\.|^::1$/.test(address));

/**
 * Starts a name server for the `names` of the hosts file, if it has any. It listens in the operator's namespace at every address:
 * at the gateway's, which all hosts ask, and at those of this machine's own name servers, which the operator's programs ask. `down`
 * ends it with all processes of the namespace.
 */
export async function startNameServer(say: Report, { names, gateway }: HostsFile): Promise<void> {
    if (names === undefined) return;
    const { coredns } = await ensureTools(["coredns"], say);
    const lines = Object.entries(names).map(([name, address]) => `${address} ${name}\n`);
    fs.writeFileSync(FILES.names, lines.join(""));
    fs.writeFileSync(FILES.configuration, corefile(Object.keys(names)));
    await addLoopbackAddresses(nameServers(fs.readFileSync("/etc/resolv.conf", "utf8")));
    const log = fs.openSync(FILES.log, "w");
    const [program, ...words] = inNetwork([coredns, "-conf", FILES.configuration]);
    spawn(program, words, { detached: true, stdio: ["ignore", log, log] }).unref();
    fs.closeSync(log);
    const answers = `for i in $(seq 100); do
        if (exec 3<>/dev/tcp/${gateway}/53) 2>/dev/null; then exit 0; fi
        sleep 0.1
    done; cat ${FILES.log} >&2; exit 1`;
    await must("waiting for the name server", inNetwork(["bash", "-c", answers]));
}
