/** A check of preflight: what it looks at, why, and what to do about a fault. docs/runbooks.md has the table. */
interface CheckText {
    looksAt: string;
    because: string;
    remedy: string;
}

/** The checks that a configuration may turn into warnings or leave out, by their names in scripts/phases/preflight.sh. */
export const OPTIONAL_CHECKS = {
    "operating-system": {
        looksAt: "the distribution and its version",
        because:
            "the scripts are written for these systems; the end-to-end tests run on Debian 12 alone ([what was tested](topologies.md))",
        remedy: "use Debian 12 or later, Ubuntu 22.04 or later, RHEL 9 or later, or a rebuild of RHEL",
    },
    capacity: {
        looksAt: "memory, processors, and the space in /var/lib",
        because: "kubeadm refuses control plane nodes below its own minimum; images need space",
        remedy: "give the machine more",
    },
    swap: {
        looksAt: "on a host with a kubelet: whether swap is on",
        because: "the kubelet does not start with swap on, unless it is told to",
        remedy: "`swapoff -a`, and turn off what turns it on at boot (/etc/fstab, dphys-swapfile, zram); or `kubeletConfiguration.failSwapOn: false`",
    },
    kernel: {
        looksAt: "kernel modules and versions for kube-proxy's mode, NodeLocal DNSCache and IP-in-IP",
        because: "without them no Service works on a cluster that looks healthy",
        remedy: "choose another mode, or install the modules",
    },
    programs: {
        looksAt: "with static binaries: commands that no package brings, and programs that others installed",
        because: "of two programs with one name one would run and the other be upgraded",
        remedy: "install the missing ones; remove the others",
    },
    firewall: {
        looksAt:
            "whether the active firewalld or ufw can open what the host's role needs; chains of nftables that drop or reject, by their policy or by a rule without a condition, where neither runs; nodes outside `firewall.hostSubnets`",
        because: "nodes behind a closed firewall do not reach each other",
        remedy: "as the fault says; or `firewall.mode: none`, and open the ports yourself",
    },
    lvs: {
        looksAt: "with LVS: kernel modules, routers between the balancer and the kube-apiservers, a firewall",
        because: "LVS with direct routing works on one network segment and sees half of each connection",
        remedy: "use haproxy or nginx",
    },
    clock: {
        looksAt: "whether the clock is past the start of the CA's validity (the operator's clock at that time)",
        because: "a host whose clock is behind refuses the cluster's new certificates",
        remedy: "synchronize both clocks (chrony)",
    },
    "time-sync": {
        looksAt: "on a new host: whether chrony, systemd-timesyncd or ntpd keeps its clock right (a warning)",
        because: "certificates and leases go by the clock",
        remedy: "`hostSetup.all.packages: [chrony]`",
    },
    "etcd-disk": {
        looksAt: "on a new host of etcd: how long a small write takes until it is on disk (a warning above 10 ms)",
        because: "with a slow disk etcd loses its leader under load",
        remedy: "use an SSD for etcd",
    },
    "etcd-endpoints": {
        looksAt: "with an etcd of others: whether its endpoints answer the host",
        because: "kube-apiserver does not start without its etcd",
        remedy: "open the route and the firewalls to it",
    },
    cni: {
        looksAt: "on a new node: configuration of a CNI plugin in /etc/cni/net.d, interfaces of one",
        because: "containerd uses the first file by name, and pods then get no network or another one",
        remedy: "move the file away, `ip link delete` the interface; `kubeadm reset` leaves both",
    },
    "foreign-configuration": {
        looksAt:
            "on a new host: haproxy.cfg, nginx.conf or keepalived.conf that somebody wrote; the kubelet's flags in /etc/default/kubelet and in drop-ins; other drop-ins of the services (a warning)",
        because:
            "the program replaces these files, and what they serve would stop; a drop-in changes how a service runs",
        remedy: "use another host for the load balancer; move the kubelet's flags to `kubeletExtraArgs`; remove the drop-in",
    },
    "virtual-address": {
        looksAt: "on a new host of the load balancer: whether another machine has the virtual address",
        because: "two owners take it from each other",
        remedy: "choose an address that nobody has",
    },
    resolver: {
        looksAt: "on a new node: the name servers that pods inherit",
        because: "CoreDNS would forward questions to itself, and its plugin `loop` would stop it",
        remedy: "name a file with the real servers in `kubeletConfiguration.resolvConf`",
    },
    ports: {
        looksAt: "on a new host: whether the ports of its role are free",
        because: "a component does not start when another program has its port",
        remedy: "stop the other program",
    },
    "service-route": {
        looksAt: "on a new host: whether it has a route to the Services' addresses",
        because: "the kernel needs a route to a Service's address before kube-proxy's rules replace it",
        remedy: "add a default route of that family",
    },
    "package-manager": {
        looksAt: "on a new host: whether apt can read its sources",
        because: "apt installs nothing where one entry of them is wrong",
        remedy: "mend the file that the fault names",
    },
    packages: {
        looksAt:
            "on a new host with a kubelet: whether somebody holds kubelet, kubeadm or kubectl in another version (`apt-mark hold`, dnf's versionlock), and whether a package needs the distribution's containerd or runc. Without a hold, another version is a warning, and so are the distribution's containerd and runc",
        because:
            "`prepare` installs one version of Kubernetes, and containerd.io: the package manager would change the held package, and remove what needs the distribution's containerd",
        remedy: "`apt-mark unhold`, or `dnf versionlock delete`; remove what needs the distribution's containerd, or use another host",
    },
    "package-source": {
        looksAt: "on a new host: whether the package repository answers, and its clock",
        because: "`prepare` would fail after other hosts have changed",
        remedy: "check `sources` and the way to it",
    },
    sources: {
        looksAt:
            "on a new host: whether everything answers that `prepare` will download: the package repositories' indexes and keys, or each file of `sources.binaries`; etcd's archive; of the images, pause, Kubernetes' own and those of a balancer or an external etcd in a static pod, at the mirror or at the registry. Registries with a login are asked without it. Not the distribution's own repositories, nor the image of stacked etcd, whose version kubeadm chooses",
        because: "`prepare` would fail after other hosts have changed",
        remedy: "check the URL that the fault names, the way to it (`sources.proxy`) and its certificate",
    },
    "endpoint-name": {
        looksAt: "on a new node: whether the name of `controlPlaneEndpoint` resolves",
        because: "the node would not find the API, after hosts have changed",
        remedy: "add it to the name server of the hosts, or to `hostSetup.all.hostAliases`",
    },
    "external-balancer": {
        looksAt: "on a new node, with an external load balancer: whether it takes or refuses connections",
        because: "a timeout means that no node will reach the API",
        remedy: "check the route and the firewalls",
    },
    hostname: {
        looksAt: "whether two hosts have one hostname (a warning)",
        because: "their logs and DHCP leases cannot be told apart; the nodes have the configuration's names",
        remedy: "`hostnamectl set-hostname NAME`",
    },
    peers: {
        looksAt:
            "on a new host other than a worker: whether the control plane nodes, etcd's members and the kube-apiservers behind a balancer answer it or refuse the connection; not where the other host's firewalld or ufw is opened later, or SSH does not reach that host",
        because: "etcd forms no quorum, and kube-apiserver finds no etcd, after hosts have changed",
        remedy: "open the ports, then look again with the `--replace` that the fault names",
    },
    mtu: {
        looksAt: "on a new host other than a worker: whether a packet of the interface's MTU reaches the same hosts",
        because: "small requests work on such a network, and large ones hang",
        remedy: "set the interface's MTU to what passes, or raise the network's",
    },
} satisfies Record<string, CheckText>;

/** The checks that protect a live host: no configuration turns them off. */
export const REQUIRED_CHECKS = {
    system: {
        looksAt: "root, systemd, the architecture, `osFamily`; a machine-id that no other host has",
        because: "nothing works without them",
        remedy: "as the fault says; for a copied machine-id: `rm /etc/machine-id && systemd-machine-id-setup`",
    },
    address: {
        looksAt: "whether an interface has `privateAddress` and `secondaryAddress`",
        because: "etcd, kube-apiserver and the kubelet listen there",
        remedy: "correct the address",
    },
    identity: {
        looksAt: "whether the host is this cluster's, with this name, role and address",
        because: "a step of another cluster would take the host over",
        remedy: "as the fault says",
    },
    keys: {
        looksAt: "on a live host: whether its CAs and its ServiceAccount key are the program's",
        because: "new nodes would get other keys than the live ones have",
        remedy: "run the program with the stack's own state",
    },
    "etcd-layout": {
        looksAt: "on a live host: etcd's topology and data directory",
        because: "etcd would start empty in another directory",
        remedy: "take the change back",
    },
    network: {
        looksAt: "on a live host: podSubnet, serviceSubnet and dnsDomain",
        because: "Services and pods keep their addresses",
        remedy: "take the change back, or build a new cluster",
    },
    endpoint: {
        looksAt: "on a live host: the control plane endpoint and its placement",
        because: "every kubelet and kubeconfig contains it",
        remedy: "take the change back",
    },
    version: {
        looksAt: "on a live control plane node: the step from its Kubernetes version",
        because: "Kubernetes supports upgrades of one minor version, and no downgrade",
        remedy: "upgrade one minor version at a time",
    },
    "container-runtime": {
        looksAt: "on a new host that gets containerd: running containers in containerd, and Docker",
        because: "containerd becomes the cluster's, and `destroy` removes all of its containers",
        remedy: "remove them and Docker, or use another host",
    },
    remains: {
        looksAt:
            "on a new host: a kubelet's configuration, static pods and etcd data of another cluster; folders of Kubernetes or containerd that are links to folders with files",
        because: "they would be lost",
        remedy: "if that cluster is gone for good: `kubeadm reset`, and remove the path",
    },
} satisfies Record<string, CheckText>;
