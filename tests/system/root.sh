#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# A Debian whose root file system is on a noxs disk: Debian's kernel, and an
# initramfs that initramfs-tools made with the hook of noxs-dkms. It boots to a
# login, makes a menu of GRUB's, is shut down, and boots again by pygrub, which reads
# that on the disk. root.host has made it.
#
# kernels: 6.1 6.12
# cost: boots 1 guests 10 seconds 600

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

DISK=/dev/disk/by-id/virtio-debian
# Systemd takes minutes on a machine that has other things to do.
DEADLINE=900

log_of() {
	echo "/var/log/chaos/console-$1.log"
}

# boot NAME VDEV [LINE…] - make a guest of the disk, which is called so, with a kernel and
# an initramfs of dom0's
boot() {
	guest_config "$1" "kernel = '$GUESTS/vmlinuz'" \
		"ramdisk = '/share/initrd.img'" "memory = 384" \
		"disk = [ 'phy:$DISK,$2,w' ]" "${@:3}" +quiet > "$work/$1.cfg"
	chaos create "$work/$1.cfg"
}

# With those on the disk: its menu says which they are, and where its root is.
boot_by_menu() { # boot_by_menu NAME
	useradd -r chaos-boot
	guest_config "$1" "bootloader = 'pygrub'" "memory = 384" \
		"disk = [ 'phy:$DISK,xvda,w' ]" +quiet |
		grep -vE '^(kernel|ramdisk) =' > "$work/$1.cfg"
	chaos create "$work/$1.cfg"
}

# attach NAME - type there what is written to descriptor 3
attach() {
	mkfifo "$work/keys"
	chaos console "$1" < "$work/keys" > "$work/screen" &
	exec 3> "$work/keys"
}

# detach NAME - the guest has gone, or a test has failed
detach() {
	chaos destroy "$1" 2> /dev/null || true
	exec 3>&-
	wait
	rm "$work/keys"
}

is_gone() {
	! chaos list -j | jq -er --arg name "$1" '.[] | select(.name == $name)'
}

# on_screen NAME TEXT - wait for it, or for the end of the guest
on_screen() {
	wait_for "'$2' appears" appeared "$@" || true
	grep -aF "$2" "$(log_of "$1")" || {
		tail -n 60 "$(log_of "$1")"
		return 1
	}
}

appeared() {
	grep -aqF "$2" "$(log_of "$1")" || is_gone "$1"
}

# The shell there is one that edits no lines, and the terminal shows nothing of
# what is typed.
log_in() { # log_in NAME
	on_screen "$1" 'debian login: '
	echo root >&3
	on_screen "$1" 'Password: '
	echo noxs >&3
	on_screen "$1" 'root@debian:~# '
	echo "exec sh -c 'stty -echo; exec sh'" >&3
	in_shell "$1" true
}

# in_shell NAME COMMAND… - run it there, by the shell; print what it says
in_shell() {
	local mark=$RANDOM$RANDOM
	# What is typed may appear, and is not to look like what is printed.
	echo "echo '<'$mark; ${*:2}; echo $mark'>'\$?" >&3
	on_screen "$1" "$mark>" > "$work/said" || { cat "$work/said"; return 1; }
	tr -d '\r' < "$(log_of "$1")" |
		sed -n "/<$mark/,/$mark>/p" > "$work/said"
	sed '1d;$d' "$work/said"
	grep -q "$mark>0$" "$work/said" || {
		echo "$1: ${*:2}: $(cat "$work/said")"
		return 1
	}
}

has_no_other_disk() { # has_no_other_disk NAME DISK
	is "disks" "$(in_shell "$1" lsblk -ndo NAME,FSTYPE,LABEL | xargs)" \
		"$2 ext4 debian"
	is "devices of xenbus" "$(in_shell "$1" ls /sys/bus/xen/devices)" ""
	is "its driver" "$(in_shell "$1" 'grep ^xen_blkfront /proc/modules || :')" ""
}

root_is_noxs() { # root_is_noxs NAME SOURCE DISK
	in_shell "$1" findmnt /
	is "what / is" "$(in_shell "$1" findmnt -no SOURCE,FSTYPE /)" \
		"$2 ext4"
	is "the link" "$(in_shell "$1" readlink "/dev/xvd${3#nxd}")" "$3"
	in_shell "$1" 'findmnt -no OPTIONS / | grep -w rw'
	is "the driver of the disk" "$(in_shell "$1" \
		basename "\$(readlink /sys/block/$3/device/driver)")" noxs_blkfront
}

runs_debians_kernel() { # runs_debians_kernel NAME
	in_shell "$1" uname -rv | grep -E '^[0-9.-]+-amd64 .* Debian '
	in_shell "$1" 'modinfo -n noxs_blkfront' | grep -x '/lib/modules/.*/updates/dkms/.*'
}

# All that systemd started is well.
all_is_well() { # all_is_well NAME
	wait_for "$1 has booted" has_booted "$1"
	is "failed units" "$(in_shell "$1" systemctl --failed --plain --no-legend)" ""
}

has_booted() {
	[[ $(in_shell "$1" 'systemctl is-system-running || :') =~ ^(running|degraded)$ ]]
}

writes() {
	in_shell first 'head -c 3000000 /dev/urandom > /root/bytes'
	in_shell first sha256sum /root/bytes > "$work/sum"
	grep -E '^[0-9a-f]{64}  /root/bytes$' "$work/sum"
}

wrote() {
	is "the file" "$(in_shell second sha256sum /root/bytes)" "$(< "$work/sum")"
	# A journal with anything in it would be one that nobody closed.
	is "recoveries" \
		"$(in_shell second 'dmesg | grep -i nxda.*recover || :')" ""
}

# What an installer does once; from then on, each new kernel's package does the rest.
makes_menu() {
	in_shell first mkdir /boot/grub
	in_shell first update-grub
	is "what it took for the root" "$(in_shell first grub-probe -t device /)" \
		/dev/nxda2
}

menu_was_used() {
	in_shell second cat /proc/cmdline | tee "$work/cmdline"
	grep -E '^root=UUID=[-0-9a-f]{36} ro ' "$work/cmdline"
}

shuts_down() { # shuts_down NAME
	chaos shutdown -w "$DEADLINE" "$1"
	is_gone "$1"
	kernel_ended "$(log_of "$1")"
}

# It was there before udevd, which makes links.
udevadm trigger --settle --subsystem-match=block
bridge_up
ledger_open
check "a guest with a Debian as its second partition" boot first xvda2 +root=/dev/xvda2 +ro
attach first
check "a login, on its console" log_in first
check "the kernel is Debian's, the modules are where DKMS puts them" \
	runs_debians_kernel first
check "its root is a noxs disk" root_is_noxs first /dev/xvda2 nxda2
check "it has no other disk, and none by xenbus" has_no_other_disk first nxda2
check "systemd has no unit that failed" all_is_well first
check "it writes a file" writes
check "it makes a menu of GRUB's" makes_menu
check "it shuts down" shuts_down first
detach first
check "pygrub finds its kernel, and where its root is" boot_by_menu second
attach second
check "a login, again" log_in second
check "its kernel was told what the menu says" menu_was_used
check "its root is a noxs disk, again" root_is_noxs second /dev/nxda nxda
check "the file is there; the file system was left clean" wrote
check "it shuts down, again" shuts_down second
detach second
ledger_close
bridge_down
done_testing
