#!/usr/bin/env bash
# The entry of a login that is not root: sudo.sh PHASE ACTION runs run.sh by sudo. The first line of its standard input is the
# parameter SUDO_PASSWORD, the rest is the input of run.sh.
#
# sudo gets the password and then the end of its input, so it never takes a parameter for a password. run.sh gets its input past sudo,
# through a pipe of this process, so it is the same whether sudo has asked or not.
set -euo pipefail
export LC_ALL=C

main() {
    local password how=(-n) status=0
    IFS= read -r password
    # The environment may have a variable of this name, which would be exported.
    unset -v SUDO_PASSWORD
    eval "$password"
    # -k: this password lets no later command of the user run without one.
    if [[ -n $SUDO_PASSWORD ]]; then how=(-k -S -p ''); fi
    exec 3< <(cat) 4< <(printf '%s\n' "$SUDO_PASSWORD")
    sudo "${how[@]}" bash "${BASH_SOURCE[0]%/*}/run.sh" "$@" "/proc/$$/fd/3" <&4 || status=$?
    if ((status != 0)); then explain_refusal "$1" "$status" >&2; fi
    exit "$status"
}

# run.sh begins with reading its whole input, so an input that is still there is one that sudo has not let run.sh see.
explain_refusal() {
    local host fault
    host=$(sed -n "s/^NODE_NAME='\(.*\)'$/\1/p" <&3)
    if [[ -z $host ]]; then return; fi
    if (($2 == 127)); then
        fault="this host has no sudo; install it, or log in as root (ssh.user)"
    elif [[ -n $SUDO_PASSWORD ]]; then
        fault="got a password with which sudo refuses the user $(id -un), expected that user's, and that sudoers allows the user to run any command; see the line above"
    else
        fault="got none, and sudo refuses the user $(id -un) without one; set it, or allow sudo without a password (NOPASSWD)"
    fi
    printf '[%s] %s: error: ssh.sudoPassword: %s; nothing was changed\n' "$1" "$host" "$fault"
}

main "$@"
