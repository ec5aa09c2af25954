import { onHost } from "./stack";

/** What was looked at on a host, by what it is. */
export type Footprint = Record<string, string>;

export const footprints = async (hosts: string[]): Promise<Record<string, Footprint>> =>
    Object.fromEntries(await Promise.all(hosts.map(async (host) => [host, await footprint(host)])));

/** All that a host has which this project could have left there. */
export async function footprint(host: string): Promise<Footprint> {
    const looked = Object.entries(LOOKS).map(async ([what, script]) => [what, await onHost(host, script)]);
    return Object.fromEntries(await Promise.all(looked));
}

/** Of /etc: not the locks and stamps there (`.pwd.lock`, `.updated`), nor the copies that editors of accounts keep (`passwd-`). */
const ETC = "/etc -xdev -not -path '/etc/.*' -not -name '*-'";

/**
 * Files of /etc whose contents change though nobody configured anything: a new disk brings a machine-id and host keys, ldconfig
 * and a DHCP client rewrite their own. Accounts are compared by their lines, as password files carry dates.
 */
const OTHER_CONTENTS =
    "-not -name machine-id -not -name 'ssh_host_*' -not -name ld.so.cache -not -name resolv.conf " +
    "-not -path /etc/passwd -not -path /etc/group -not -path /etc/shadow -not -path /etc/gshadow";

/** Without files that are mounted, as the lab does with /etc/hosts: those are not the host's. */
const SUMS = "-print0 | grep -zvxFf <(awk '{print $2}' /proc/mounts) | sort -z | xargs -0r sha256sum";

/** Where root, a login and programs put files of their own. systemd makes folders there for services that run. */
const HOMES = "/root /home /usr/local /tmp /var/tmp -xdev -name 'systemd-private-*' -prune -o";

/**
 * Settings of the kernel's network that `destroy` leaves as they are until the next boot, since something else on the host may
 * rely on them by then: forwarding, and what the kernel or kube-proxy changes with it.
 */
const LEFT_UNTIL_BOOT = [
    "net.ipv4.ip_forward",
    "net.ipv[46].conf.(all|default).(mc_)?forwarding",
    "net.ipv4.conf.all.(accept_redirects|route_localnet)",
];

/** Random in each boot, or a list of the kernel's modules. */
const NO_SETTING = ["net.ipv4.tcp_fastopen_key", "net.ipv6.conf.*.stable_secret", "net.ipv4.tcp_available_.*"];

/** Not those of one interface, which end with it, nor those of conntrack and bridges, which appear with a module. */
const SYSCTL =
    "/usr/sbin/sysctl -a 2>/dev/null | grep -P '^net\\.ipv[46]\\.(?!neigh\\.|conf\\.(?!(all|default)\\.))' | " +
    `grep -vE '^(${[...LEFT_UNTIL_BOOT, ...NO_SETTING].join("|")}) ' | sort`;

const LOOKS: Footprint = {
    packages: "dpkg-query -W -f '${db:Status-Abbrev} ${Package}\\n' | sort",
    etc: `find ${ETC} -type f,l -printf '%p %y %m %u:%g %l\\n' | sort`,
    contents: `find ${ETC} -type f ${OTHER_CONTENTS} ${SUMS}`,
    accounts: "sort /etc/passwd /etc/group",
    homes: `find ${HOMES} -printf '%p %y %m %u:%g %l\\n' | sort; find ${HOMES} -type f ${SUMS} || true`,
    units: "systemctl list-unit-files --no-legend --no-pager | awk '{print $1, $2}' | sort",
    // A login's own manager stays some seconds longer than the login, and D-Bus starts logind when anybody asks it.
    running:
        "systemctl list-units --type service --state running --no-legend --no-pager | " +
        "awk '$1 !~ /^(user@|systemd-logind)/ {print $1}' | sort",
    // A service has its credentials there while it runs, and a login its folder.
    mounts: "awk '{print $2}' /proc/mounts | grep -vE '^/run/(user|credentials)' | sort -u",
    links: "ls /sys/class/net | sort",
    addresses: "ip -o address | awk '{print $2, $4}' | sort",
    routes: "for f in -4 -6; do ip $f route; ip $f rule; done | sed 's/ *$//' | sort",
    rules:
        "for save in iptables-save ip6tables-save; do if command -v $save >/dev/null; then " +
        "$save | grep -E 'KUBE|FLANNEL|CNI|cali' || true; fi; done",
    firewall:
        "if command -v ufw >/dev/null; then ufw status verbose | grep -v routed; cat /etc/ufw/*.rules; iptables-save | grep '^-A.*ufw'; fi; " +
        "if systemctl -q is-active firewalld; then firewall-cmd --list-all-zones; firewall-cmd --list-all-policies; " +
        "cat /etc/firewalld/firewalld.conf /etc/firewalld/zones/*; nft list table inet firewalld; fi 2>&1",
    tables: "nft list tables | grep -E 'kube-proxy|flannel|calico|cilium' || true",
    sysctl: SYSCTL,
    folders: "ls -A /opt /var/lib/kubelet /var/lib/etcd /var/lib/containerd 2>/dev/null | grep -v '^$' || true",
    processes: "ps -eo comm= | grep -E 'kube|etcd|containerd|haproxy|keepalived|flannel' || true",
};
