/**
 * The plugins that a server block may use: those of every CoreDNS that kubeadm installs (coredns/coredns, plugin.cfg, 1.13.1 and 1.14.2),
 * without `view`, which needs two blocks of one domain.
 */
export const COREDNS_PLUGINS =
    "acl any auto autopath azure bind bufsize cache cancel chaos clouddns debug dns64 dnssec dnstap erratic errors etcd file forward geoip grpc header health hosts k8s_external kubernetes loadbalance local log loop metadata minimal multisocket nomad nsid on pprof prometheus quic ready reload rewrite root route53 secondary sign template timeouts tls trace transfer tsig whoami".split(
        " ",
    );
