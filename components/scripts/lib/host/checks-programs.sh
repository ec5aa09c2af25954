# shellcheck shell=bash
# Preflight's checks of the programs that a host has, and of where others will come from.

# Programs come by package or as files: of two of a name, one would be called and the other kept up to date.
check_programs() {
    if [[ ${HOST_PACKAGES:-true} == true ]]; then
        [[ ! -d $BINARY_STORE ]] ||
            fault "sources.binaries: got none, expected it as before: this host's programs are files ($BINARY_STORE); reset it to have packages"
        return
    fi
    check_commands
    [[ $STATIC_BINARIES != true ]] || check_no_other_programs
}

check_commands() {
    local command caller
    while read -r command caller; do
        [[ -z $command ]] || command -v "$command" >/dev/null ||
            fault "$command: not on this host, expected it there: $caller call it, and with sources.binaries no package is installed"
    done <<<"$NEEDED_COMMANDS"
}

check_no_other_programs() {
    local name folder file
    for name in kubeadm kubelet kubectl containerd ctr containerd-shim-runc-v2 runc crictl; do
        for folder in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin; do
            file=$folder/$name
            [[ ! -e $file ]] || is_our_binary "$file" ||
                fault "$file: is there already, a package's or somebody's; expected a host without it: sources.binaries brings its own"
        done
    done
    [[ -d $BINARY_STORE ]] || check_no_other_plugins
}

check_no_other_plugins() {
    [[ ! -e $CNI_FOLDER/loopback ]] ||
        fault "$CNI_FOLDER: has CNI plugins already; expected none: sources.binaries brings its own"
}

# The repository's Date header is the one clock that every host can be held against. A certificate made here would
# not be valid yet, or no longer, on a host whose clock is elsewhere.
check_package_source() {
    local headers theirs skew
    local what="package repository" source=${PACKAGE_SOURCE//'{arch}'/$(architecture)} options=(--head --location --max-time 15)
    [[ -n $source ]] && command -v curl >/dev/null || return 0
    # A repository's base may be no page; a file is there or not.
    [[ ${HOST_PACKAGES:-true} == true ]] || { what="sources.binaries:" && options+=(--fail); }
    if ! headers=$(through_proxy curl --silent --show-error "${options[@]}" "$source" 2>&1); then
        fault "$what $source: ${headers##*$'\n'}, expected it to answer"
        return
    fi
    theirs=$(sed -n 's/^[Dd]ate: *\([^\r]*\).*/\1/p' <<<"$headers" | tail -1)
    [[ -n $theirs ]] || return 0
    skew=$(($(date +%s) - $(date -d "$theirs" +%s)))
    ((${skew#-} <= 30)) || fault "clock: got ${skew}s away from $source's, expected within 30s (install chrony)"
}
