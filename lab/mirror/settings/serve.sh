#!/bin/bash
# Runs the mirror's web server and registry. When one of them ends, the container ends.
nginx -c /etc/lab/nginx.conf -g 'daemon off;' &
docker-registry serve /etc/lab/registry.yml &
wait -n
