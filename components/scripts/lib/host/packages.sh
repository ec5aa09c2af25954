# shellcheck shell=bash
# Packages, whatever the family of the host: packages-debian.sh and packages-redhat.sh have what differs. What an
# installation of ours adds is recorded, so that `reset` removes that and nothing else: what the host's own updates or its
# administrator install meanwhile stays.

# debian, redhat, or nothing that is known.
os_family() {
    local ID="" ID_LIKE=""
    # shellcheck source=/dev/null
    if [[ -r /etc/os-release ]]; then
        source /etc/os-release
    fi
    case " $ID $ID_LIKE " in
        *" debian "* | *" ubuntu "*) printf debian ;;
        *" rhel "* | *" centos "* | *" fedora "*) printf redhat ;;
    esac
}

# What fetches from elsewhere does so through the proxy, where there is one; nothing else here knows of it.
with_proxy() {
    http_proxy=${PROXY_HTTP:-} https_proxy=${PROXY_HTTPS:-} no_proxy=${PROXY_NONE:-} "$@"
}

# The packages that this project installed, with their dependencies; and those that were there before an installation that
# has not ended.
readonly INSTALLED=$STATE/packages-installed BEFORE_INSTALLATION=$STATE/packages-before

# A list that an installation left when it was cut stays: what that one brought is recorded with the next.
begin_installation() {
    if [[ ! -s $BEFORE_INSTALLATION ]]; then
        os_call installed_packages | write_file "$BEFORE_INSTALLATION" 0600
    fi
}

record_installation() {
    local now
    [[ -s $BEFORE_INSTALLATION ]] || return 0
    now=$(os_call installed_packages)
    {
        comm -13 "$BEFORE_INSTALLATION" - <<<"$now"
        if [[ -e $INSTALLED ]]; then cat "$INSTALLED"; fi
    } | sort -u | write_file "$INSTALLED" 0600
    rm -f "$BEFORE_INSTALLATION"
}

# add_repository NAME URI SUITE KEY: KEY is an armored public key, or "FINGERPRINT URL": the key at that URL which has that
# fingerprint.
add_repository() {
    local name=$1 uri=$2 suite=$3 key=$4 keyring
    keyring=$(os_call keyring "$name")
    if [[ $key == -----BEGIN* ]]; then
        write_file "$keyring" 0644 <<<"$key"
    elif ! keyring_is "$keyring" "${key%% *}"; then
        key=$(fetch_key "${key%% *}" "${key#* }") || exit 1
        write_file "$keyring" 0644 <<<"$key"
    fi
    os_call repository "$name" "$uri" "$suite" | write_file "$(os_call repository_file "$name")" 0644
}

# The keyring holds the key of that fingerprint, and no other.
keyring_is() { [[ -s $1 && $(key_fingerprints <"$1") == "$2" ]]; }

# The fingerprints of the primary keys on standard input. Each follows its "pub" line; those of subkeys follow "sub".
key_fingerprints() {
    in_new_gpg_home --show-keys --with-colons 2>/dev/null | awk -F : '$1 == "pub" {primary = 1} $1 == "fpr" && primary {print $10; primary = 0}'
}

# Prints that one key. A file may hold others beside it, which must not become trusted.
fetch_key() {
    local fingerprint=$1 url=$2 keys
    os_call install_key_tools
    keys=$(with_proxy curl --fail --silent --show-error --location --max-time 30 "$url") || die "cannot fetch the signing key $url"
    key_fingerprints <<<"$keys" | grep -qxF "$fingerprint" ||
        die "the signing key at $url is not $fingerprint; expected that fingerprint, so nothing was installed"
    only_key "$fingerprint" <<<"$keys"
}

only_key() {
    local home
    home=$(mktemp -d)
    gpg --homedir "$home" --batch --quiet --import 2>/dev/null || true
    gpg --homedir "$home" --batch --armor --export "$1"
    rm -rf "$home"
}

# gpg makes a folder in root's home otherwise.
in_new_gpg_home() {
    local home code=0
    home=$(mktemp -d)
    gpg --homedir "$home" "$@" || code=$?
    rm -rf "$home"
    return "$code"
}

# install_packages PACKAGE[=VERSION]…: only what is missing or of another version. Names are Debian's.
install_packages() {
    local wanted installed=true
    mapfile -t wanted < <(missing_packages "$@")
    ((${#wanted[@]})) || return 0
    log "installing ${wanted[*]}"
    begin_installation
    # A failed installation records its packages at once, so that packages which others install before the next attempt are not
    # taken for ours. The subshell keeps its `die` from ending the phase first.
    (os_call install "${wanted[@]}") || installed=false
    record_installation
    [[ $installed == true ]] || exit 1
}

# The same, no further than to this host's disk.
fetch_packages() {
    local wanted
    mapfile -t wanted < <(missing_packages "$@")
    ((${#wanted[@]})) || return 0
    log "fetching ${wanted[*]}"
    os_call fetch "${wanted[@]}"
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
    installed=$(os_call package_version "$name") || return 1
    [[ $installed == *"$version"* ]]
}

packages_remove() {
    local packages=()
    # An interrupted installation has left packages too.
    record_installation
    if [[ -s $INSTALLED ]]; then mapfile -t packages < <(os_call installed_packages | comm -12 "$INSTALLED" -); fi
    if ((${#packages[@]} > 0)); then
        log "removing the ${#packages[@]} packages that were installed here"
        os_call remove "${packages[@]}" || die "could not remove ${packages[*]}; see the package manager's error above"
    fi
    # dpkg removes /opt with the last package that had a file in it.
    install -d -m 0755 /opt
}

remove_repository() { rm -f "$(os_call repository_file "$1")" "$(os_call keyring "$1")"; }

selinux_remove() { os_call restore_selinux; }
