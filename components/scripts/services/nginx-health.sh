#!/usr/bin/env bash
# Health checks for nginx: asks each backend for /readyz and lists the healthy ones for nginx. Reloads nginx when the list
# changes, which cuts no connection. Closes the connections to a backend that became unhealthy, so that their clients connect to
# another one. When no backend is healthy, lists them all, because a wrong result here must not make every backend unreachable.
# Usage: nginx-health.sh FILE-OF-SETTINGS [first]. With `first` it checks once, writes the list, and reloads nothing.
set -euo pipefail

main() {
    read_settings "$1"
    if [[ ${2:-} == first ]]; then
        probe_backends
        HEALTHY=("${ANSWERED[@]}")
        write_list
        return
    fi
    read_list
    apply_list
    while sleep "$INTERVAL"; do
        probe_backends
        if health_changed || [[ $DUE == true ]]; then apply_list; fi
    done
}

read_settings() {
    local key value i
    while IFS='=' read -r key value; do declare -g "$key=$value"; done <"$1"
    read -ra BACKENDS <<<"$BACKENDS"
    HEALTHY=() SUCCESSES=() FAILURES=() DROPPED=() # DROPPED: became unhealthy since nginx was told last.
    # CHANGED: the list is another one than nginx has read. DUE: the last attempt to tell nginx failed.
    CHANGED=false DUE=false
    for i in "${!BACKENDS[@]}"; do HEALTHY[i]=false SUCCESSES[i]=0 FAILURES[i]=0 DROPPED[i]=false; done
}

# A listed backend was healthy when the list was written; any other must pass RISE checks first.
read_list() {
    local i
    for i in "${!BACKENDS[@]}"; do
        if grep -qsF "server ${BACKENDS[i]} max_fails" "$FILE"; then HEALTHY[i]=true; fi
    done
}

# Asks all backends at the same time.
probe_backends() {
    local i probes=()
    for i in "${!BACKENDS[@]}"; do
        curl --silent --fail --insecure --max-time "$TIMEOUT" --output /dev/null "https://${BACKENDS[i]}/readyz" &
        probes[i]=$!
    done
    for i in "${!BACKENDS[@]}"; do
        if wait "${probes[i]}"; then ANSWERED[i]=true; else ANSWERED[i]=false; fi
    done
}

# True when a backend became healthy or unhealthy with its last answer.
health_changed() {
    local i changed=false
    for i in "${!BACKENDS[@]}"; do
        if [[ ${ANSWERED[i]} == true ]]; then
            SUCCESSES[i]=$((SUCCESSES[i] + 1)) FAILURES[i]=0
        else
            SUCCESSES[i]=0 FAILURES[i]=$((FAILURES[i] + 1))
        fi
        if [[ ${HEALTHY[i]} == false ]] && ((SUCCESSES[i] >= RISE)); then
            HEALTHY[i]=true DROPPED[i]=false changed=true
        elif [[ ${HEALTHY[i]} == true ]] && ((FAILURES[i] >= FALL)); then
            HEALTHY[i]=false DROPPED[i]=true changed=true
        fi
    done
    [[ $changed == true ]]
}

# Until nginx has read the new list, it sends clients to the unhealthy backend, so the connections to that backend are closed again then.
apply_list() {
    local i
    if write_list && reload_if_changed; then
        DUE=false
    elif [[ $DUE == false ]]; then
        DUE=true
        echo "nginx did not get the new list of backends; trying again. nginx also reads the list when it starts" >&2
    fi
    if ((${#LISTED[@]} == 0)); then return; fi
    for i in "${!BACKENDS[@]}"; do
        if [[ ${DROPPED[i]} == true ]]; then ss --kill --no-header state established dst "${BACKENDS[i]}" >/dev/null 2>&1 || true; fi
        if [[ $DUE == false ]]; then DROPPED[i]=false; fi
    done
}

# nginx's own passive check remains: it retries a failed connection at another backend. Callers test the result, which turns `set -e` off
# in here: a full disk must not leave an empty list.
write_list() {
    local i
    LISTED=()
    for i in "${!BACKENDS[@]}"; do
        if [[ ${HEALTHY[i]} == true ]]; then LISTED+=("${BACKENDS[i]}"); fi
    done
    for i in "${!BACKENDS[@]}"; do
        if [[ ${HEALTHY[i]} == true ]] || ((${#LISTED[@]} == 0)); then
            printf 'server %s max_fails=1 fail_timeout=1s;\n' "${BACKENDS[i]}"
        else
            printf 'server %s down;\n' "${BACKENDS[i]}"
        fi
    done >"$FILE.new" || return
    chmod 0644 "$FILE.new" || return
    if cmp -s "$FILE.new" "$FILE"; then return; fi
    mv -f "$FILE.new" "$FILE" || return
    CHANGED=true
    echo "healthy backends: ${LISTED[*]:-none, so all are tried}" >&2
}

reload_if_changed() {
    if [[ $CHANGED == false ]]; then return; fi
    reload && CHANGED=false
}

# The process of the pod changes with each restart of the pod, so it is looked up each time. A containerd that hangs must not hold up the checks.
reload() {
    local containers process
    if [[ $KIND == service ]]; then
        systemctl reload nginx
        return
    fi
    containers=$(crictl --timeout 3s ps --quiet --state Running --name '^load-balancer$') || return
    if [[ -z $containers ]]; then return; fi
    process=$(crictl --timeout 3s inspect --output go-template --template '{{.info.pid}}' "${containers%%$'\n'*}") || return
    # A container that has just ended has the process 0.
    ((process > 0)) && kill -HUP "$process"
}

main "$@"
