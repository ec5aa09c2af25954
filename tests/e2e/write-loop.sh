#!/usr/bin/env bash
# Writes ConfigMaps through the endpoint, one after the other, until standard input ends (600 s at most), and says of each
# at which millisecond it was answered, and whether it was kept. write-loop.sh FOLDER-WITH-CREDENTIALS SERVER
set -euo pipefail
cd "$1"
server=$2
number=0
while ((SECONDS < 600)); do
    number=$((number + 1))
    code=$(curl --silent --output /dev/null --write-out '%{http_code}' --connect-timeout 1 --max-time 2 \
        --cacert ca.crt --cert client.crt --key client.key --header 'Content-Type: application/json' \
        --data "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"write-$number\",\"labels\":{\"writes\":\"\"}}}" \
        "$server/api/v1/namespaces/default/configmaps") || true
    printf '%s write-%s %s\n' "$(date +%s%3N)" "$number" "$code"
    # The pause between two writes; input that ends in it is the end.
    read -r -t 0.1 || (($? > 128)) || break
done
