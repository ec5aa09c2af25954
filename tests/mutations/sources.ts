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
];
