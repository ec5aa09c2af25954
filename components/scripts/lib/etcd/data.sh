# shellcheck shell=bash
# The data directory of the etcd member on this host, and the mark that a member ran here.

make_etcd_data_folder() {
    # Parent folders get the usual permissions: they hold no secret.
    (umask 022 && mkdir -p "$(dirname "$ETCD_DATA")")
    install -d -m 0700 "$ETCD_DATA"
    if [[ $ETCD_RUNTIME == systemd ]]; then
        chown etcd:etcd "$ETCD_DATA"
    fi
}

# A member has data once it has a write-ahead log, which etcd moves into place as a whole. A member that failed before that, for
# example because its list of members was wrong, leaves files that the next start must not find.
etcd_has_data() { [[ -e $1/member/wal ]]; }

set_etcd_data_aside() {
    if [[ -d $1/member ]]; then mv "$1/member" "$1/member.$(date +%s).stale"; fi
}

# etcd_ran_here DATA: true when a member has run on this host.
etcd_ran_here() {
    if [[ -e $STATE/etcd-ran ]]; then return; fi
    [[ -n $1 ]] && compgen -G "$1/member*/wal" >/dev/null
}

mark_etcd_ran() { write_file "$STATE/etcd-ran" 0600 </dev/null; }
