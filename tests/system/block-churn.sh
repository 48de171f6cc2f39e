#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Disks made and removed again and again, at any moment of their life
#
# cost: boots 1 guests 4 seconds 90

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/block-lib.sh"

vbds=$(repetitions 30 2000)

# Each fifth disk is removed after the guest had time to connect, half of these
# while it reads, the others at some moment of that.
add_and_delete() {
	local n
	guest_create still > /dev/null
	for ((n = 0; n < vbds; n++)); do
		chaos vbd add still "phy:$disk,xvda,w" > /dev/null
		((n % 5)) || vbd_connected still 0
		((n % 10)) || in_guest still sh -c \
			'dd if=/dev/nxda of=/dev/null bs=64k iflag=direct 2> /dev/null &'
		if ((n % 2)); then
			chaos vbd del still 0 > /dev/null
		else
			chaos vbd del -F still 0 > /dev/null
		fi
	done
	echo "$n disks"
	wait_for "the last one has gone" in_guest still sh -c \
		'! ls /sys/bus/noxs/devices | grep vbd && ! ls /sys/block | grep nxd'
}

files_too() {
	local n
	truncate -s 16M "$IMAGES/churn.img"
	for ((n = 0; n < vbds / 10; n++)); do
		chaos vbd add still "$IMAGES/churn.img,raw,xvda,w" > /dev/null
		((n % 5)) || vbd_connected still 0
		chaos vbd del still 0 > /dev/null
	done
	rm "$IMAGES/churn.img"
}

# Many disks at once, then the guest with all of them.
many_disks() {
	local id
	for ((id = 0; id < 20; id++)); do
		truncate -s 1M "$IMAGES/churn-$id.img"
		chaos vbd add still \
			"$IMAGES/churn-$id.img,raw,xvd$(letter_of "$id"),w" > /dev/null
	done
	for ((id = 0; id < 20; id++)); do
		vbd_connected still "$id"
	done
	if ((DEBUG)); then
		no_leak in_guest still
	fi
	guest_destroy still > /dev/null
	rm "$IMAGES"/churn-*.img
}

bridge_up
disks_init
ledger_open
memory_disk churn
check "$vbds disks are added and removed" add_and_delete
check "disks of files are added and removed" files_too
check "20 disks on one guest" many_disks
memory_disk_del churn
ledger_close
bridge_down
done_testing
