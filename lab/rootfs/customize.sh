#!/bin/bash
# Makes the fresh root filesystem $1 what a machine's administrator hands over: an `ops` user, no identity of its own
# yet, and nothing that does things by the clock. Runs as mmdebstrap's customize hook.
set -euo pipefail
root=$1

create_ops_user() {
    chroot "$root" useradd --create-home --shell /bin/bash ops
    echo 'ops ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/ops"
    chmod 0440 "$root/etc/sudoers.d/ops"
}

# Every disk gets its own when it is made.
forget_identity() {
    rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/machine-id" "$root/var/lib/dbus/machine-id"
    rm -f "$root/etc/hostname" "$root/etc/resolv.conf" "$root/etc/apt/sources.list"
}

# Timers would take the package manager's lock at odd moments; consoles and block devices are not there.
mask_units() {
    local unit
    for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
        e2scrub_reap.service systemd-pstore.service getty.target console-getty.service; do
        ln -sf /dev/null "$root/etc/systemd/system/$unit"
    done
}

# A lab's power cut keeps the page cache, so syncing each unpacked file would only cost time.
speed_up_packages() {
    echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/lab"
    printf '%s "%s";\n' Acquire::Languages none APT::Keep-Downloaded-Packages false >"$root/etc/apt/apt.conf.d/80lab"
}

create_ops_user
forget_identity
mask_units
speed_up_packages
