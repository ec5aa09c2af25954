# shellcheck shell=bash
# Files are written beside their place and then moved, so that a cut never leaves half a file.

# What this project knows of a host lives here; `reset` removes it.
readonly STATE=${STATE:-/var/lib/pulumi-kubeadm}

# write_file PATH [MODE]: from standard input; true when the content changed, false when it already was so.
write_file() {
    local path=$1 mode=${2:-0644} folder=${1%/*} new
    # A folder that is there keeps its permissions: it may be the administrator's.
    [[ -d $folder ]] || install -d -m 0755 "$folder"
    # Hidden: the kubelet takes any other file in its folder for a pod, a half-written one too.
    new=$(mktemp "$folder/.${path##*/}.XXXXXX")
    # Callers ask "did it change?", which turns `set -e` off in here: a full disk must not pass for "unchanged".
    { cat >"$new" && chmod "$mode" "$new"; } || die "cannot write $path"
    if cmp -s "$new" "$path"; then
        rm -f "$new"
        return 1
    fi
    mv -f "$new" "$path" || die "cannot write $path"
}

# write_secret PATH CONTENT: readable by root alone.
write_secret() {
    printf '%s\n' "$2" | write_file "$1" 0600 || true
}

# The preamble of `prepare` is the desired state of this host; later phases read it from disk.
stage_desired_state() {
    install -d -m 0700 "$STATE"
    printf '%s\n' "$PARAMETERS" | write_file "$STATE/desired.env" 0600 || true
}

load_desired_state() {
    [[ -r $STATE/desired.env ]] || die "nothing is staged on this host; its prepare step has not run here"
    # shellcheck source=/dev/null
    source "$STATE/desired.env"
}

# A host belongs to this cluster once its bootstrap has ended well; the mark is the cluster's identity (its CA).
host_is_member() { [[ -e $STATE/member && $(<"$STATE/member") == "$CLUSTER_ID" ]]; }

mark_member() { printf '%s\n' "$CLUSTER_ID" | write_file "$STATE/member" 0600 || true; }

# ROLLOUT_DIGEST stands for the part of the desired state whose change calls for a rollout on a live node.
rollout_is_due() { [[ ! -e $STATE/applied || $(<"$STATE/applied") != "$ROLLOUT_DIGEST" ]]; }

# The same for the etcd member, which has a change of its own.
member_is_due() { [[ ! -e $STATE/etcd-applied || $(<"$STATE/etcd-applied") != "$ETCD_DIGEST" ]]; }

mark_member_applied() { printf '%s\n' "$ETCD_DIGEST" | write_file "$STATE/etcd-applied" 0600 || true; }

# Preflight holds what is asked for later against it.
mark_etcd_layout() { [[ -z ${ETCD_LAYOUT:-} ]] || printf '%s\n' "$ETCD_LAYOUT" | write_file "$STATE/etcd-layout" 0600 || true; }

mark_applied() { printf '%s\n' "$ROLLOUT_DIGEST" | write_file "$STATE/applied" 0600 || true; }

# The whole staged state, the scripts' own version included, has been applied here: on a new node, whose rollout is one
# of many in a row, there is nothing to look at again.
staged_is_applied() { [[ -e $STATE/staged-applied && $(<"$STATE/staged-applied") == "$(staged_digest)" ]]; }

mark_staged_applied() { staged_digest | write_file "$STATE/staged-applied" 0600 || true; }

staged_digest() { sha256sum <"$STATE/desired.env"; }
