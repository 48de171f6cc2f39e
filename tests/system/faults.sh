#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Memory is short at any one place in a call of /dev/xen/noxs: the call fails, or
# gets along without, and leaves nothing behind
#
# kernels: debug
# cost: boots 1 guests 10 seconds 400

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/block-lib.sh"

# Linux makes /proc/irq/N as far as it can, and complains later of what is
# missing there. When it can't make a driver's groups of attributes, it removes them all.
ALLOWED='WARNING: .* at (fs/proc/generic.c:.* remove_proc_entry'
ALLOWED+='|fs/sysfs/group.c:.* sysfs_remove_group)\+'

# udevd and modprobe would start programs for each of hundreds of devices, and
# Linux show where it was each time that it failed.
quiet() {
	local kind
	for kind in failslab fail_page_alloc; do
		echo N > "/sys/kernel/debug/$kind/ignore-gfp-wait"
	done
	for kind in failslab fail_page_alloc fail_usercopy; do
		echo 0 > "/sys/kernel/debug/$kind/verbose"
	done
	echo 0 > /sys/kernel/debug/fail_page_alloc/min-order
	echo "$ALLOWED" >> /run/rig/logs/allow
	udevadm control --stop-exec-queue
	echo > /proc/sys/kernel/modprobe
}

bridge_up
disks_init
memory_disk faults
ledger_open
quiet
# What the program prints is TAP of its own; one test here stands for all.
check "the calls of /dev/xen/noxs" "$SYSTEM/faults" "$disk"
memory_disk_del faults
ledger_close
bridge_down
done_testing
