import type { Mutation } from "./mutation";

const LIB = "components/scripts/lib/host";

/** Defects of where packages and images come from. */
export const SOURCES: Mutation[] = [
    {
        name: "containerd appends /v2 to a mirror's path",
        file: `${LIB}/containerd.sh`,
        search: "if [[ ${2#*://} == */* ]]; then printf '  override_path = true\\n'; fi",
        replace: ":",
        tests: ["scripts/registries"],
    },
    {
        name: "apt calls an address within a network of proxy.no through the proxy",
        file: `${LIB}/download-proxy.sh`,
        search: 'no_proxy=$(direct_hosts "$@")',
        replace: "no_proxy=$PROXY_NONE",
        tests: ["scripts/downloadProxy"],
    },
];
