#!/bin/sh
# Asks several hosts at the same time, and prints their answers as one JSON list. A host that does not answer is a failure.
# Its parameters are the table QUESTIONS in host/ask.ts, the key, and for each host HOST_1 … HOST_n with its parameters of dial.sh.

ask() {
    mkdir "$FOLDER/$1"
    eval "eval \"\$HOST_$1\""
    printf '%s' "$STDIN" >"$FOLDER/$1/stdin"
    status=0
    dial "$FOLDER/$1" >"$FOLDER/$1/answer" || status=$?
    if [ "$status" = 255 ] && host_is_silent "$FOLDER/$1"; then
        say "error: the host does not answer, so it is unknown $QUESTION"
    fi
    exit "$status"
}

asked=""
number=0
while [ "$number" -lt "$HOSTS" ]; do
    number=$((number + 1))
    ask "$number" &
    asked="$asked $!"
done
failed=0
for process in $asked; do
    wait "$process" || failed=1
done
if [ "$failed" = 1 ]; then
    exit 1
fi

printf '['
number=0
while [ "$number" -lt "$HOSTS" ]; do
    number=$((number + 1))
    if [ "$number" -gt 1 ]; then
        printf ','
    fi
    # A login shell may have printed lines of its own before.
    printf '%s' "$(awk -v mark="$MARK" 'answer {print} $0 == mark {answer = 1}' "$FOLDER/$number/answer")"
done
printf ']'
