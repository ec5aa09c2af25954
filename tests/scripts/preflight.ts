import { ScriptParameters } from "../../components/host/contract";

/** What preflight is told of a host that nothing is asked of; a test adds what it is about. */
export const PREFLIGHT: ScriptParameters = {
    NODE_NAME: "cp1",
    ROLE: "control-plane",
    NODE_ADDRESS: "192.0.2.11",
    CLUSTER_ID: "this-cluster",
    CA_VALID_FROM: "2026-01-01T00:00:00Z",
    KEY_DIGESTS: [],
    PORTS: [],
    MINIMUM_MEMORY_MIB: 1,
    MINIMUM_CPUS: 1,
    SWAP_ALLOWED: true,
    PACKAGE_SOURCE: "",
    KUBE_PROXY_MODE: "none",
    OS_FAMILY: "debian",
    ETCD_LAYOUT: "",
    MUST_REACH: [],
};

/** The calls of a phase that are no questions. */
export const changes = (calls: string[]) =>
    calls.filter(
        (call) =>
            !/^(dpkg-query|ip|curl|haproxy -c|crictl (version|images|--timeout 5s ps --quiet --latest)|systemctl (show|.*is-(active|enabled))|kubectl .* get nodes? )/.test(
                call,
            ),
    );
