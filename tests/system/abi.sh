#!/usr/bin/env bash
# shellcheck disable=SC2016 # guests expand
# SPDX-License-Identifier: GPL-2.0
#
# Ends of different age get along: hosts and guests that know more of each structure
# than the other, or no more than they have to (hostile/age.c), and earlier releases
# (releases), which abi.host puts into /share
#
# kernels: 6.1 6.12
# cost: boots 1 guests 5 seconds 140

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/block-lib.sh"

ABI=2
modules=/usr/lib/modules/$(uname -r)/updates

# All three types of device do what they are for.
devices_work() {
	local syncs
	vif_connected g 0
	vbd_connected g 0
	wait_for "power control is connected" sysctl_connected
	in_guest g sh -c 'ip addr replace 10.0.0.2/24 dev "$(ls /sys/bus/noxs/devices/vif-0/net)"
		ip link set "$(ls /sys/bus/noxs/devices/vif-0/net)" up'
	pings 10.0.0.2 -s 1472
	wait_for "the disk is there" in_guest g test -b /dev/nxda
	in_guest g sh -c 'dd if=/dev/urandom of=/tmp/noise bs=64k count=16
		dd if=/tmp/noise of=/dev/nxda bs=64k oflag=direct
		dd if=/dev/nxda bs=64k count=16 iflag=direct | cmp - /tmp/noise'
	syncs=$(syncs_of)
	chaos sysrq g s
	wait_for "it syncs" has_synced "$syncs"
}

sysctl_connected() {
	[[ $(chaos info -j g | jq -r '.devices[] | select(.type == "sysctl") |
		.backend_state + .frontend_state') == ConnectedConnected ]]
}

syncs_of() {
	in_guest g sh -c 'dmesg | grep -c "sysrq: Emergency Sync" || true'
}

has_synced() {
	(($(syncs_of) > $1))
}

# aged [IN_GUEST…] - print how many device pages and halves were laid out anew
aged() {
	"$@" cat /sys/module/noxs_age/parameters/pages \
		/sys/module/noxs_age/parameters/halves | paste -sd' '
}

# host_ages LONGER - from now on, this host seems newer, or older
host_ages() {
	[[ ! -e /sys/module/noxs_age ]] || rmmod noxs_age
	modprobe noxs_age "longer=$1"
}

add_devices() {
	chaos vif add g id=0 mac=00:16:3e:00:00:02 bridge="$BRIDGE" > /dev/null
	chaos vbd add g "phy:$disk,nxda,w" > /dev/null
	"$SYSTEM/ctl" sysctl-add "$(domid_of g)"
}

del_devices() {
	chaos vif del -F g 0 > /dev/null
	chaos vbd del -F g 0 > /dev/null
	"$SYSTEM/ctl" sysctl-del "$(domid_of g)"
}

# A guest that finds all of it as it comes up.
newer_host() {
	local pages halves
	host_ages y
	guest_create g "$(vif_line 2)" "disk = [ 'phy:$disk,nxda,w' ]"
	devices_work
	read -r pages halves <<< "$(aged)"
	echo "$pages device pages, $halves halves"
	((pages && halves >= 3))
}

# One that is there, and gets it.
older_host() {
	local pages halves
	del_devices
	host_ages n
	add_devices
	devices_work
	read -r pages halves <<< "$(aged)"
	echo "$pages device pages, $halves halves"
	((pages && halves >= 3))
}

# Both ends' ABI, by both ends, and by chaos.
abi_is_shown() {
	local abi
	abi=$(< /sys/bus/noxs-backend/abi)
	is "the version" "${abi%.*}" "$ABI"
	is "the guest's" "$(in_guest g cat /sys/bus/noxs/abi)" "$abi"
	is "what the guest says of the host's" "$(in_guest g sh -c \
		'cat /sys/bus/noxs/devices/*/otherend_abi | sort -u')" "$abi"
	is "chaos version" \
		"$(chaos version -j | jq -r '.noxs_abi, .guests_abi[]' | paste -sd' ')" \
		"$abi $abi"
	is "chaos info" "$(chaos info -j g |
		jq -r '[.devices[].frontend_abi] | unique[]')" "$abi"
}

# guest_is LONGER - what the guest publishes from now on is longer, or shorter
guest_is() {
	local halves
	in_guest g sh -c "[ ! -e /sys/module/noxs_age ] || rmmod noxs_age
		modprobe noxs_age longer=$1
		cd /sys/bus/noxs/drivers
		for device in noxs_sysctl/sysctl-0 noxs_netfront/vif-0 \
			noxs_blkfront/vbd-0; do
			echo \${device#*/} > \${device%/*}/unbind
			echo \${device#*/} > \${device%/*}/bind
		done"
	devices_work
	read -r _ halves <<< "$(aged in_guest g)"
	echo "$halves halves"
	((halves >= 3))
}

# The documentation's frontend reads no more than the least that there is.
example() {
	printf '%s\n' "name = 'pong'" "kernel = '$SYSTEM/pong'" "memory = 8" \
		"extra = 'ip=10.0.0.50'" "$(vif_line 50)" > "$work/pong.cfg"
	chaos create -q "$work/pong.cfg"
	vif_connected pong 0
	pings 10.0.0.50
	guest_destroy pong
}

# get_along WHO ABI - there is a connection, or one line and no devices
get_along() {
	if (($2 == ABI)); then
		devices_work
		return
	fi
	in_guest g dmesg | sed 's/^\[[^]]*\] *//' | grep '^noxs' |
		grep -v taint | sort -u | tee "$work/said"
	is "lines that are said" "$(wc -l < "$work/said")" 1
	grep "$1" "$work/said"
	is "devices" "$(in_guest g sh -c 'ls /sys/bus/noxs/devices | wc -l' || true)" 0
	is "connected ends" "$(chaos info -j g |
		jq '[.devices[] | select(.frontend_state == "Connected")] | length')" 0
}

# The modules of an earlier release, in a guest that has ours no longer.
earlier_guest() { # earlier_guest VERSION ABI
	local module wanted=(core)
	# The others need the core.
	(($2 != ABI)) || wanted+=(netfront blkfront)
	in_guest g sh -c 'for module in age netfront blkfront core; do
			[ ! -e /sys/module/noxs_$module ] || rmmod noxs_$module
		done
		dmesg -c > /dev/null'
	for module in "${wanted[@]}"; do
		in_guest -i g sh -c "cat > /tmp/noxs_$module.ko
			insmod /tmp/noxs_$module.ko || true" \
			< "/share/$1/modules/noxs_$module.ko"
	done
	get_along "handle .*: no device page there (-93)" "$2"
}

# All of this host becomes one of an earlier release.
earlier_host() { # earlier_host VERSION
	# Those that are enabled belong to our modules.
	echo 0 > "$trace/events/noxs/enable"
	rmmod noxs_netback noxs_blkback noxs_core
	cp -a "/share/$1/files/." /
	cp "/share/$1/modules/"*.ko "$modules/"
	depmod
	modprobe -a noxs_netback noxs_blkback
}

our_guest() { # our_guest VERSION ABI
	local handle
	earlier_host "$1"
	guest_create g "$(vif_line 2)" "disk = [ 'phy:$disk,nxda,w' ]"
	handle=$(handle_of g)
	is "the host's ABI" "${handle:15:1}" "$2"
	get_along "the host has version $2 of noxs' ABI, this kernel $ABI: no devices" \
		"$2"
	guest_destroy g
}

disks_init
bridge_up
ledger_open
memory_disk g
check "a host that knows more than its guest" newer_host
check "the ABI of both is shown" abi_is_shown
check "its guest knows more, too" guest_is y
check "its guest knows less" guest_is n
check "the example on it" example
check "a host that knows less than its guest" older_host
check "its guest knows less, too" guest_is n
check "its guest knows more" guest_is y
check "the example on it" example
rmmod noxs_age
while read -r version _ abi; do
	check "a guest of $version on this host" earlier_guest "$version" "$abi"
done < /share/releases
check "the guest is destroyed" guest_destroy g
memory_disk_del g
ledger_close
# From here on, this host is another one.
memory_disk g
while read -r version _ abi; do
	check "this guest on a host of $version" our_guest "$version" "$abi"
done < /share/releases
bridge_down
done_testing
