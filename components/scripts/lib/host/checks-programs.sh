# shellcheck shell=bash
# Preflight checks of the programs on a host, and of the source of those to install.

# Programs are installed as packages or as files, never both: of two with one name, one would run and the other be upgraded.
check_programs() {
    if [[ $HOST_PACKAGES == true ]]; then
        if [[ -d $BINARY_STORE ]]; then
            fault "sources.binaries: got none, expected the option as before, because it installed the programs of this host ($BINARY_STORE)" \
                -- "reset the host to use packages"
        fi
        return
    fi
    check_commands
    if [[ $STATIC_BINARIES == true ]]; then
        check_no_other_programs
    fi
}

check_commands() {
    local command caller
    while read -r command caller; do
        if ! type -P "$command" >/dev/null; then
            fault "$command: not found on this host, expected it for $caller" -- "install it, because with sources.binaries no package is installed"
        fi
    done < <(lines "${NEEDED_COMMANDS[@]}")
}

check_no_other_programs() {
    local name folder file
    for name in kubeadm kubelet kubectl containerd ctr containerd-shim-runc-v2 runc crictl; do
        for folder in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin; do
            file=$folder/$name
            if [[ -e $file ]] && ! is_our_binary "$file"; then
                fault "$file: already exists and was not installed by us" -- "remove it, because sources.binaries installs ${file##*/}"
            fi
        done
    done
    if [[ ! -d $BINARY_STORE ]]; then
        check_no_other_plugins
    fi
}

check_no_other_plugins() {
    if [[ -e $CNI_FOLDER/loopback ]]; then
        fault "$CNI_FOLDER: already has CNI plugins that were not installed by us" -- "remove them, because sources.binaries installs CNI plugins"
    fi
}

# Packages that others installed and `prepare` would change or remove. One that somebody holds stays as it is.
check_packages() {
    local held package name installed
    [[ ! -e $IDENTITY && $HOST_PACKAGES == true && $INSTALLS_CONTAINERD == true && -n $(os_family) ]] || return 0
    if ! held=$(os_call held_packages 2>&1); then
        fault "the package manager cannot tell which packages are on hold: ${held##*$'\n'}" -- "mend its database"
        return
    fi
    while read -r package; do
        name=${package%%=*}
        installed=$(os_call package_version "$name") || installed=""
        if has_package "$package"; then continue; fi
        if grep -qxF "$name" <<<"$held"; then
            fault "$name: got ${installed:-no version} and a hold on the package, expected $KUBERNETES_VERSION" \
                -- "$(os_call release_hold "$name")"
        elif [[ -n $installed ]]; then
            warning "$name: got $installed, which becomes $KUBERNETES_VERSION"
        fi
    done < <(pinned_packages)
    check_replaced_packages "$held"
}

# containerd.io takes the place of the distribution's containerd and runc. The package manager would also remove what needs these.
check_replaced_packages() {
    local held=$1 name needing tell=fault replaced=()
    for name in containerd runc; do
        os_call package_version "$name" >/dev/null || continue
        replaced+=("$name")
        if grep -qxF "$name" <<<"$held"; then
            fault "$name: got a hold on the package, expected none, because containerd.io replaces it" -- "$(os_call release_hold "$name")"
        else
            warning "$name: got the distribution's package, which containerd.io replaces"
        fi
    done
    ((${#replaced[@]})) || return 0
    needing=$(os_call needed_by "${replaced[@]}" | xargs)
    if ! os_call knows_packages; then tell=warning; fi
    [[ -z $needing ]] ||
        "$tell" "got $needing, expected none, because it needs the distribution's ${replaced[*]}, which containerd.io replaces" \
            -- "remove it where nothing uses it; or use another host"
}

# The URL that gave check_package_source no answer: check_sources tells no other one below it.
UNANSWERED_SOURCE=""

# Compares the host's clock with the Date header of the repository, which every host can reach. On a host whose clock differs, a new
# certificate would not be valid yet, or no longer.
check_package_source() {
    local headers theirs skew
    local what source=${PACKAGE_SOURCE//'{arch}'/$(architecture)} options=(--head --location --max-time 15 "${ALIAS_OPTIONS[@]}")
    [[ -n $source ]] && type -P curl >/dev/null || return 0
    # The base URL of a repository may be no page, so its status says nothing; a file exists or not.
    if [[ $HOST_PACKAGES == true ]]; then
        what="package repository"
    else
        what="sources.binaries:"
        options+=(--fail)
    fi
    if ! headers=$(with_proxy curl --silent --show-error "${options[@]}" "$source" 2>&1); then
        fault "$what $source: ${headers##*$'\n'}, expected an answer"
        UNANSWERED_SOURCE=$source
        return
    fi
    theirs=$(sed -n 's/^[Dd]ate: *\([^\r]*\).*/\1/p' <<<"$headers" | tail -1)
    [[ -n $theirs ]] || return 0
    skew=$(($(date +%s) - $(date -d "$theirs" +%s)))
    ((${skew#-} <= 30)) || fault "clock: got a difference of ${skew}s to the clock of $source, expected at most 30s" -- "synchronize the clock (install chrony)"
}
