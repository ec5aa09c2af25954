#!/usr/bin/env bash
# Asks each backend for /readyz and lists for nginx those that answer; nginx is reloaded when the list changes, which cuts
# no connection. Connections to a backend that fell out are closed, so that their clients dial another one. With no
# backend well, all are listed: a wrong guess of ours must not be the reason that nobody is reached.
# nginx-health.sh FILE-OF-SETTINGS [first]: with `first` it looks once, writes the list, and reloads nothing.
set -euo pipefail

main() {
    read_settings "$1"
    if [[ ${2:-} == first ]]; then
        ask
        UP=("${ANSWERED[@]}")
        write_list || true
        return
    fi
    read_list
    follow
    while sleep "$INTERVAL"; do
        ask
        ! count || follow
    done
}

read_settings() {
    local key value i
    while IFS='=' read -r key value; do declare -g "$key=$value"; done <"$1"
    read -ra BACKENDS <<<"$BACKENDS"
    UP=() GOOD=() BAD=() DROPPED=()
    for i in "${!BACKENDS[@]}"; do UP[i]=0 GOOD[i]=0 BAD[i]=0; done
}

# What the list has was right a moment ago; what it has not must rise first.
read_list() {
    local i
    for i in "${!BACKENDS[@]}"; do ! grep -qsF "server ${BACKENDS[i]} max_fails" "$FILE" || UP[i]=1; done
}

# Asks all at once.
ask() {
    local i asked=()
    for i in "${!BACKENDS[@]}"; do
        curl --silent --fail --insecure --max-time "$TIMEOUT" --output /dev/null "https://${BACKENDS[i]}/readyz" &
        asked[i]=$!
    done
    for i in "${!BACKENDS[@]}"; do wait "${asked[i]}" && ANSWERED[i]=1 || ANSWERED[i]=0; done
}

# True when a backend rose or fell by its last answers.
count() {
    local i changed=1
    DROPPED=()
    for i in "${!BACKENDS[@]}"; do
        if ((ANSWERED[i])); then GOOD[i]=$((GOOD[i] + 1)) BAD[i]=0; else BAD[i]=$((BAD[i] + 1)) GOOD[i]=0; fi
        if ((!UP[i] && GOOD[i] >= RISE)); then
            UP[i]=1 changed=0
        elif ((UP[i] && BAD[i] >= FALL)); then
            UP[i]=0 changed=0
            DROPPED+=("${BACKENDS[i]}")
        fi
    done
    return "$changed"
}

follow() {
    local backend
    if write_list; then
        echo "backends that are well: ${WELL[*]:-none, so all are tried}" >&2
        reload || echo "nginx could not be reloaded; it reads the list when it starts" >&2
    fi
    ((${#WELL[@]})) || return 0
    for backend in "${DROPPED[@]}"; do ss --kill --no-header state established dst "$backend" >/dev/null 2>&1 || true; done
}

# True when the list changed. nginx's own passive check stands beside ours: a connection that fails is tried elsewhere.
write_list() {
    local i
    WELL=()
    for i in "${!BACKENDS[@]}"; do ((!UP[i])) || WELL+=("${BACKENDS[i]}"); done
    for i in "${!BACKENDS[@]}"; do
        if ((UP[i] || ${#WELL[@]} == 0)); then
            printf 'server %s max_fails=1 fail_timeout=1s;\n' "${BACKENDS[i]}"
        else
            printf 'server %s down;\n' "${BACKENDS[i]}"
        fi
    done >"$FILE.new"
    chmod 0644 "$FILE.new"
    ! cmp -s "$FILE.new" "$FILE" || return 1
    mv -f "$FILE.new" "$FILE"
}

# The pod's process is another one after each restart of it.
reload() {
    local container
    if [[ $KIND == service ]]; then
        systemctl reload nginx
    else
        container=$(crictl ps --quiet --state Running --name '^load-balancer$' | head -n 1)
        [[ -z $container ]] || kill -HUP "$(crictl inspect --output go-template --template '{{.info.pid}}' "$container")"
    fi
}

main "$@"
