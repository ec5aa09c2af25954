# shellcheck shell=bash
# Packages of Debian and Ubuntu: apt and dpkg.

apt() { with_proxy quietly apt-get -qq -o DPkg::Lock::Timeout=180 -o Dpkg::Use-Pty=0 "$@"; }

installed_packages_debian() {
    dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | awk '$1 ~ /^[ih]i/ {print $2}' | sort -u
}

package_version_debian() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Version}' "$1" 2>/dev/null) || return 1
    [[ $installed == ?i* ]] && printf '%s' "${installed##* }"
}

keyring_debian() { printf '/etc/apt/keyrings/%s.asc' "$1"; }

repository_file_debian() { printf '/etc/apt/sources.list.d/%s.list' "$1"; }

repository_debian() { printf 'deb [signed-by=%s] %s %s\n' "$(keyring_debian "$1")" "$2" "$3"; }

install_key_tools_debian() { install_packages curl gnupg ca-certificates; }

# other_repository_debian NAME URI SUITE: prints the file of somebody else that lists the same repository, as Docker's documentation has
# it. apt reads no list at all where two entries of one repository name different keys.
other_repository_debian() {
    local file own
    own=$(repository_file_debian "$1")
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
        if [[ -r $file && $file != "$own" ]] && repository_entries "$file" | grep -xF -- "${2%/} ${3%% *}" >/dev/null; then
            printf '%s' "$file"
            return
        fi
    done
}

# repository_entries FILE: prints "URI SUITE" of each entry that is in use (sources.list(5), both formats).
repository_entries() {
    if [[ $1 == *.sources ]]; then
        awk -v RS= -F '\n' '{
            uris = suites = ""; used = 1
            for (i = 1; i <= NF; i++) {
                field = tolower($i); value = $i; sub(/^[^:]*: */, "", value)
                if (field ~ /^uris:/) uris = value
                if (field ~ /^suites:/) suites = value
                if (field ~ /^enabled: *(no|false|0)/) used = 0
            }
            many = split(uris, uri, " "); more = split(suites, suite, " ")
            for (i = 1; used && i <= many; i++) for (j = 1; j <= more; j++) print uri[i], suite[j]
        }' "$1"
    else
        sed -nE 's/^ *deb +(\[[^]]*\] +)?([^ ]+) +([^ ]+).*/\2 \3/p' "$1"
    fi | sed 's|/ | |'
}

install_debian() {
    without_systemd dpkg "${KEEP_FILES[@]}" --configure -a >/dev/null
    apt_install "$@"
    systemctl daemon-reload
}

# apt writes "Install: kubelet:amd64 (1.36.3-1.1), conntrack:amd64 (1:1.4.7-1+b2, automatic)" into its history when it has dpkg's lock and
# before it starts dpkg. So the list is right where others install packages while ours waits for the lock, and where ours was cut.
added_packages_debian() { sed -nE '/^Install: / {s///; s/ \([^)]*\)//g; s/:[^,]*//g; s/, /\n/g; p}' "$UNRECORDED"; }

# Copies the history of our installation into the host's own, where an administrator looks for it.
tell_administrator_debian() {
    local history=""
    eval "$(apt-config shell history Dir::Log::History/f)"
    [[ -z $history ]] || cat "$UNRECORDED" >>"$history" || log "warning: could not write to $history"
}

fetch_debian() { apt_install --download-only "$@"; }

# dpkg would ask what to do with a configuration file that is older than its package, and there is nobody to answer.
readonly KEEP_FILES=(--force-confdef --force-confold)

# A repository of somebody else that is gone takes no other along: apt goes on with what it could read. apt itself waits for dpkg's lock,
# and not for that of its lists.
update_lists() {
    local said since=$SECONDS
    until said=$(apt update 2>&1); do
        if [[ $said != *"Could not get lock"* ]]; then
            printf '%s\n' "$said" >&2
            log "warning: not every package list could be read; see the repository's error above"
            return
        fi
        ((SECONDS - since < 180)) || die "another program has held apt's lists for 180s: $(head -n 1 <<<"$said")"
        sleep 1
    done
}

apt_install() {
    update_lists
    local options=(-y --no-install-recommends -oDir::Log::History="$UNRECORDED" "${KEEP_FILES[@]/#/-oDpkg::Options::=}" --allow-downgrades)
    # A package of the configuration must not take a held one of the program's along.
    if [[ ${START_SERVICES:-} != true ]]; then options+=(--allow-change-held-packages); fi
    without_systemd apt install "${options[@]}" "$@" || die "apt could not install $*"
}

# Debian starts a service when it installs the package, with the packager's configuration (nginx binds port 80, etcd forms a cluster of
# its own), and every such package reloads systemd. With this variable (systemd's docs/ENVIRONMENT.md) systemctl does nothing during
# the installation: running services go on, and new ones start once they are configured.
# START_SERVICES is for packages of the configuration.
without_systemd() { if [[ ${START_SERVICES:-} == true ]]; then "$@"; else SYSTEMD_OFFLINE=1 "$@"; fi; }

# Held packages change version by a rollout, never by an unattended upgrade. Records those that nobody held before.
hold_packages_debian() {
    local ours
    ours=$(lines "$@" | sort | comm -23 - <(held_packages_debian | sort))
    if [[ -n $ours ]]; then
        { if [[ -e $HELD ]]; then cat "$HELD"; fi && printf '%s\n' "$ours"; } | sort -u | write_file "$HELD" 0600
        apt-mark hold "$@" >/dev/null
    fi
}

unhold_packages_debian() { apt-mark unhold "$@" >/dev/null; }

# apt-mark ends with an error where apt cannot read its sources.
held_packages_debian() { dpkg --get-selections | awk '$2 == "hold" {sub(":.*", "", $1); print $1}'; }

# release_hold_debian PACKAGE: prints the command.
release_hold_debian() { printf 'apt-mark unhold %s' "$1"; }

# needed_by_debian PACKAGE…: prints the packages that need these.
needed_by_debian() { also_purged "$*" "$@" 2>/dev/null || true; }

# Keeps a package that other packages of the host need by now, because apt would remove those too.
remove_debian() {
    local package others list=("$@")
    others=$(also_purged "$*" "$@")
    if [[ -n $others ]]; then
        log "keeping the packages that $(xargs <<<"$others") needs"
        list=()
        for package in "$@"; do
            if [[ -z $(also_purged "$*" "$package") ]]; then list+=("$package"); fi
        done
    fi
    if ((${#list[@]} > 0)); then apt purge -y -oAPT::Get::AutomaticRemove=false --allow-change-held-packages "${list[@]}"; fi
}

# also_purged "OURS" PACKAGE…: prints what apt would remove with these packages and is not one of OURS.
also_purged() {
    apt-get --simulate -oAPT::Get::AutomaticRemove=false --allow-change-held-packages purge "${@:2}" |
        awk '$1 == "Purg" || $1 == "Remv" {sub(":.*", "", $2); print $2}' | sort -u | comm -13 <(tr ' ' '\n' <<<"$1" | sort -u) -
}

# knows_packages_debian: false where apt has no lists, and so knows no package that could take the place of another one.
knows_packages_debian() { compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; }

delete_package_lists_debian() {
    find /var/lib/apt/lists -name '*kubernetes*' -delete -o -name '*containerd*' -delete 2>/dev/null || true
}

# unreadable_sources_debian: prints apt's error where it cannot read its sources.
unreadable_sources_debian() { { apt-get indextargets 2>&1 >/dev/null || true; } | sed -n 's/^E: //p' | sed -n 1p; }

# is_packaged_file_debian PATH: true for a configuration file that is as its package has it.
is_packaged_file_debian() {
    local digest
    digest=$(dpkg-query --show --showformat '${Conffiles}\n' '*' 2>/dev/null | awk -v path="$1" '$1 == path && !found++ {print $2}')
    [[ -n $digest && $digest == "$(md5sum <"$1" | cut -d ' ' -f 1)" ]]
}

kubelet_defaults_debian() { printf /etc/default/kubelet; }
