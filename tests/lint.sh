#!/usr/bin/env bash
# Style of everything that is checked in: TypeScript (eslint, prettier), shell (shellcheck, shfmt), Go (gofmt, vet).
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t scripts < <(git ls-files '*.sh' 'tests/scripts/fakes/*' '.ci/run' lab/mirror/images/nginx/usr/sbin/nginx)
faults=0
run() {
    printf '%s\n' "$1"
    shift
    "$@" || faults=$((faults + 1))
}

# A reader that ends before its pipe does: SIGPIPE may end the writer then, which `pipefail` takes for a failure.
early_reader='[^|]\| *(head|grep -[[:alnum:]]*[qm]|awk [^|]*; *exit)'

run eslint eslint --max-warnings 0 index.ts components tools lab tests
run prettier prettier --log-level warn --check index.ts components tools lab tests
run shellcheck shellcheck --external-sources "${scripts[@]}"
run shfmt shfmt --indent 4 --case-indent --diff "${scripts[@]}"
# shellcheck disable=SC2016
run pipes awk -v early="$early_reader" '$0 ~ early {print FILENAME ":" FNR ": got a reader that stops early: " $0; faults++} END {exit faults > 0}' "${scripts[@]}"
exit "$((faults > 0))"
