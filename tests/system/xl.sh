#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Beside xenstored and xl: a guest of xl's with the stock drivers, and guests of
# chaos, on one bridge; neither side disturbs the other, whatever becomes of it
#
# cost: boots 1 guests 21 seconds 180

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/chaosd-lib.sh"

X_IP=10.0.0.21
A_IP=10.0.0.22
# What the guest of xl's receives it writes to its disk, which it also serves: as
# often as it is asked to, since the first who asks may be too early (devtmpfs' node
# of a disk can be there before it can be opened) or lose his connection.
X_RUN='until [ -b /dev/xvda ]; do sleep 0.1; done;'
X_RUN+=' while sleep 0.1; do nc.openbsd -l 5000 > /dev/xvda; sync; done &'
X_RUN+=' while sleep 0.1; do nc.openbsd -N -l 5001 < /dev/xvda; done'
DISK_BYTES=4194304

# A disk of a guest's in a file of dom0's memory.
disk_make() { # disk_make NAME
	truncate -s "$DISK_BYTES" "/dev/shm/$1"
	losetup --show -f "/dev/shm/$1" > "$work/$1.loop"
}

disk_of() {
	cat "$work/$1.loop"
}

x_create() { # x_create COMMAND
	cat > "$work/x.cfg" <<- CONFIG
		name = 'x'
		type = 'pv'
		kernel = '$KERNEL'
		ramdisk = '$GUESTS/initramfs.cpio'
		memory = $GUEST_MEMORY
		vcpus = 1
		vif = [ 'mac=00:16:3e:00:00:21,bridge=$BRIDGE' ]
		disk = [ 'phy:$(disk_of x),xvda,w' ]
		extra = 'console=hvc0 $QUICK_BOOT noxs.ip0=$X_IP/24 noxs.run="$1"'
	CONFIG
	xl create -q "$work/x.cfg"
}

# An xl that ended too early to say so.
x_gone() {
	! xl domid x
}

x_destroy() {
	xl destroy x
	wait_for "x is gone" x_gone
	wait_for "its interface is gone" no_xen_vif
}

no_xen_vif() {
	! ls -d /sys/bus/xen-backend/devices/*
}

# Before the ledger: Linux and Xen keep some of what the first one needs.
first_of_xl() {
	x_create true
	pings "$X_IP"
	x_destroy
}

beside_start() {
	x_create "$X_RUN"
	guest_create a "$(vif_line 22)" "ramdisk = '$GUESTS/initramfs.cpio'" \
		"disk = [ 'phy:$(disk_of a),xvda,w' ]" "+noxs.ip0=$A_IP/24"
	vif_connected a 0
	pings "$A_IP"
	pings "$X_IP"
}

names_of_xl() {
	xl list | tail -n +2 | cut -d' ' -f1 | sort | xargs
}

# What each of the two knows of the other's.
lists() {
	xl list
	is "domains in xl list" "$(xl list | tail -n +2 | wc -l)" 3
	xl list "$(domid_of a)"
	chaos list
	is "guests" "$(chaos list -j | jq -r '[.[].name] | join(" ")')" a
	chaos list -a
	is "domains" "$(chaos list -a -j | jq -c '[.[] | [.name, .domid]]')" \
		"[[\"Domain-0\",0],[null,$(xl domid x)],[\"a\",$(domid_of a)]]"
	is "domid in info" "$(chaos info -j "$(xl domid x)" | jq .domid)" \
		"$(xl domid x)"
	is "devices in info" "$(chaos info -j "$(xl domid x)" |
		jq -c .devices)" "[]"
	is "guests in stat" "$(chaos stat -j -d 0.1 |
		jq -r '[.[].name] | join(" ")')" a
}

# No guest of chaos' has anything in the store.
store_has_only_its_own() {
	xenstore-ls -f > "$work/store"
	is "domains" "$(xenstore-list /local/domain | sort -n | xargs)" \
		"0 $(xl domid x)"
	! grep -E "/$(domid_of a)(/|$| )" "$work/store"
}

# What isn't its own chaos leaves alone, but for "destroy -F".
hands_off() {
	local x
	x=$(xl domid x)
	fails 1 chaos destroy "$x"
	grep -q 'not a guest of chaos' "$work/stderr"
	fails 1 chaos destroy x
	fails 1 chaos pause "$x"
	fails 1 chaos shutdown "$x"
	fails 1 chaos rename "$x" y
	fails 1 chaos vif add "$x" "bridge=$BRIDGE"
	fails 1 chaos vif del "$x" 0
	is "guests" "$(xl domid x)" "$x"
	pings "$X_IP"
}

# Neither the same device, nor the file that is behind it.
disk_of_xl_is_in_use() {
	local target
	for target in "phy:$(disk_of x)" /dev/shm/x,raw; do
		fails 1 chaos vbd add a "$target,xvdb,r"
		grep -q "in use by domain $(xl domid x), xl's vbd 51712, for writing" \
			"$work/stderr"
	done
}

# Packets of one of the network drivers, disks of both of the block drivers.
all_io_at_once() {
	local sum
	head -c "$DISK_BYTES" /dev/urandom > "$work/bytes"
	sum=$(sha256sum < "$work/bytes")
	traffic_start "$A_IP"
	in_guest a sh -c 'head -c 4194304 /dev/urandom > /tmp/bytes
		dd if=/tmp/bytes of=/dev/nxda bs=64k conv=fsync' &
	writer=$!
	wait_for "x takes all bytes" to_x
	wait "$writer"
	# From xen-netback's guest to noxs_netback's, over the bridge.
	wait_for "a gets x's disk" a_gets "$sum"
	wait_for "x's disk has them" x_has "$sum"
	is "a's disk" "$(sha256sum < /dev/shm/a)" \
		"$(in_guest a sh -c 'sha256sum < /tmp/bytes')"
	in_guest a rm /tmp/bytes
	traffic_stop
}

to_x() {
	nc -v -N -w 20 "$X_IP" 5000 < "$work/bytes"
}

x_has() {
	is "x's disk" "$(sha256sum < /dev/shm/x)" "$1"
}

a_gets() {
	is "checksum" "$(in_guest a sh -c \
		"nc.openbsd -w 20 -d $X_IP 5001 | sha256sum")" "$1"
}

devices_of_a() {
	chaos info -j a | jq -c '[.devices[] |
		select(.type != "sysctl") | [.type, .epoch, .backend_state]]'
}

# Whatever the store's watchers do when a domain has gone.
xl_destroys_its_own() {
	local before
	before=$(devices_of_a)
	traffic_start "$A_IP"
	x_destroy
	is "devices of a" "$(devices_of_a)" "$before"
	traffic_stop
	pings "$A_IP"
	x_create true
	pings "$X_IP"
	is "devices of a" "$(devices_of_a)" "$before"
	in_guest a dd if=/dev/nxda of=/dev/null bs=64k
}

xl_pauses_ours() {
	xl pause "$(domid_of a)"
	is "state" "$(chaos list -j | jq -r '.[0].state')" paused
	xl unpause "$(domid_of a)"
	pings "$A_IP"
}

# Xen tells xenstored of it, and nobody else.
ours_crashes() {
	guest_create b "$(vif_line 23)"
	vif_connected b 0
	guest-exec -t 5 b sh -c 'echo c > /proc/sysrq-trigger' || true
	wait_for "chaosd has removed it" absent b
	pings "$X_IP"
	pings "$A_IP"
}

# When "shutdown -w" has ended, its name is free; chaosd and it may both remove it.
ours_is_shut_down() {
	chaos shutdown -w "$DEADLINE" a
	chaos create -qp "$work/a.cfg"
	wait_for "that was told of" happened \
		'.event == "destroyed" and .name == "a"'
}

# They share what xl's and chaos' guests take turns with: domids.
ours_is_destroyed() {
	local before
	before=$(xl domid x)
	guest_destroy a
	is "domid of x" "$(xl domid x)" "$before"
	is "names" "$(names_of_xl)" "Domain-0 x"
	pings "$X_IP"
}

# Whoever destroys it, what noxs has of it goes.
xl_destroys_ours() {
	guest_create c "$(vif_line 24)"
	vif_connected c 0
	xl destroy "$(domid_of c)"
	wait_for "chaosd has removed the rest" absent c
	wait_for "noxs has, too" no_noxs_domain
	pings "$X_IP"
}

no_noxs_domain() {
	is domains "$(cat '/sys/class/misc/xen!noxs/domains')" 0
}

# Also where nobody watches.
without_chaosd() {
	daemon_end TERM
	guest_create d "$(vif_line 25)"
	vif_connected d 0
	pings "$X_IP"
	guest_destroy d
	pings "$X_IP"
}

modprobe loop
bridge_up
disk_make x
disk_make a
xenstored_start xenstored
modprobe -a xen-netback xen-blkback
check "a guest of xl's comes and goes" first_of_xl
ledger_open
daemon_start
check "chaosd watches by itself" is virq "$(ask Status | jq .virq)" false
check "a guest of xl's and one of chaos'" beside_start
check "xl lists both, chaos its own" lists
check "xenstored knows nothing of chaos' guest" store_has_only_its_own
check "chaos leaves xl's guest alone" hands_off
check "a disk of xl's guest can't be chaos' guest's" disk_of_xl_is_in_use
check "network and disks of both at once" all_io_at_once
check "xl's guest is destroyed, and made again" xl_destroys_its_own
check "xl pauses chaos' guest" xl_pauses_ours
check "chaos' guest crashes" ours_crashes
listen
check "chaos' guest is shut down, and made again at once" ours_is_shut_down
listen_end
check "chaos' guest is destroyed" ours_is_destroyed
check "xl destroys chaos' guest" xl_destroys_ours
check "without chaosd" without_chaosd
check "xl's guest is destroyed" x_destroy
ledger_close
bridge_down
done_testing
