# shellcheck shell=bash
# Installs and removes packages on any family of hosts; packages-debian.sh and packages-redhat.sh have the differences. Records
# what each installation adds, so that `release` removes exactly that: what the host's own updates or its administrator install
# meanwhile stays.

# Prints debian or redhat; nothing for an unknown system.
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

# INSTALLED lists the packages that this project installed, dependencies included. UNRECORDED belongs to an installation that is not in
# that list yet: on Debian it is apt's history of it, on RHEL the list of the packages that were installed before it.
readonly INSTALLED=$STATE/packages-installed UNRECORDED=$STATE/packages-unrecorded
# File with the packages that the program holds.
readonly HELD=$STATE/packages-held

record_installation() {
    local added
    [[ -s $UNRECORDED ]] || return 0
    added=$(os_call added_packages)
    {
        printf '%s\n' "$added"
        if [[ -e $INSTALLED ]]; then cat "$INSTALLED"; fi
    } | awk NF | sort -u | write_file "$INSTALLED" 0600
    os_call tell_administrator
    rm -f "$UNRECORDED"
}

# add_repository NAME URI SUITE KEY: KEY is an armored public key, or "FINGERPRINT URL" for the key with that fingerprint at that URL.
add_repository() {
    local name=$1 uri=$2 suite=$3 key=$4 keyring other
    other=$(os_call other_repository "$name" "$uri" "$suite")
    if [[ -n $other ]]; then
        log "the repository $uri is listed in $other already; that entry is used, with its key"
        remove_repository "$name"
        return
    fi
    keyring=$(os_call keyring "$name")
    keep_repository "$name"
    if [[ $key == -----BEGIN* ]]; then
        write_file "$keyring" 0644 <<<"$key"
    elif ! keyring_is "$keyring" "${key%% *}"; then
        key=$(fetch_key "${key%% *}" "${key#* }") || exit 1
        write_file "$keyring" 0644 <<<"$key"
    fi
    os_call repository "$name" "$uri" "$suite" | write_file "$(os_call repository_file "$name")" 0644
}

# keyring_is FILE FINGERPRINT: true when the keyring has the key of that fingerprint and no other.
keyring_is() { [[ -s $1 && $(key_fingerprints <"$1") == "$2" ]]; }

# Prints the fingerprints of the primary keys on standard input. Each follows its "pub" line; those of subkeys follow "sub".
key_fingerprints() {
    in_new_gpg_home --show-keys --with-colons 2>/dev/null | awk -F : '$1 == "pub" {primary = 1} $1 == "fpr" && primary {print $10; primary = 0}'
}

# fetch_key FINGERPRINT URL: prints that one key. The file at URL may contain others, which must not become trusted.
fetch_key() {
    local fingerprint=$1 url=$2 keys
    os_call install_key_tools
    keys=$(with_proxy curl --fail --silent --show-error --location --max-time 30 "$url") || die "cannot fetch the signing key $url"
    key_fingerprints <<<"$keys" | grep -xF "$fingerprint" >/dev/null ||
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

# Gives gpg a temporary home, because it would create a folder in root's home.
in_new_gpg_home() {
    local home code=0
    home=$(mktemp -d)
    gpg --homedir "$home" "$@" || code=$?
    rm -rf "$home"
    return "$code"
}

# install_packages PACKAGE[=VERSION]…: installs what is missing or has another version. Names are Debian's.
install_packages() {
    local wanted installed=true
    mapfile -t wanted < <(missing_packages "$@")
    if ((${#wanted[@]} == 0)); then
        # A run that was killed may have installed them without recording it.
        record_installation
        return
    fi
    log "installing ${wanted[*]}"
    # A failed installation may have added packages.
    # The subshell keeps `die` from ending the phase before that.
    (os_call install "${wanted[@]}") || installed=false
    record_installation
    [[ $installed == true ]] || exit 1
}

# fetch_packages PACKAGE[=VERSION]…: downloads them without installing them.
fetch_packages() {
    local wanted
    mapfile -t wanted < <(missing_packages "$@")
    ((${#wanted[@]})) || return 0
    log "fetching ${wanted[*]}"
    os_call fetch "${wanted[@]}"
}

missing_packages() {
    local item
    # Without packages, preflight has checked that the host has the commands already.
    [[ $HOST_PACKAGES == true ]] || return 0
    for item in "$@"; do has_package "$item" || printf '%s\n' "$item"; done
}

# A version may lack its packaging revision and the epoch: 1.36.3 fits 1.36.3-1.1 and 5:1.36.3-1.1. With * at its end it is a beginning.
has_package() {
    local name=${1%%=*} version installed
    version=${1#"$name"} version=${version#=}
    installed=$(os_call package_version "$name") || return 1
    installed=${installed#*:} version=${version#*:}
    case $version in
        "") ;;
        *\*) [[ $installed == "${version%\*}"* ]] ;;
        *) [[ $installed == "$version" || $installed == "$version"[-~+]* ]] ;;
    esac
}

packages_remove() {
    local packages=()
    if [[ -s $HELD ]]; then
        mapfile -t packages <"$HELD"
        os_call unhold_packages "${packages[@]}"
        rm -f "$HELD"
        packages=()
    fi
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

# kubernetes.io's own instructions have a list of the same name.
keep_repository() {
    claim_former_repository "$1"
    keep_former "repository-$1" "$(os_call repository_file "$1")"
}

# On a live host that was prepared before the program kept anything, the list is the program's.
claim_former_repository() {
    if [[ ! -e $STATE/kept-repository-$1 ]] && host_joined; then touch "$STATE/kept-repository-$1"; fi
}

remove_repository() {
    if [[ ! -e $STATE/restored-repository-$1 ]]; then claim_former_repository "$1"; fi
    [[ -e $STATE/kept-repository-$1 ]] || return 0
    rm -f "$(os_call keyring "$1")"
    restore_former "repository-$1" "$(os_call repository_file "$1")"
}

selinux_remove() { os_call restore_selinux; }
