# shellcheck shell=bash
# Packages of RHEL and its derivatives: dnf and rpm.

dnf() { with_proxy quietly command dnf --quiet --assumeyes "$@"; }

# redhat_name PACKAGE: prints the name here of a package by its name in Debian.
redhat_name() {
    case $1 in
        libnginx-mod-stream) printf nginx-mod-stream ;;
        nfs-common) printf nfs-utils ;;
        gnupg) printf gnupg2 ;;
        etcd-server) printf etcd ;;
        *) printf '%s' "$1" ;;
    esac
}

installed_packages_redhat() { rpm --query --all --queryformat '%{NAME}\n' | sort -u; }

package_version_redhat() { rpm --query --queryformat '%{VERSION}-%{RELEASE}' "$(redhat_name "$1")" 2>/dev/null; }

keyring_redhat() { printf '/etc/pki/rpm-gpg/%s.asc' "$1"; }

repository_file_redhat() { printf '/etc/yum.repos.d/%s.repo' "$1"; }

# Packages in `exclude` change version by a rollout, never by an upgrade of the host.
repository_redhat() {
    printf '[%s]\nname=%s\nbaseurl=%s\nenabled=1\ngpgcheck=1\ngpgkey=file://%s\nexclude=kubelet kubeadm kubectl cri-tools kubernetes-cni containerd.io\n' \
        "$1" "$1" "$2" "$(keyring_redhat "$1")"
}

# Several repositories with one URL do not disturb each other.
other_repository_redhat() { :; }

install_key_tools_redhat() { install_packages curl gnupg ca-certificates; }

# An installation that was cut has left its list, which stays: the packages that it added are recorded with those of the next one.
install_redhat() {
    local before
    if [[ ! -s $UNRECORDED ]]; then
        before=$(installed_packages_redhat)
        write_file "$UNRECORDED" 0600 <<<"$before"
    fi
    dnf_install "$@"
}

added_packages_redhat() { installed_packages_redhat | comm -13 "$UNRECORDED" -; }

# dnf's own history has every installation.
tell_administrator_redhat() { :; }

fetch_redhat() { dnf_install --downloadonly "$@"; }

# Debian writes a version as name=version-*, dnf as name-version-*.
dnf_install() {
    local items=() options=(--allowerasing --disableexcludes=all) item name
    # A package of the configuration must not take one of the program's along.
    if [[ ${START_SERVICES:-} == true ]]; then options=(); fi
    for item in "$@"; do
        name=${item%%=*}
        if [[ $item == --* ]]; then options+=("$item"); else items+=("$(redhat_name "$name")${item#"$name"}"); fi
    done
    dnf install --setopt=install_weak_deps=False "${options[@]}" "${items[@]/=/-}" ||
        die "dnf could not install ${items[*]}"
}

# The repository's `exclude` holds them.
hold_packages_redhat() { :; }

# dnf's plugin versionlock has "NAME-EPOCH:VERSION-RELEASE.ARCH" for each package, EPOCH: only with some, and "!" before a version that it
# excludes. A lock on the version that shall come is none.
held_packages_redhat() {
    local locks=/etc/dnf/plugins/versionlock.list
    # The plugin is not part of every host.
    [[ -e $locks ]] || return 0
    sed -nE 's/^(kubelet|kubeadm|kubectl|containerd|runc)-([0-9*]+:)?([0-9*].*)/\1 \3/p' "$locks" |
        awk -v wanted="$KUBERNETES_VERSION-" 'index($2, wanted) != 1 {print $1}'
}

# release_hold_redhat PACKAGE: prints the command.
release_hold_redhat() { printf 'dnf versionlock delete %s' "$1"; }

# Held by the repository's `exclude` alone.
unhold_packages_redhat() { :; }

knows_packages_redhat() { :; }

# needed_by_redhat PACKAGE…: prints the packages that need these.
needed_by_redhat() {
    { rpm --erase --test "$@" 2>&1 || true; } | sed -n 's/.* is needed by (installed) //p' | sort -u
}

# Keeps a package that other packages of the host need by now, and what that one needs, because dnf would remove those too.
remove_redhat() {
    local package list=("$@") next dropped=true
    while [[ $dropped == true ]]; do
        dropped=false next=()
        for package in "${list[@]}"; do
            if needed_by_others "$package" "${list[@]}"; then
                log "keeping $package, because other packages need it"
                dropped=true
            else
                next+=("$package")
            fi
        done
        list=("${next[@]}")
    done
    if ((${#list[@]} > 0)); then dnf remove --noautoremove "${list[@]}"; fi
}

# needed_by_others PACKAGE OURS…: true when a package that is not one of OURS needs it; rpm prints them with epoch and version.
needed_by_others() {
    needed_by_redhat "$1" | comm -13 <(rpm --query --queryformat '%{NEVRA}\n' "${@:2}" | sort -u) - | grep . >/dev/null
}

delete_package_lists_redhat() { command dnf --quiet clean metadata >/dev/null 2>&1 || true; }

readonly SELINUX_CONFIG=/etc/selinux/config

# Sets SELinux to permissive mode, as kubeadm's documentation requires, because pods mount folders of the host.
# The next boot goes by the file.
relax_selinux_redhat() {
    local mode
    command -v getenforce >/dev/null || return 0
    mode=$(getenforce)
    [[ $mode != Disabled ]] && { [[ $mode == Enforcing ]] || grep -qsx SELINUX=enforcing "$SELINUX_CONFIG"; } || return 0
    log "SELinux: setting it to permissive, as kubeadm's documentation requires"
    # An interrupted run has kept it, and may have changed it.
    if [[ ! -e $STATE/selinux-before ]]; then printf '%s\n' "$mode" | write_file "$STATE/selinux-before" 0600; fi
    sed -i 's/^SELINUX=enforcing$/SELINUX=permissive/' "$SELINUX_CONFIG"
    if [[ $mode == Enforcing ]]; then setenforce 0; fi
}

restore_selinux_redhat() {
    [[ -e $STATE/selinux-before ]] || return 0
    sed -i 's/^SELINUX=permissive$/SELINUX=enforcing/' "$SELINUX_CONFIG"
    if [[ $(<"$STATE/selinux-before") != Permissive ]]; then setenforce 1; fi
}

# Debian does not enable SELinux by default, and containerd brings AppArmor's profiles for containers.
relax_selinux_debian() { :; }
restore_selinux_debian() { :; }

unreadable_sources_redhat() { :; }

# is_packaged_file_redhat PATH: true for a configuration file that is as its package has it.
is_packaged_file_redhat() {
    local changed
    rpm --query --file "$1" >/dev/null 2>&1 || return 1
    # It fails where any file of the package has changed.
    changed=$(rpm --verify --file "$1" 2>/dev/null || true)
    ! grep -qE "^..5.* $1\$" <<<"$changed"
}

kubelet_defaults_redhat() { printf /etc/sysconfig/kubelet; }
