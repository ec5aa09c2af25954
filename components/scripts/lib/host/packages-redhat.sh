# shellcheck shell=bash
# RHEL and what is built from it: dnf and rpm.

dnf() { with_proxy quietly command dnf --quiet --assumeyes "$@"; }

# Names that differ from Debian's.
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

# What is in `exclude` changes by a rollout, never by an upgrade of the host.
repository_redhat() {
    printf '[%s]\nname=%s\nbaseurl=%s\nenabled=1\ngpgcheck=1\ngpgkey=file://%s\nexclude=kubelet kubeadm kubectl cri-tools kubernetes-cni containerd.io\n' \
        "$1" "$1" "$2" "$(keyring_redhat "$1")"
}

install_key_tools_redhat() { install_packages curl gnupg ca-certificates; }

install_redhat() { dnf_install "$@"; }

fetch_redhat() { dnf_install --downloadonly "$@"; }

# A version is name=version-* in Debian's words, name-version-* in dnf's.
dnf_install() {
    local items=() options=() item name
    for item in "$@"; do
        name=${item%%=*}
        if [[ $item == --* ]]; then options+=("$item"); else items+=("$(redhat_name "$name")${item#"$name"}"); fi
    done
    dnf install --setopt=install_weak_deps=False --allowerasing --disableexcludes=all "${options[@]}" "${items[@]/=/-}" ||
        die "dnf could not install ${items[*]}"
}

# The repository's `exclude` holds them.
hold_packages_redhat() { :; }

# dnf would remove what depends on a package as well, so one that the host's other packages need by now stays, and so does
# what that one needs.
remove_redhat() {
    local package list=("$@") next dropped=true
    while [[ $dropped == true ]]; do
        dropped=false next=()
        for package in "${list[@]}"; do
            if needed_by_others "$package" "${list[@]}"; then
                log "$package stays: other packages need it"
                dropped=true
            else
                next+=("$package")
            fi
        done
        list=("${next[@]}")
    done
    if ((${#list[@]} > 0)); then dnf remove --noautoremove "${list[@]}"; fi
}

# needed_by_others PACKAGE OURS…: rpm names the packages, with their versions, that would miss it.
needed_by_others() {
    rpm --erase --test "$1" 2>&1 | sed -n 's/.* is needed by (installed) //p' | sort -u |
        comm -13 <(rpm --query "${@:2}" | sort -u) - | grep -q .
}

delete_package_lists_redhat() { command dnf --quiet clean metadata >/dev/null 2>&1 || true; }

# kubeadm's documentation asks for permissive mode on hosts with SELinux: pods mount folders of the host.
relax_selinux_redhat() {
    command -v getenforce >/dev/null && [[ $(getenforce) == Enforcing ]] || return 0
    log "SELinux: permissive, as kubeadm's documentation asks"
    printf 'enforcing\n' | write_file "$STATE/selinux-before" 0600
    setenforce 0
    sed -i 's/^SELINUX=enforcing$/SELINUX=permissive/' /etc/selinux/config
}

restore_selinux_redhat() {
    [[ -e $STATE/selinux-before ]] || return 0
    sed -i 's/^SELINUX=permissive$/SELINUX=enforcing/' /etc/selinux/config
    setenforce 1
}

# Debian has no SELinux of its own accord, and AppArmor's profiles for containers are containerd's.
relax_selinux_debian() { :; }
restore_selinux_debian() { :; }
