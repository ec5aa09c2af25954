# shellcheck shell=bash
# Packages, whatever the family of the host: packages-debian.sh and packages-redhat.sh have what differs. What was on the
# host before is written down, so that `reset` can take the rest back.

# debian, redhat, or nothing that is known.
os_family() {
    local ID="" ID_LIKE=""
    # shellcheck source=/dev/null
    [[ ! -r /etc/os-release ]] || source /etc/os-release
    case " $ID $ID_LIKE " in
        *" debian "* | *" ubuntu "*) printf debian ;;
        *" rhel "* | *" centos "* | *" fedora "*) printf redhat ;;
    esac
}

# of_family FUNCTION ARGUMENTS…: this host's own way to do it.
of_family() { "${1}_$(os_family)" "${@:2}"; }

# What fetches from elsewhere does so through the proxy, where there is one; nothing else here knows of it.
through_proxy() {
    http_proxy=${PROXY_HTTP:-} https_proxy=${PROXY_HTTPS:-} no_proxy=${PROXY_NONE:-} "$@"
}

# Written before the first change, so that it is true whatever is cut later.
remember_packages() {
    [[ -s $STATE/packages-before ]] || of_family installed_packages | write_file "$STATE/packages-before" 0600
}

# add_repository NAME URI SUITE KEY: KEY is an armored public key, or "FINGERPRINT URL" to be fetched and compared.
add_repository() {
    local name=$1 uri=$2 suite=$3 key=$4 keyring changed=1
    keyring=$(of_family keyring "$name")
    if [[ $key == -----BEGIN* ]]; then
        printf '%s\n' "$key" | write_file "$keyring" 0644 && changed=0
    elif [[ ! -s $keyring ]]; then
        key=$(fetch_key "${key%% *}" "${key#* }") || exit 1
        write_file "$keyring" 0644 <<<"$key" && changed=0
    fi
    of_family repository "$name" "$uri" "$suite" | write_file "$(of_family repository_file "$name")" 0644 && changed=0
    return "$changed"
}

fetch_key() {
    local fingerprint=$1 url=$2 key
    of_family install_key_tools
    key=$(through_proxy curl --fail --silent --show-error --location --max-time 30 "$url") || die "cannot fetch the signing key $url"
    gpg --show-keys --with-colons <<<"$key" 2>/dev/null | grep -q "^fpr:.*:$fingerprint:" ||
        die "the signing key at $url is not $fingerprint; expected that fingerprint, so nothing was installed"
    printf '%s\n' "$key"
}

# install_packages PACKAGE[=VERSION]…: only what is missing or of another version. Names are Debian's.
install_packages() {
    local wanted
    mapfile -t wanted < <(missing_packages "$@")
    ((${#wanted[@]})) || return 0
    log "installing ${wanted[*]}"
    remember_packages
    of_family install "${wanted[@]}"
}

# The same, no further than to this host's disk.
fetch_packages() {
    local wanted
    mapfile -t wanted < <(missing_packages "$@")
    ((${#wanted[@]})) || return 0
    log "fetching ${wanted[*]}"
    of_family fetch "${wanted[@]}"
}

missing_packages() {
    local item
    # Preflight has seen that what would come by package is on the host.
    [[ ${HOST_PACKAGES:-true} == true ]] || return 0
    for item in "$@"; do has_package "$item" || printf '%s\n' "$item"; done
}

# A version may be given without its packaging revision: 1.36.3 fits 1.36.3-1.1.
has_package() {
    local name=${1%%=*} version installed
    version=${1#"$name"} version=${version#=} version=${version%\*}
    installed=$(of_family package_version "$name") || return 1
    [[ $installed == *"$version"* ]]
}

remove_packages() {
    local packages
    [[ -s $STATE/packages-before ]] || return 0
    mapfile -t packages < <(of_family installed_packages | comm -13 "$STATE/packages-before" -)
    ((${#packages[@]})) || return 0
    log "removing the ${#packages[@]} packages that were installed here"
    of_family remove "${packages[@]}" || die "could not remove ${packages[*]}; see the package manager's error above"
}

remove_repository() { rm -f "$(of_family repository_file "$1")" "$(of_family keyring "$1")"; }
