export { Cluster, NodeOutput } from "./cluster/cluster";
export { JoinCommands } from "./cluster/joinCommands";
export { ControlPlaneNode, ControlPlaneNodeArgs } from "./cluster/controlPlaneNode";
export { EtcdAccess } from "./cluster/etcdAccess";
export { ClusterPki } from "./cluster/pki";
export { WorkerNode, WorkerNodeArgs } from "./cluster/workerNode";
export { EtcdCluster } from "./etcd/etcdCluster";
export { HostFacts } from "./host/facts";
export { Host, HostOptions } from "./host/host";
export { HostKind, PreflightChecks } from "./host/preflight";
export { Certificate, KeyAlgorithm, LeafCertificate } from "./lib/certificates";
export { LoadBalancer, LoadBalancerArgs } from "./load-balancer/loadBalancer";
export { BastionArgs } from "./model/bastion";
export { BINARY_NAMES, BinariesArgs, BinaryArgs, BinaryName } from "./model/binaries";
export { CertificateArgs } from "./model/certificates";
export { ClusterArgs, ClusterSettings, resolveSettings } from "./model/cluster";
export { ChartSource, CniArgs, CniMode, CniPlugin, ManifestSource } from "./model/cni";
export { ControlPlaneComponentArgs, EnvVar, ExtraArg, ExtraVolume } from "./model/controlPlaneComponents";
export { CoreDnsArgs, NodeLocalCacheArgs, ResourcesArgs } from "./model/coreDns";
export { CorefileArgs, DnsCacheArgs, DnsForwardArgs, StubDomainArgs } from "./model/corefile";
export { ProxyArgs } from "./model/downloadProxy";
export { EtcdPlacement, EtcdRuntime, EtcdTopology, EtcdTopologyArgs } from "./model/etcd";
export { EtcdClusterArgs } from "./model/etcdCluster";
export { AutoCompactionMode, EtcdOptionsArgs } from "./model/etcdOptions";
export { ExistingEtcdArgs } from "./model/existingEtcd";
export { PreflightArgs, PreflightCheck, PreflightSettings } from "./model/preflightChecks";
export { FirewallArgs, FirewallMode, FirewallSettings } from "./model/firewall";
export { HostArgs, HostSettings, OnRemoval } from "./model/hosts";
export { KubeVipArgs } from "./model/kubeVip";
export { Backend, LoadBalancerSettings, LoadBalancerTopologyArgs } from "./model/loadBalancer";
export { LoadBalancerPlacement, LoadBalancerType } from "./model/loadBalancerType";
export { KubeProxyMode, NetworkArgs } from "./model/network";
export { NodeArgs, NodeSettings, TaintArgs } from "./model/nodes";
export { OsFamily } from "./model/osFamily";
export { PackageRepositoryArgs } from "./model/packageRepositories";
export { AuthorityArgs, PkiArgs } from "./model/pki";
export {
    Balance,
    BalancerCheckArgs,
    BalancerProxyArgs,
    BalancerStatsArgs,
    BalancerTimeoutArgs,
    CheckKind,
    ProxyLog,
} from "./model/proxy";
export { BalancerServerArgs } from "./model/proxyServers";
export { RegistryArgs } from "./model/registries";
export { BalancerPasswords, ClusterSecrets, EtcdCredentials, RegistryPasswords, secretsOf } from "./model/secrets";
export { EtcdSourceArgs, SourcesArgs } from "./model/sources";
export { SshAccess, SshArgs } from "./model/ssh";
export { StorageArgs, StorageProvisioner } from "./model/storage";
export { VrrpArgs } from "./model/vrrp";
export { clusterArgsFromConfig } from "./stack/stackConfig";
