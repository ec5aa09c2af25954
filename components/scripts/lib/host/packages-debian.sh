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

install_debian() {
    without_systemd dpkg --configure -a >/dev/null
    apt_install "$@"
    systemctl daemon-reload
}

fetch_debian() { apt_install --download-only "$@"; }

apt_install() {
    apt update || die "the package lists could not be read; see the repository's error above"
    local own=(--allow-change-held-packages --allow-downgrades)
    # A package of the configuration must not take a held one of the program's along.
    if [[ ${START_SERVICES:-} == true ]]; then own=(--allow-downgrades -o Dpkg::Options::=--force-confold); fi
    without_systemd apt install -y --no-install-recommends "${own[@]}" "$@" || die "apt could not install $*"
}

# Debian starts a service when it installs the package, with the packager's configuration (nginx binds port 80, etcd forms a cluster of
# its own), and every such package reloads systemd. With this variable (systemd's docs/ENVIRONMENT.md) systemctl does nothing during
# the installation: running services go on, and new ones start once they are configured.
# START_SERVICES is for packages of the configuration.
without_systemd() { if [[ ${START_SERVICES:-} == true ]]; then "$@"; else SYSTEMD_OFFLINE=1 "$@"; fi; }

# Held packages change version by a rollout, never by an unattended upgrade.
hold_packages_debian() { apt-mark hold "$@" >/dev/null; }

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
    if ((${#list[@]} > 0)); then apt purge -y --allow-change-held-packages "${list[@]}"; fi
}

# also_purged "OURS" PACKAGE…: prints what apt would remove with these packages and is not one of OURS.
also_purged() {
    apt-get --simulate --allow-change-held-packages purge "${@:2}" |
        awk '$1 == "Purg" || $1 == "Remv" {sub(":.*", "", $2); print $2}' | sort -u | comm -13 <(tr ' ' '\n' <<<"$1" | sort -u) -
}

delete_package_lists_debian() {
    find /var/lib/apt/lists -name '*kubernetes*' -delete -o -name '*containerd*' -delete 2>/dev/null || true
}
