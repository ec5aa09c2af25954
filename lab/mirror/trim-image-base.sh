#!/bin/bash
# Turns the unpacked packages in $1 into the base of an image: less what only an installed system needs, and with the
# names that the packages' own scripts would have made.
set -euo pipefail
root=${1:?}

remove_dead_weight() {
    rm -rf "${root:?}"/{dev,var}/* "$root"/etc/{apt,dpkg,init.d,cron.d} "${root:?}"/usr/share/* "$root"/usr/lib/*/gconv
    rm -f "$root"/usr/sbin/xtables-legacy-multi "$root"/usr/sbin/*-legacy*
}

# Shell, cp and the like; a real program of the same name wins.
name_applets() {
    local applet
    while read -r applet; do
        mkdir -p "$root/$(dirname "$applet")"
        [ -e "$root/$applet" ] || [ -L "$root/$applet" ] || ln -s /bin/busybox "$root/$applet"
    done < <("$root/bin/busybox" --list-full)
}

# On Debian these are alternatives, and the nftables flavour is the default: the one the hosts use.
name_iptables() {
    local name
    for name in {iptables,ip6tables}{,-save,-restore} ebtables arptables; do
        ln -sf xtables-nft-multi "$root/usr/sbin/$name"
    done
}

# Ours takes its place and calls it: see images/nginx.
set_nginx_aside() {
    mv "$root/usr/sbin/nginx" "$root/usr/lib/nginx/nginx"
}

remove_dead_weight
name_applets
if [ -e "$root/usr/sbin/xtables-nft-multi" ]; then
    name_iptables
fi
if [ -e "$root/usr/sbin/nginx" ]; then
    set_nginx_aside
fi
