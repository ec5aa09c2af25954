import { parse } from "yaml";
import { worker } from "./inputs";

const setup = (role: string, yaml: string) => ({ hostSetup: { [role]: parse(yaml) as object } });
const FILE = "path: /etc/example.conf, content: x";

/** What a person types of files, packages and settings of hosts, and the property that is named. */
export const REFUSED_SETUPS: [Record<string, unknown>, string][] = [
    [setup("etcd", "packages: [jq]"), "hostSetup.etcd"],
    [setup("loadBalancer", "packages: [jq]"), "hostSetup.loadBalancer"],
    [setup("all", "packages: [snapd-]"), "hostSetup.all.packages[0]"],
    [setup("all", "packages: [docker.io]"), "hostSetup.all.packages[0]"],
    [setup("all", "files: [{ path: /etc/machine-id, content: x }]"), "hostSetup.all.files[0].path"],
    [setup("all", "files: [{ path: /root/.ssh/authorized_keys, content: x }]"), "hostSetup.all.files[0].path"],
    [setup("all", "files: [{ path: /a, content: x }, { path: /a/b, content: x }]"), "hostSetup.all.files[1].path"],
    [
        setup("all", "sysctls: { net.ipv4.conf.eth0.forwarding: '0' }"),
        'hostSetup.all.sysctls["net.ipv4.conf.eth0.forwarding"]',
    ],
    [setup("masters", "{}"), "hostSetup.masters"],
    ...[
        ...[
            "/etc/kubernetes",
            "/etc/kubernetes/pki",
            "/var/lib/etcd",
            "/var/lib",
            "/etc",
            "/usr/sbin/haproxy",
            "/sbin/x",
        ],
        ...["/lib/systemd/system/kubelet.service", "/root/.pulumi-kubeadm/run.sh", "/usr/bin/backup.sh"],
        ...["/usr/local/bin", "/usr/local/sbin", "/usr/local/bin/kubectl", "/usr/local/sbin/kubelet"],
        ...["/usr/local/bin/containerd-shim-runc-v2", "/usr/local/bin/.crictl.new", "/usr/local/bin/runc/x"],
    ].map((path): [Record<string, unknown>, string] => [
        setup("all", `files: [{ path: ${path}, content: x }]`),
        "hostSetup.all.files[0].path",
    ]),
    [
        {
            hostSetup: {
                all: { files: [{ path: "/etc/x", content: "a" }] },
                workers: { files: [{ path: "/etc/x/y", content: "b" }] },
            },
        },
        "hostSetup.workers.files[0].path",
    ],
    [setup("all", "packages: [jq=1.6, jq]"), "hostSetup.all.packages[1]"],
    [
        setup("all", "hostAliases: [{ ip: 10.0.0.1, hostnames: [a] }, { ip: 10.0.0.2, hostnames: [b, a] }]"),
        "hostSetup.all.hostAliases[1].hostnames[1]",
    ],
    [setup("all", "files: [{ path: etc/x, content: x }]"), "hostSetup.all.files[0].path"],
    [setup("all", "files: [{ path: /etc/kubernetes/manifests/x.yaml, content: x }]"), "hostSetup.all.files[0].path"],
    [setup("all", "files: [{ path: /etc/kubernetes/admin.conf, content: x }]"), "hostSetup.all.files[0].path"],
    [setup("workers", "files: [{ path: /run/x, content: x }]"), "hostSetup.workers.files[0].path"],
    [setup("workers", "files: [{ path: /etc/example.conf }]"), "hostSetup.workers.files[0].content"],
    [setup("etcd", "files: [{ path: /etc/x, contentFile: /no/such }]"), "hostSetup.etcd.files[0].contentFile"],
    [setup("all", `files: [{ ${FILE} }, { ${FILE} }]`), "hostSetup.all.files[1].path"],
    [setup("all", `files: [{ ${FILE}, secret: "yes" }]`), "hostSetup.all.files[0].secret"],
    [setup("all", `files: [{ ${FILE}, mode: "rw" }]`), "hostSetup.all.files[0].mode"],
    [setup("all", `files: [{ ${FILE}, mode: 0644 }]`), "hostSetup.all.files[0].mode"],
    [setup("all", `files: [{ ${FILE}, owner: "a b" }]`), "hostSetup.all.files[0].owner"],
    [setup("all", `files: [{ ${FILE}, restarts: [kubelet.service] }]`), "hostSetup.all.files[0].restarts[0]"],
    [setup("all", `files: [{ ${FILE}, restarts: [apiserver] }]`), "hostSetup.all.files[0].restarts[0]"],
    [setup("all", 'files: [{ path: /etc/x, content: "a\\0b" }]'), "hostSetup.all.files[0].content"],
    [setup("all", "sysctls: { net.ipv4.ip_forward: '0' }"), 'hostSetup.all.sysctls["net.ipv4.ip_forward"]'],
    [setup("all", "sysctls: { vm.max_map_count: 262144 }"), 'hostSetup.all.sysctls["vm.max_map_count"]'],
    [setup("all", 'sysctls: { vm.swappiness: "1\\n2" }'), 'hostSetup.all.sysctls["vm.swappiness"]'],
    [setup("all", "sysctls: { swappiness: '1' }"), "hostSetup.all.sysctls.swappiness"],
    ...[
        "net.ipv4.conf.*.rp_filter",
        "net.ipv4.conf.eth?.rp_filter",
        "net.ipv4.conf.eth[01].rp_filter",
        "net/ipv4/ip_forward",
        "net/ipv4/conf/eth0.1/forwarding",
        "net.ipv4.conf.eth0/1.forwarding",
        "net/bridge/bridge-nf-call-iptables",
    ].map((name): [Record<string, unknown>, string] => [
        setup("all", `sysctls: { "${name}": "0" }`),
        `hostSetup.all.sysctls["${name}"]`,
    ]),
    ...["224.0.0.18", "ff02::1", "255.255.255.255", "fe80::1%eth0"].map((ip): [Record<string, unknown>, string] => [
        setup("all", `hostAliases: [{ ip: "${ip}", hostnames: [a] }]`),
        "hostSetup.all.hostAliases[0].ip",
    ]),
    [
        setup("all", "hostAliases: [{ ip: 10.0.0.1, hostnames: [a, localhost] }]"),
        "hostSetup.all.hostAliases[0].hostnames[1]",
    ],
    [setup("all", "kernelModules: ['a b']"), "hostSetup.all.kernelModules[0]"],
    [setup("all", "packages: ['-x']"), "hostSetup.all.packages[0]"],
    [setup("all", "packages: [kubelet=1.36.0]"), "hostSetup.all.packages[0]"],
    [{ ...setup("all", "packages: [jq]"), sources: { binaries: {} } }, "hostSetup.all.packages"],
    [setup("all", "hostAliases: [{ ip: 10.0.0, hostnames: [a] }]"), "hostSetup.all.hostAliases[0].ip"],
    [setup("all", "hostAliases: [{ ip: 10.0.0.1, hostnames: [] }]"), "hostSetup.all.hostAliases[0].hostnames"],
    [setup("all", "hostAliases: [{ ip: 10.0.0.1, hostnames: [A_b] }]"), "hostSetup.all.hostAliases[0].hostnames[0]"],
    [worker("files: [{ path: /etc/hosts, content: x }]"), "workerNodes[0].files[0].path"],
    [worker("packages: jq"), "workerNodes[0].packages"],
];

/** Setups that are accepted, each close to one that is refused. */
export const ACCEPTED_SETUPS: Record<string, unknown>[] = [
    setup("all", 'sysctls: { net.ipv4.conf.eth0/1.rp_filter: "2", net/ipv4/tcp_syncookies: "1" }'),
    ...["/usr/local/bin/backup.sh", "/usr/local/sbin/kubectl-backup", "/usr/local/bin/runc-report.sh"].map((path) =>
        setup("all", `files: [{ path: ${path}, content: x, mode: "0755" }]`),
    ),
    setup("all", 'sysctls: { net.ipv6.conf.eth0.disable_ipv6: "1" }'),
    setup("all", "hostAliases: [{ ip: 0.0.0.0, hostnames: [blocked.example.com] }]"),
    setup("all", 'hostAliases: [{ ip: 127.0.1.1, hostnames: [a.example.com] }, { ip: "fe80::1", hostnames: [b] }]'),
];
