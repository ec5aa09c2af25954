#!/bin/sh
# Copies the scripts to a host, as one script for `sh` there that writes each of them. So sshd needs no SFTP server and the host no program
# that unpacks, and what a login shell prints disturbs nothing. See dial.sh for the parameters; host/copy.ts has the table COPY.

END=end-of-a-script

{
    printf 'set -eu\numask 077\nrm -rf %s.new\nmkdir %s.new\ncd %s.new\n' "$TARGET" "$TARGET" "$TARGET"
    (
        cd "$SCRIPTS" || exit
        find . -type d | sed "s/.*/mkdir -p '&'/"
        find . -type f | while IFS= read -r file; do
            printf "cat >'%s' <<'%s'\n" "$file" "$END"
            cat "$file"
            printf '%s\n' "$END"
        done
    )
    # A connection that was cut leaves the former scripts whole.
    printf 'cd ..\nrm -rf %s\nmv %s.new %s\n' "$TARGET" "$TARGET" "$TARGET"
} >"$FOLDER/stdin"

# may_answer_later: a machine that starts refuses connections, and sshd drops some where many begin at once.
may_answer_later() {
    grep -Eq "Connection (refused|timed out|closed|reset)|Operation timed out|No route to host|Host is down|kex_exchange" "$FOLDER/said"
}

tries=0
status=0
# shellcheck disable=SC2153 # a parameter
while [ "$tries" -lt "$TRIES" ]; do
    tries=$((tries + 1))
    rm -f "$FOLDER/progress"
    status=0
    dial "$FOLDER" >/dev/null || status=$?
    if [ "$status" != 255 ] || ! may_answer_later; then break; fi
done
if [ "$status" = 255 ]; then
    say "error: no login as $LOGIN; see what ssh says above"
    exit 1
fi
if [ "$status" != 0 ]; then
    say "error: the scripts could not be written to $TARGET in the home of $LOGIN; see above"
    exit 1
fi
