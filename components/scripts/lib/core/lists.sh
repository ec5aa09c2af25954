# shellcheck shell=bash
# Lists: parameters that are arrays, and their rows.

# lines ITEM…: prints each in a line; nothing where there is none.
lines() { (($# == 0)) || printf '%s\n' "$@"; }

# contains WORD ITEM…: true when WORD is one of them. No item has a blank.
contains() { [[ " ${*:2} " == *" $1 "* ]]; }

# is_address WORD: true for an IP address, false for a name.
is_address() { [[ $1 =~ ^[0-9.]+$|: ]]; }

# value_of KEY ROW…: prints the second word of the row whose first word is KEY.
value_of() { lines "${@:2}" | awk -v key="$1" '$1 == key && !found {print $2; found = 1}'; }
