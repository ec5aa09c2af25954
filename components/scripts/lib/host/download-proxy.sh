# shellcheck shell=bash
# The proxy for downloads, and what is called without it.

# Where package managers have their repositories.
readonly REPOSITORY_FILES=(/etc/apt/sources.list /etc/apt/sources.list.d /etc/yum.repos.d)

# with_proxy COMMAND…: runs a command that downloads through the proxy, where there is one. Nothing else here uses the proxy.
with_proxy() {
    http_proxy=$PROXY_HTTP https_proxy=$PROXY_HTTPS no_proxy=$(direct_hosts "$@") "$@"
}

# direct_hosts COMMAND…: prints PROXY_NONE, and every address within its networks that COMMAND may call. apt compares the ends of names
# alone (apt-pkg, CheckDomainList), curl knows networks since 7.86. A package manager calls every repository of the host.
direct_hosts() {
    local address networks network
    printf '%s' "$PROXY_NONE"
    mapfile -t networks < <(tr , '\n' <<<"$PROXY_NONE" | sed -n '/\//p')
    ((${#networks[@]} > 0)) || return 0
    while read -r address; do
        for network in "${networks[@]}"; do
            if within_network "$address" "$network"; then
                printf ',%s' "$address"
                break
            fi
        done
    done < <(called_addresses "$@")
}

# called_addresses COMMAND…: prints the addresses in the URLs of COMMAND and of the host's repositories.
called_addresses() {
    {
        lines "$@"
        grep --dereference-recursive --no-filename --no-messages '://' "${REPOSITORY_FILES[@]}" || true
    } | { grep --only-matching --extended-regexp 'https?://([^/@[:blank:]]*@)?(\[[0-9A-Fa-f:]+]|[0-9.]+)([:/[:blank:]]|$)' || true; } |
        sed -E 's#^https?://([^/@]*@)?##; s#[:/[:blank:]]$##' | tr -d '[]' | sort -u
}

# within_network ADDRESS NETWORK: true when the network (CIDR) has the address.
within_network() {
    local prefix=${2#*/} address network whole rest
    # The zero lets the comparison of a digit's bits find one after the last.
    address=$(address_digits "$1")0 network=$(address_digits "${2%/*}")0
    ((${#address} > 1 && ${#address} == ${#network})) || return 1
    whole=$((prefix / 4)) rest=$((prefix % 4))
    [[ ${address:0:whole} == "${network:0:whole}" ]] &&
        (((16#${address:whole:1} ^ 16#${network:whole:1}) >> (4 - rest) == 0))
}

# address_digits ADDRESS: prints an IPv4 address as 8 hexadecimal digits, an IPv6 address as 32; nothing for what is neither.
address_digits() {
    local left right=()
    if [[ $1 =~ ^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})$ ]]; then
        printf '%02x' "$((10#${BASH_REMATCH[1]}))" "$((10#${BASH_REMATCH[2]}))" "$((10#${BASH_REMATCH[3]}))" "$((10#${BASH_REMATCH[4]}))"
    elif [[ $1 =~ ^[0-9A-Fa-f:]*:[0-9A-Fa-f:]*$ ]]; then
        IFS=: read -ra left <<<"${1%%::*}"
        if [[ $1 == *::* ]]; then IFS=: read -ra right <<<"${1#*::}"; fi
        # "::" stands for as many groups of zeros as there is room for.
        while ((${#left[@]} + ${#right[@]} < 8)); do left+=(0); done
        printf '%04x' "${left[@]/#/0x}" "${right[@]/#/0x}"
    fi
}
