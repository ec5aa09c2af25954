#!/usr/bin/env bash
# Writes ConfigMaps through the endpoint, one after the other, until standard input ends. Prints "begin MILLISECONDS", for each
# write when it was answered, its name and the code (000 without an answer), and "end MILLISECONDS". It fails when its input
# has not ended after half an hour. write-loop.sh FOLDER-WITH-CREDENTIALS SERVER
set -euo pipefail
cd "$1"
server=$2
number=0
now() { date +%s%3N; }
printf 'begin %s\n' "$(now)"
while ((SECONDS < 1800)); do
    number=$((number + 1))
    code=$(curl --silent --output /dev/null --write-out '%{http_code}' --connect-timeout 1 --max-time 2 \
        --cacert ca.crt --cert client.crt --key client.key --header 'Content-Type: application/json' \
        --data "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"write-$number\",\"labels\":{\"writes\":\"\"}}}" \
        "$server/api/v1/namespaces/default/configmaps") || true
    printf '%s write-%s %s\n' "$(now)" "$number" "$code"
    # The pause between two writes; input that ends in it is the end.
    read -r -t 0.1 && continue
    (($? > 128)) && continue
    printf 'end %s\n' "$(now)"
    exit 0
done
exit 1
