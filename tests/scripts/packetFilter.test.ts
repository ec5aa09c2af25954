import { afterEach, beforeEach, expect, it } from "vitest";
import { firewallChecks } from "../../components/host/firewall";
import { resolveSettings } from "../../components/model/cluster";
import { FirewallMode, resolveFirewall } from "../../components/model/firewall";
import { clusterArgs, node, resolvedNode } from "../unit/fixtures";
import { PREFLIGHT } from "./preflight";
import { Sandbox } from "./sandbox";

let host: Sandbox;
beforeEach(() => (host = new Sandbox()));
afterEach(() => host.remove());

const { network } = resolveSettings(clusterArgs());
const found = (mode: FirewallMode): string[] => {
    const checks = firewallChecks(resolveFirewall({ mode }), resolvedNode(node("cp1", 11)), { network, vrrp: false });
    const { stderr } = host.run("preflight", "create", { ...PREFLIGHT, ...checks });
    return [...stderr.matchAll(/firewall: the chain ('.*) drops what no rule accepts/g)].map(([, chain]) => chain);
};

/** As `nft list chains` prints it: Debian's nftables.service, and iptables with Docker. */
const CHAINS = `table inet filter {
\tchain input {
\t\ttype filter hook input priority filter; policy drop;
\t}
\tchain forward {
\t\ttype filter hook forward priority filter; policy drop;
\t}
\tchain output {
\t\ttype filter hook output priority filter; policy drop;
\t}
}
table ip filter {
\tchain INPUT {
\t\ttype filter hook input priority filter; policy accept;
\t}
\tchain FORWARD {
\t\ttype filter hook forward priority filter; policy drop;
\t}
\tchain DOCKER-USER {
\t}
}
`;

it("chains that drop are told where the program should open ports, and it cannot", () => {
    expect(found(FirewallMode.Auto)).toEqual([]);
    host.write("fake/chains", CHAINS);
    expect(found(FirewallMode.Auto)).toEqual([
        "'input' (input) of nftables' table 'inet filter'",
        "'forward' (forward) of nftables' table 'inet filter'",
    ]);
    host.write(
        "fake/chains",
        CHAINS.replace("input priority filter; policy accept", "input priority filter; policy drop"),
    );
    expect(found(FirewallMode.Auto)).toContain("'INPUT' (input) of nftables' table 'ip filter'");
});

it("with firewall.mode none the rules are somebody else's task", () => {
    host.write("fake/chains", CHAINS);
    expect(found(FirewallMode.None)).toEqual([]);
});
