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

/** As `nft --stateless --terse list ruleset` prints it: Debian's nftables.service, and iptables with Docker. */
const CHAINS = `table inet filter {
\tchain input {
\t\ttype filter hook input priority filter; policy drop;
\t\tct state { established, related } accept
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
    host.write("fake/ruleset", CHAINS);
    expect(found(FirewallMode.Auto)).toEqual([
        "'input' (input) of nftables' table 'inet filter'",
        "'forward' (forward) of nftables' table 'inet filter'",
    ]);
    host.write(
        "fake/ruleset",
        CHAINS.replace("input priority filter; policy accept", "input priority filter; policy drop"),
    );
    expect(found(FirewallMode.Auto)).toContain("'INPUT' (input) of nftables' table 'ip filter'");
});

it.each([
    ["counter reject with icmp host-prohibited"],
    ["reject"],
    ["drop"],
    ['log prefix "denied: " level info drop'],
    ['counter xt target "REJECT"'],
])("a rule without a condition drops as a policy does, also in iptables' own FORWARD: %s", (rule) => {
    const chain = (name: string, hook: string, rules: string) =>
        `\tchain ${name} {\n\t\ttype filter hook ${hook} priority filter; policy accept;\n${rules}\t}\n`;
    const accepted =
        "\t\ttcp dport 22 ct state new counter accept\n\t\tip saddr 203.0.113.7 drop\n\t\tct state invalid drop\n";
    const chains = (last: string) =>
        `table ip filter {\n${["INPUT", "FORWARD"].map((name) => chain(name, name === "INPUT" ? "input" : "forward", accepted + last)).join("")}` +
        `\tchain BANNED {\n\t\tdrop\n\t}\n${chain("OUTPUT", "output", `\t\t${rule}\n`)}}\n`;
    host.write("fake/ruleset", chains(""));
    expect(found(FirewallMode.Auto)).toEqual([]);
    host.write("fake/ruleset", chains(`\t\t${rule}\n`));
    expect(found(FirewallMode.Auto)).toEqual([
        "'INPUT' (input) of nftables' table 'ip filter'",
        "'FORWARD' (forward) of nftables' table 'ip filter'",
    ]);
});

it("with firewall.mode none the rules are somebody else's task", () => {
    host.write("fake/ruleset", CHAINS);
    expect(found(FirewallMode.None)).toEqual([]);
});
