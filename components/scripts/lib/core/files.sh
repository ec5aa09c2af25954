# shellcheck shell=bash
# Writes files, and the marks that say what has been applied to this host. Each file is written beside its final place and then
# moved there, so that an interrupted run never leaves half a file.

# write_file PATH [MODE [MARK]]: writes standard input to PATH; an unchanged file is left alone.
write_file() { write_if_changed "$@" || true; }

# write_if_changed PATH [MODE [MARK]]: the same; true when the content changed. The file MARK is made before that.
write_if_changed() {
    local path=$1 mode=${2:-0644} mark=${3:-} folder=${1%/*} new
    # An existing folder keeps its permissions: it may be the administrator's.
    if [[ ! -d $folder ]]; then install -d -m 0755 "$folder"; fi
    # Hidden, because the kubelet takes any other file in its folder for a pod, a half-written one too.
    new=$(mktemp "$folder/.${path##*/}.XXXXXX")
    # Callers test the result, which turns `set -e` off in here: a full disk must not pass for "unchanged".
    { cat >"$new" && chmod "$mode" "$new"; } || die "cannot write $path"
    if cmp -s "$new" "$path"; then
        rm -f "$new"
        return 1
    fi
    if [[ -n $mark ]]; then touch "$mark" || die "cannot write $mark"; fi
    mv -f "$new" "$path" || die "cannot write $path"
}

# write_secret PATH CONTENT: readable by root alone.
write_secret() { printf '%s\n' "$2" | write_file "$1" 0600; }

make_state_folder() { install -d -m 0700 "$STATE"; }

# The parameters of `prepare` are the desired state of this host; later phases read it from disk. The identity is written last:
# a host without one is not prepared.
stage_desired_state() {
    expect_parts
    make_state_folder
    load_secrets
    printf '%s\n' "$PARAMETERS" | write_file "$STATE/desired.env" 0600
    write_identity
}

# What this step was sent comes last: a `prepare` whose run was killed may have staged a state that the program no longer declares.
load_desired_state() {
    require_claimed_host
    # shellcheck source=/dev/null
    source "$STATE/desired.env"
    load_secrets
    eval "$PARAMETERS"
    expect_parts
}

# The name of the file tells which secrets it has, so that a change that is taken back finds the former ones.
secrets_file() { printf '%s/secrets-%s.env' "$STATE" "$SECRETS"; }

stage_secrets() {
    make_state_folder
    printf '%s\n' "$PARAMETERS" | write_file "$(secrets_file)" 0600
}

# A step that is sent no digest needs no secret.
load_secrets() {
    if [[ -z $SECRETS ]]; then return; fi
    [[ -r $(secrets_file) ]] ||
        die "the passwords that this step needs are not staged on this host; nothing was changed. To stage them:" \
            "pulumi up --replace '**-$NODE_NAME-secrets'"
    # shellcheck source=/dev/null
    source "$(secrets_file)"
}

# Removes the secrets that this host no longer needs.
drop_other_secrets() { find "$STATE" -maxdepth 1 -name 'secrets-*.env' ! -path "$(secrets_file)" -delete; }

# keep_former NAME PATH [UNIT]: keeps what stands at PATH, a file or a folder, and whether UNIT runs, before the program takes both over.
keep_former() {
    [[ ! -e $STATE/kept-$1 ]] || return 0
    rm -rf "$STATE/former-$1" "$STATE/former-$1-runs" "$STATE/restored-$1"
    # Of a folder its content: it may be a link, or a mount point.
    if [[ -d $2 ]]; then
        cp -a "$2/." "$STATE/former-$1"
    elif [[ -e $2 || -L $2 ]]; then
        cp -a "$2" "$STATE/former-$1"
    fi
    if [[ -n ${3:-} ]] && systemctl --quiet is-active "$3"; then touch "$STATE/former-$1-runs"; fi
    touch "$STATE/kept-$1"
}

# restore_former NAME PATH [UNIT]: puts back what keep_former has kept, once: then PATH is no longer the program's.
restore_former() {
    [[ -e $STATE/kept-$1 ]] || return 0
    if [[ -d $2 && -d $STATE/former-$1 ]]; then find "$2/" -mindepth 1 -delete 2>/dev/null || true; else rm -rf "$2"; fi
    if [[ -d $STATE/former-$1 ]]; then
        mkdir -p "$2"
        cp -a "$STATE/former-$1/." "$2"
    elif [[ -e $STATE/former-$1 || -L $STATE/former-$1 ]]; then
        mkdir -p "$(dirname "$2")"
        cp -a "$STATE/former-$1" "$2"
    fi
    if [[ -e $STATE/former-$1-runs ]]; then
        log "starting $3 with its former configuration"
        systemctl daemon-reload
        systemctl enable --now --quiet "$3" || log "warning: $3 did not start with its former configuration"
    fi
    mv "$STATE/kept-$1" "$STATE/restored-$1"
}

# reload_mark NAME: the file that is there while NAME runs with another configuration than the one on disk. It is made before the new
# configuration, so that an interrupted change is not forgotten.
reload_mark() { printf '%s/reload-%s' "$STATE" "$1"; }
reload_is_due() { [[ -e $(reload_mark "$1") ]]; }
mark_reloaded() { rm -f "$(reload_mark "$1")"; }

# After a change of a unit's file.
reload_systemd_if_due() {
    if ! reload_is_due systemd; then return; fi
    systemctl daemon-reload
    mark_reloaded systemd
}

# mark NAME VALUE: remembers what was applied last. mark_is NAME VALUE: true when that is VALUE.
mark() { printf '%s\n' "$2" | write_file "$STATE/$1" 0600; }
mark_is() { [[ -e $STATE/$1 && $(<"$STATE/$1") == "$2" ]]; }

# A host belongs to this cluster once its bootstrap has succeeded; the mark is the cluster's identity (its CA).
host_joined() { mark_is joined "$CLUSTER_ID"; }
mark_joined() { mark joined "$CLUSTER_ID"; }

# ROLLOUT_DIGEST stands for the part of the desired state whose change calls for a rollout on a live node.
rollout_is_due() { ! mark_is applied "$ROLLOUT_DIGEST"; }
mark_applied() { mark applied "$ROLLOUT_DIGEST"; }

# ETCD_DIGEST stands for what restarts the etcd member, which changes on its own.
etcd_change_is_due() { ! mark_is etcd-applied "$ETCD_DIGEST"; }
mark_etcd_applied() { mark etcd-applied "$ETCD_DIGEST"; }

# Preflight compares a changed configuration with it.
mark_etcd_layout() {
    if [[ -n $ETCD_LAYOUT ]]; then mark etcd-layout "$ETCD_LAYOUT"; fi
}

mark_kubelet_flags() { mark kubelet-flags "$KUBELET_FLAGS"; }

mark_network() { mark network "$NETWORK"; }

# remove_folder FOLDER: removes its content, also behind a link of the host's own; then the folder itself, unless it is such a link or a mount point.
# File systems that are mounted below it keep their content, because they belong to the host.
remove_folder() {
    local folder mount mounted=(-false)
    folder=$(readlink --canonicalize-existing "$1") || return 0
    while read -r mount; do mounted+=(-o -path "$mount"); done < <(mounts_at "$folder/" | sed 's/[][*?]/\\&/g')
    find "$folder" -mindepth 1 \( "${mounted[@]}" \) -prune -o ! -type d -exec rm -f {} + || true
    find "$folder" -mindepth 1 \( "${mounted[@]}" \) -prune -o -type d -print0 | sort -rz | xargs -0 --no-run-if-empty rmdir 2>/dev/null || true
    if [[ -L $1 ]]; then
        printf '%s %s\n' "$1" "$(readlink "$1")" >>"$STATE/links"
    else
        rmdir "$1" 2>/dev/null || true
    fi
}

# mounts_at PREFIX: prints the mount points whose paths begin so, the deepest first.
mounts_at() {
    awk -v prefix="$1" 'index($2, prefix) == 1 {print $2}' /proc/mounts | sort -r | while read -r mount; do printf '%b\n' "$mount"; done
}

# A package that leaves takes the links of its folders along.
restore_links() {
    local link target
    [[ -e $STATE/links ]] || return 0
    while read -r link target; do
        if [[ -L $link ]]; then continue; fi
        rmdir "$link" 2>/dev/null || true
        ln -sT "$target" "$link" 2>/dev/null || log "warning: the link from $link to $target is gone, and something else is in its place"
    done <"$STATE/links"
}

# unmount_all PREFIX…: unmounts what is mounted at paths that begin so, the deepest first. A prefix's folder may be a link of the host's own.
unmount_all() {
    local prefix mount
    for prefix in "$@"; do
        prefix=$(readlink --canonicalize-missing "${prefix%/*}")/${prefix##*/}
        mounts_at "$prefix" | while read -r mount; do umount --lazy "$mount" || true; done
    done
}
