/** The plugins that CoreDNS is built with (`coredns -plugins`; coredns/coredns, plugin.cfg). */
export const COREDNS_PLUGINS =
    "acl any auto autopath azure bind bufsize cache cancel chaos clouddns debug dns64 dnssec dnstap erratic errors etcd file forward geoip grpc grpc_server header health hosts https https3 k8s_external kubernetes loadbalance local log loop metadata minimal multisocket nomad nsid on pprof prometheus proxyproto quic ready reload rewrite root route53 secondary sign template timeouts tls trace transfer tsig view whoami".split(
        " ",
    );
