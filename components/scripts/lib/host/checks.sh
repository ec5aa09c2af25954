# shellcheck shell=bash
# The checks of preflight, by name. Each reports its faults and goes on, so that all of them are told at once, with the names by which
# the configuration makes them warnings (preflight.warn) or leaves them out (preflight.skip).

# A row each: check, what was found, what to do, separated by US (0x1f).
FAULTS=() WARNINGS=()

# is_left_out CHECK: names the check that runs from here on.
is_left_out() {
    running_check=$1
    contains "$1" "${PREFLIGHT_SKIP[@]}" || return 1
    log "the check '$1' is left out, as preflight.skip says"
}

# fault FOUND… [-- REMEDY…]: of the check that runs. A check that the configuration makes a warning has no faults.
fault() {
    if contains "$running_check" "${PREFLIGHT_WARN[@]}"; then add_row WARNINGS "$@"; else add_row FAULTS "$@"; fi
}

# warning FOUND… [-- REMEDY…]
warning() { add_row WARNINGS "$@"; }

add_row() {
    local -n rows=$1
    local found=()
    shift
    while (($# > 0)) && [[ $1 != -- ]]; do
        found+=("$1")
        shift
    done
    rows+=("$running_check"$'\x1f'"${found[*]//$'\n'/ }"$'\x1f'"${*:2}")
}

# Ends the phase where there is a fault.
report_checks() {
    if ((${#WARNINGS[@]})); then
        log "warning: preflight has found:"
        table_of "${WARNINGS[@]}"
    fi
    ((${#FAULTS[@]})) || return 0
    log "error: ${#FAULTS[@]} fault(s); no host was changed:"
    table_of "${FAULTS[@]}"
    exit 1
}

# table_of ROW…: the host, the check, what was found, and below it what to do.
table_of() {
    local row check found remedy
    for row in "$@"; do
        IFS=$'\x1f' read -r check found remedy <<<"$row"
        printf '  %-8s %-22s %s\n' "$NODE_NAME" "$check" "$(in_column 34 "$found")" >&2
        note "$check: $found"
        if [[ -n $remedy ]]; then printf '%36s%s\n' "" "$(in_column 36 "to do: $remedy")" >&2; fi
    done
}

# in_column INDENT TEXT: breaks it between words, so that the table fits a terminal of 120 columns with what Pulumi puts before each line.
in_column() {
    awk -v width="$((112 - $1))" -v indent="$(printf "%$1s" "")" '{
        line = $1
        for (i = 2; i <= NF; i++) {
            if (length(line) + length($i) < width) { line = line " " $i } else { print line; line = $i; printf "%s", indent }
        }
        print line
    }' <<<"$2"
}

# Names of the configuration (hostAliases) that `prepare` will write to /etc/hosts: preflight looks them up itself. The options are curl's.
ALIAS_OPTIONS=()
read_aliases() {
    local address name names
    while read -r address names; do
        if [[ $address == *:* ]]; then address="[$address]"; fi
        for name in $names; do ALIAS_OPTIONS+=(--connect-to "$name::$address:"); done
    done < <(lines "${SETUP_ALIASES[@]}")
}

# alias_address NAME: prints its address where the configuration has one, else the name.
alias_address() {
    local found
    found=$(lines "${SETUP_ALIASES[@]}" | awk -v name="$1" '{for (i = 2; i <= NF; i++) if ($i == name && !found) {print $1; found = 1}}')
    printf '%s' "${found:-$1}"
}
