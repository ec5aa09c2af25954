#!/bin/sh
# Releases a host that leaves the program: runs `release` there. See dial.sh for the parameters.
# A host that does not answer stays as it is, so that a machine that is powered off can leave the program. A refused login,
# a changed host key or an unreadable key is a failure.
# PULUMI_COMMAND_STDOUT is the host's claim.

printf "%sCLAIM='%s'\n" "$STDIN" "${PULUMI_COMMAND_STDOUT:-}" >"$FOLDER/stdin"
status=0
dial "$FOLDER" || status=$?
if [ "$status" != 255 ]; then
    exit "$status"
fi
if host_is_silent "$FOLDER"; then
    say "warning: the host did not answer; it was left as it is"
    exit 0
fi
say "error: ssh could not release the host, see above. If the machine is gone for good: pulumi state delete, with the URN of this resource"
exit 1
