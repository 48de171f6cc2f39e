#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What a guest makes of a handle that doesn't lead to its device page
#
# cost: boots 1 guests 6 seconds 50

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# with_handle NAME UUID COMMANDS - what COMMANDS print in a guest while it has
# another handle. chaos knows it by its own, so it is reached by its domid.
with_handle() {
	local domid own status=0
	domid=$(domid_of "$1")
	own=$(handle_of "$1")
	"$SYSTEM/handle" "$domid" "$2"
	in_guest "$domid" sh -c "$3" || status=$?
	"$SYSTEM/handle" "$domid" "$own"
	return "$status"
}

# Print the commands that load a module and show what comes of it: each line of
# the kernel's once, as busybox tries two system calls.
load() {
	cat <<- COMMANDS
		dmesg -c > /dev/null
		modprobe $1 2>&1
		lsmod | grep noxs
		dmesg | grep -v taint | sed 's/^.*] //' | sort -u
		true
	COMMANDS
}

# A handle that says nothing of noxs: no device, no message.
no_handle() {
	local module said
	guest_create plain "$(vif_line 1)" +noxs.noload
	for module in noxs_core noxs_netfront; do
		said=$(with_handle plain 01234567-89ab-4cde-8f01-23456789abcd \
			"$(load "$module")")
		echo "$said"
		is "lines that are said" "$(wc -l <<< "$said")" 1
		grep "^modprobe:.*noxs_core.*No such device" <<< "$said"
	done
	# Nothing of that is left over.
	in_guest plain modprobe noxs_core
	vif_connected plain 0
	is "provider" "$(in_guest plain cat /sys/bus/noxs/provider)" handle
	# There are others, but not on this Xen.
	in_guest plain sh -c 'rmmod noxs_netfront; rmmod noxs_core; dmesg -c > /dev/null'
	said=$(in_guest plain sh -c "$(load "noxs_core provider=hypervisor")")
	is "lines that are said" "$(wc -l <<< "$said")" 1
	grep "^modprobe:.*noxs_core.*No such device" <<< "$said"
	said=$(in_guest plain sh -c "$(load "noxs_core provider=nonsense")")
	is "lines that are said" "$(wc -l <<< "$said")" 2
	grep "noxs_core: provider=nonsense is none of auto, hypervisor and handle" \
		<<< "$said"
	guest_destroy plain
}

refuses_handle() { # refuses_handle NAME UUID MESSAGE
	local said
	said=$(with_handle "$1" "$2" "$(load noxs_core)")
	echo "$said"
	grep "^modprobe:" <<< "$said"
	is "lines that are said" "$(wc -l <<< "$said")" 2
	grep "noxs_core: $3" <<< "$said"
}

# What leads nowhere is an error, and nothing more.
wrong_handle() {
	local others
	guest_create wrong "$(vif_line 1)" +noxs.noload
	# A grant reference that dom0 doesn't have.
	refuses_handle wrong 4e4f5853-0000-8200-8000-ff7f00000000 \
		"can't map page 32767 of domain 0"
	# Reference 0 is nobody's.
	refuses_handle wrong 4e4f5853-0000-8200-8000-000000000000 \
		"handle .*: no device page there"
	# Versions of the ABI that this guest doesn't know.
	refuses_handle wrong 4e4f5853-0000-8100-8000-080000000000 \
		"the host has version 1 of noxs' ABI, this kernel 2: no devices"
	refuses_handle wrong 4e4f5853-0000-8300-8000-080000000000 \
		"the host has version 3 of noxs' ABI, this kernel 2: no devices"
	# A page of dom0's that is another guest's.
	guest_create other
	others=$(handle_of other)
	refuses_handle wrong "$others" "can't map page [0-9]* of domain 0"
	in_guest wrong modprobe noxs_core
	vif_connected wrong 0
	guest_destroy wrong other
}

bridge_up
ledger_open
check "a handle without noxs: -ENODEV and silence" no_handle
check "a handle that leads nowhere" wrong_handle
ledger_close
bridge_down
done_testing
