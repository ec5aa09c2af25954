# shellcheck shell=bash
# Preflight checks that concern other hosts: whether this one reaches those that it will call (PEERS), with packets of what size, and its
# hostname.

# The ports that gave no answer: "NAME PORT". They are no faults yet: a firewall that a later step opens looks the same, so the program
# compares them with what it knows of the other host (host/closedPaths.ts).
UNREACHED=()
check_peers() {
    local row
    mapfile -t UNREACHED < <(unreached_ports | sort)
    for row in "${UNREACHED[@]}"; do log "no answer from ${row% *} at port ${row#* }"; done
}

# The program compares it with those of other hosts (host/closedPaths.ts).
check_hostname() { HOST_HOSTNAME=$(uname -n); }

# Connects to all ports side by side, so that many closed ones take no longer than one.
unreached_ports() {
    local name address ports port
    while read -r name address ports; do
        for port in $ports; do
            if [[ -n $(connection_fault "$address" "$port" 3) ]]; then printf '%s %s\n' "$name" "$port"; fi &
        done
    done < <(lines "${PEERS[@]}")
    wait
}

# connection_fault HOST PORT SECONDS: prints why there is no way to the port; nothing for a connection and for a refused one, because both
# are answers.
connection_fault() {
    local said code=0
    # shellcheck disable=SC2016 # its own parameters, by another shell
    said=$(timeout "$3" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1) || code=$?
    if ((code == 124)); then
        printf 'did not answer within %ss' "$3"
    elif ((code != 0)) && [[ $said != *"Connection refused"* && $said != *"Connection reset"* ]]; then
        head -n 1 <<<"${said##*connect: }"
    fi
}

# Large packets get lost where the network takes smaller ones than the interface: small requests work, downloads and etcd's snapshots hang.
check_mtu() {
    local name address link mtu passes
    while read -r name address link mtu passes; do
        fault "got an MTU of $mtu on $link, but a packet of that size does not reach $name ($address); $passes bytes pass," \
            "expected the whole MTU" -- "set the MTU of $link to $passes, or raise that of the network in between and of $name"
    done < <(too_large_packets | sort)
}

# Prints "NAME ADDRESS LINK MTU BYTES" for each peer that gets a small packet and none of the interface's size.
too_large_packets() {
    local name address
    type -P ping >/dev/null || return 0
    while read -r name address _; do try_packets "$name" "$address" & done < <(lines "${PEERS[@]}")
    wait
}

# A peer that answers no ping says nothing of the network.
try_packets() {
    local link mtu size passes=100
    link=$(ip -o route get "$2" 2>/dev/null | sed -nE 's/.* dev ([^ ]+) .*/\1/p')
    mtu=$(cat "/sys/class/net/$link/mtu" 2>/dev/null) || return 0
    packet_passes "$2" "$passes" || return 0
    for size in "$mtu" 8950 1500 1492 1480 1450 1420 1400 1350 1280; do
        if ((size <= mtu)) && packet_passes "$2" "$size"; then
            passes=$size
            break
        fi
    done
    if ((passes != mtu)); then printf '%s %s %s %s %s\n' "$1" "$2" "$link" "$mtu" "$passes"; fi
}

# packet_passes ADDRESS BYTES: true when one of two packets of that size passes in one piece.
packet_passes() {
    local headers=28
    if [[ $1 == *:* ]]; then headers=48; fi
    ping -n -q -c 2 -i 0.2 -W 1 -M "do" -s "$(($2 - headers))" "$1" &>/dev/null
}
