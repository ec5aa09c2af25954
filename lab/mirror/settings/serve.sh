#!/bin/bash
# The mirror's whole life: the web server and the registry; when one ends, both do.
nginx -c /etc/lab/nginx.conf -g 'daemon off;' &
docker-registry serve /etc/lab/registry.yml &
wait -n
