# shellcheck shell=bash
# Files of the configuration on a host. What stood at their paths before comes back when they leave.

# SETUP_RECORD has the row of each file that is ours; SETUP_FORMER what stood at its path, where anything did; SETUP_FOLDERS the folders
# that were made for them.
readonly SETUP_RECORD=$STATE/setup-files SETUP_FORMER=$STATE/setup-former SETUP_FOLDERS=$STATE/setup-folders

# write_setup_files WHICH: `source` or `other`. Files that the package manager or modprobe reads come before what they are for.
write_setup_files() {
    local which=$1
    write_files_of "${#SETUP_FILES[@]}" "${SETUP_FILES[@]}" "${SETUP_FILE_CONTENTS[@]}"
    write_files_of "${#SETUP_SECRET_FILES[@]}" "${SETUP_SECRET_FILES[@]}" "${SETUP_SECRET_CONTENTS[@]}"
}

# write_files_of COUNT ROW… CONTENT…: as many of each.
write_files_of() {
    local count=$1 i
    shift
    (($# == 2 * count)) || die "got $(($# - count)) contents of files, expected $count; nothing was written"
    for ((i = 1; i <= count; i++)); do
        if [[ $(kind_of_file "${!i}") == "$which" ]]; then write_setup_file "${@:i:1}" "${@:i+count:1}"; fi
    done
}

# kind_of_file ROW
kind_of_file() {
    case $1 in
        /etc/apt/* | /usr/share/keyrings/* | /etc/yum.repos.d/* | /etc/dnf/* | /etc/yum.conf\ * | /etc/pki/* | /etc/modprobe.d/*) printf source ;;
        *) printf other ;;
    esac
}

# write_setup_file ROW CONTENT: copies the former file aside only when the new one is complete. A write that fails leaves nothing to restore.
write_setup_file() {
    local row=$1 content=$2 path mode owner restarts new
    read -r path mode owner restarts <<<"$row"
    if [[ -d $path && ! -L $path ]]; then die "$path is a folder; expected a file, or nothing"; fi
    make_setup_folder "$(dirname "$path")"
    new=$(mktemp "${path%/*}/.${path##*/}.XXXXXX")
    # chown takes setuid away, so the mode comes last.
    { printf '%s' "$content" >"$new" && chown "$owner" "$new" && chmod "$mode" "$new"; } || {
        rm -f "$new"
        die "cannot write $path with mode $mode and owner $owner; see the error above"
    }
    keep_former_file "$row"
    if is_same_file "$new" "$path"; then
        rm -f "$new"
        return
    fi
    log "writing $path"
    mark_restarts "$path" "$restarts"
    mv -fT "$new" "$path"
}

is_same_file() { [[ ! -L $2 && $(stat -c '%a %U:%G' "$1") == "$(stat -c '%a %U:%G' "$2" 2>/dev/null)" ]] && cmp -s "$1" "$2"; }

# keep_former_file ROW: copies what stands there, once, and records the file before it is written.
keep_former_file() {
    local row=$1 path=${1%% *}
    if [[ -z $(recorded_row "$path") ]]; then
        rm -rf "${SETUP_FORMER:?}$path"
        if [[ -e $path || -L $path ]]; then
            install -d -m 0700 "$SETUP_FORMER${path%/*}"
            cp -a "$path" "$SETUP_FORMER$path"
        fi
    fi
    record_rows "$row" "$path"
}

recorded_row() { awk -v path="$1" '$1 == path' "$SETUP_RECORD" 2>/dev/null; }

# record_rows ROW PATH: ROW in the place of the one of PATH; an empty one removes it.
record_rows() {
    {
        if [[ -e $SETUP_RECORD ]]; then awk -v path="$2" '$1 != path' "$SETUP_RECORD"; fi
        if [[ -n $1 ]]; then printf '%s\n' "$1"; fi
    } | write_file "$SETUP_RECORD" 0600
}

# Records the folders that it makes, each after the one that has it.
make_setup_folder() {
    [[ ! -d $1 ]] || return 0
    if [[ -e $1 || -L $1 ]]; then die "$1 is a file; expected a folder, or nothing"; fi
    make_setup_folder "$(dirname "$1")"
    lines "$(cat "$SETUP_FOLDERS" 2>/dev/null)" "$1" | grep . | write_file "$SETUP_FOLDERS" 0600
    mkdir -m 0755 "$1"
}

# After the change of what read them: a static pod may still name such a file until then.
restore_undeclared_files() {
    local path restarts
    [[ -e $SETUP_RECORD ]] || return 0
    while read -r path _ _ restarts; do
        if ! is_declared_file "$path"; then restore_file "$path" "$restarts"; fi
    done < <(cat "$SETUP_RECORD")
}

# leaving_file_restarts COMPONENT: true when a file that leaves the configuration restarts it.
leaving_file_restarts() {
    local path restarts
    [[ -e $SETUP_RECORD ]] || return 1
    while read -r path _ _ restarts; do
        if ! is_declared_file "$path" && [[ " $restarts " == *" $1 "* ]]; then return; fi
    done <"$SETUP_RECORD"
    return 1
}

is_declared_file() { lines "${SETUP_FILES[@]}" "${SETUP_SECRET_FILES[@]}" | awk '{print $1}' | grep -xF -- "$1" >/dev/null; }

# restore_file PATH RESTARTS: what stood there before comes back. Its copy stays until the record of the file is gone: an interrupted
# run must not take the former file for ours. Where the file cannot be put back, it fails, and the copy and the record stay.
restore_file() {
    local former=$SETUP_FORMER$1
    if [[ -d $1 && ! -L $1 ]]; then
        log "warning: $1 is a folder by now, and is left as it is"
    elif [[ -f $former && ! -L $former ]] && is_same_file "$former" "$1"; then
        : # The program never replaced this file, or has put it back.
    elif [[ -e $former || -L $former ]]; then
        log "restoring the former $1"
        mark_restarts "$1" "$2"
        { mkdir -p "$(dirname "$1")" && cp -a "$former" "$former.restored" && mv -fT "$former.restored" "$1"; } || return
    elif [[ -e $1 || -L $1 ]]; then
        log "removing $1"
        mark_restarts "$1" "$2"
        rm -f "$1" || return
    fi
    record_rows "" "$1" || return
    rm -f "$former"
}

restore_all_files() {
    local path restarts left=()
    if [[ -e $SETUP_RECORD ]]; then
        while read -r path _ _ restarts; do restore_file "$path" "$restarts" || left+=("$path"); done < <(cat "$SETUP_RECORD")
    fi
    ((${#left[@]} == 0)) ||
        die "could not put back the former ${left[*]}; see the error above. This host keeps the former files in $SETUP_FORMER. Remove the" \
            "cause of the error, and run the same command again"
    if [[ -e $SETUP_FOLDERS ]]; then
        tac "$SETUP_FOLDERS" | while read -r path; do rmdir --ignore-fail-on-non-empty "$path" 2>/dev/null || true; done
    fi
}
