#!/bin/bash
# Makes the templates in $1, which are for Calico's fork of BIRD, do for Debian's. The fork has an attribute krt_tunnel,
# which sends a route through IPIP; declared as a variable, it can be set all the same, and nothing is tunnelled.
set -euo pipefail
template=${1:?}/etc/calico/confd/templates/bird_ipam.cfg.template
filter='filter calico_kernel_programming'

grep -qx "$filter {" "$template"
sed -i "s/^$filter {/$filter\nstring krt_tunnel;\n{/" "$template"

# The liveness probe calls it where upstream's image has it.
mkdir -p "$1/usr/bin"
ln -s /usr/sbin/birdcl "$1/usr/bin/birdcl"
