#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What a guest makes of a handle that doesn't lead to its device page

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# with_handle NAME UUID COMMANDS - what COMMANDS print in a guest while it has
# another handle. It can't be reached then, as chaos knows it by its own.
with_handle() {
	local name=$1 other=$2 commands=$3 domid own log=/var/log/chaos/console-$1.log
	domid=$(domid_of "$name")
	own=$(chaos list -j | jq -r --arg name "$name" \
		'.[] | select(.name == $name).handle')
	in_guest "$name" sh -c "setsid sh -c '
		until [ \$(cat /sys/hypervisor/uuid) = $other ]; do sleep 0.1; done
		{ $commands; } > /tmp/result 2>&1
		echo with_handle $other: done > /dev/console
		' < /dev/null > /dev/null 2>&1 &"
	"$SYSTEM/handle" "$domid" "$other"
	wait_for "the guest is done" grep "with_handle $other: done" "$log"
	"$SYSTEM/handle" "$domid" "$own"
	in_guest "$name" cat /tmp/result
}

# A handle that says nothing of noxs: no device, no message.
no_handle() {
	local said
	guest_create plain +noxs.noload
	said=$(with_handle plain 01234567-89ab-4cde-8f01-23456789abcd \
		"dmesg -c > /dev/null; modprobe noxs_core; modprobe noxs_netfront;
		dmesg | grep -v taint")
	echo "$said"
	is "what is said of noxs_core" "$(grep -c "noxs_core.*No such device" <<< "$said")" 1
	is "modules" "$(in_guest plain sh -c 'lsmod | grep -c noxs || true')" 0
	is "all that is said" "$(grep -cv "modprobe:.*No such device" <<< "$said" || true)" 0
	# Nothing of that is left over.
	in_guest plain modprobe noxs_core
	guest_destroy plain
}

# What leads nowhere is an error, and nothing more.
wrong_handle() {
	local said
	guest_create wrong +noxs.noload
	# A grant reference of dom0's that isn't for this guest.
	said=$(with_handle wrong 4e4f5853-0000-8100-8000-ff7f00000000 \
		"modprobe noxs_core; dmesg | grep noxs_core:")
	echo "$said"
	grep "noxs_core: can't map page 32767 of domain 0" <<< "$said"
	# A version that this guest doesn't know.
	said=$(with_handle wrong 4e4f5853-0000-8200-8000-080000000000 \
		"modprobe noxs_core; dmesg | grep noxs_core:")
	echo "$said"
	grep "noxs_core: handle .*: no device page there" <<< "$said"
	in_guest wrong modprobe noxs_core
	guest_destroy wrong
}

bridge_up
ledger_open
check "a handle without noxs: -ENODEV and silence" no_handle
check "a handle that leads nowhere" wrong_handle
ledger_close
bridge_down
done_testing
