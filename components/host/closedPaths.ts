import * as pulumi from "@pulumi/pulumi";
import { PreflightSettings } from "../model/preflightChecks";
import { Checked } from "./reachability";

/** The ports of one host that another one does not reach. */
interface ClosedPath {
    from: Checked;
    to: Checked;
    ports: string[];
}

/** The preflights of one `up` run within this time; of two that are further apart, the later one saw another state of its host. */
const ONE_RUN_SECONDS = 3600;

/** Refuses the paths between hosts that nothing opens; a warning where the configuration says so. */
export function refuseClosedPaths(hosts: Checked[], { warn }: PreflightSettings): void {
    const closed = closedPaths(hosts);
    if (closed.length === 0) return;
    const message = closedMessage(closed);
    if (!warn.includes("peers")) throw new pulumi.RunError(`${message}\nNo host was changed.`);
    void pulumi.log.warn(message);
}

/**
 * The ports that preflight did not reach, without those that may have another cause: a firewall that the program opens later, or a host that
 * SSH does not reach either.
 */
function closedPaths(hosts: Checked[]): ClosedPath[] {
    return hosts.flatMap((from) => {
        const rows = (from.facts?.unreached ?? []).map((row) => row.split(" "));
        return hosts
            .filter(({ facts }) => facts !== undefined && !facts.firewall && isOfOneRun(from, facts))
            .map((to) => ({ from, to, ports: rows.filter(([name]) => name === to.host.name).map(([, port]) => port) }))
            .filter(({ ports }) => ports.length > 0);
    });
}

// Facts stay as they are until preflight runs again. A host that was made anew meanwhile may have lost its firewall.
const isOfOneRun = ({ facts: from }: Checked, to: NonNullable<Checked["facts"]>): boolean =>
    (to.time ?? 0) - (from?.time ?? 0) < ONE_RUN_SECONDS;

function closedMessage(closed: ClosedPath[]): string {
    const rows = closed.map(
        ({ from: { host: from }, to: { host: to }, ports }) =>
            `  from ${from.name} (${from.privateAddress}) to ${to.name} (${to.privateAddress}): TCP ${ports.join(", ")}`,
    );
    const looks = [...new Set(closed.map(({ from }) => `--replace '**-${from.host.name}-preflight'`))];
    return [
        "peers: hosts get no answer from others at these ports, expected a connection or a refusal:",
        ...rows,
        `Open the ports (network, security groups, firewalls that are neither firewalld nor ufw), then: pulumi up ${looks.join(" ")}`,
        "To go on without: name the check 'peers' in preflight.warn or preflight.skip.",
    ].join("\n");
}

/** Warns of hosts with one hostname. Kubernetes goes on with the nodes' names, so nothing is refused. */
export function warnOfTwinHostnames(hosts: Checked[]): void {
    const byHostname = new Map<string, string[]>();
    for (const { host, facts } of hosts) {
        if (facts?.hostname) byHostname.set(facts.hostname, [...(byHostname.get(facts.hostname) ?? []), host.name]);
    }
    for (const [hostname, names] of byHostname) {
        if (names.length === 1) continue;
        void pulumi.log.warn(
            `hostname: ${names.join(" and ")} have the same hostname, ${hostname}, expected one of its own on each: ` +
                "the logs and DHCP leases of these hosts cannot be told apart. To change it, run: hostnamectl set-hostname NAME",
        );
    }
}
