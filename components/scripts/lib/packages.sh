# shellcheck shell=bash
# Packages of the Debian family. What was on the host before is written down, so that `reset` can take the rest back.

# What fetches from elsewhere does so through the proxy, where there is one; nothing else here knows of it.
through_proxy() {
    http_proxy=${PROXY_HTTP:-} https_proxy=${PROXY_HTTPS:-} no_proxy=${PROXY_NONE:-} "$@"
}

apt() { through_proxy quietly apt-get -qq -o DPkg::Lock::Timeout=180 -o Dpkg::Use-Pty=0 "$@"; }

installed_packages() { dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | awk '$1 ~ /^[ih]i/ {print $2}' | sort -u; }

# Written before the first change, so that it is true whatever is cut later.
remember_packages() {
    [[ -s $STATE/packages-before ]] || installed_packages | write_file "$STATE/packages-before" 0600
}

# add_repository NAME URI SUITE KEY: KEY is an armored public key, or "FINGERPRINT URL" to be fetched and compared.
add_repository() {
    local name=$1 uri=$2 suite=$3 key=$4 changed=1
    local keyring=/etc/apt/keyrings/$name.asc
    if [[ $key == -----BEGIN* ]]; then
        printf '%s\n' "$key" | write_file "$keyring" 0644 && changed=0
    elif [[ ! -s $keyring ]]; then
        key=$(fetch_key "${key%% *}" "${key#* }") || exit 1
        write_file "$keyring" 0644 <<<"$key" && changed=0
    fi
    printf 'deb [signed-by=%s] %s %s\n' "$keyring" "$uri" "$suite" |
        write_file "/etc/apt/sources.list.d/$name.list" 0644 && changed=0
    return "$changed"
}

fetch_key() {
    local fingerprint=$1 url=$2 key
    install_packages curl gnupg ca-certificates
    key=$(through_proxy curl --fail --silent --show-error --location --max-time 30 "$url") || die "cannot fetch the signing key $url"
    gpg --show-keys --with-colons <<<"$key" 2>/dev/null | grep -q "^fpr:.*:$fingerprint:" ||
        die "the signing key at $url is not $fingerprint; expected that fingerprint, so nothing was installed"
    printf '%s\n' "$key"
}

# install_packages PACKAGE[=VERSION]…: only what is missing or of another version.
install_packages() {
    local wanted=() item
    for item in "$@"; do has_package "$item" || wanted+=("$item"); done
    ((${#wanted[@]})) || return 0
    log "installing ${wanted[*]}"
    remember_packages
    dpkg --configure -a >/dev/null
    apt update || die "the package lists could not be read; see the repository's error above"
    apt install -y --no-install-recommends --allow-change-held-packages --allow-downgrades "${wanted[@]}" ||
        die "apt could not install ${wanted[*]}"
}

# A version may be given without its packaging revision: 1.36.3 fits 1.36.3-1.1.
has_package() {
    local name=${1%%=*} version installed
    version=${1#"$name"} version=${version#=} version=${version%\*}
    installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Version}' "$name" 2>/dev/null) || return 1
    [[ $installed == ?i* && ${installed#* } == *"$version"* ]]
}

remove_packages() {
    local packages
    [[ -s $STATE/packages-before ]] || return 0
    mapfile -t packages < <(installed_packages | comm -13 "$STATE/packages-before" -)
    ((${#packages[@]})) || return 0
    log "removing the ${#packages[@]} packages that were installed here"
    apt purge -y --allow-change-held-packages "${packages[@]}" || die "apt could not remove ${packages[*]}"
}
