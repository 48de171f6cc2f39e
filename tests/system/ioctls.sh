#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# /dev/xen/noxs: right and wrong ioctls, events, and what a full page does
#
# cost: boots 1 guests 2 seconds 60

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

unload_all() {
	modprobe -r noxs_netback
	modprobe -r noxs_core
	[[ ! -e /dev/xen/noxs ]]
}

# Who asks the kernel for a module has this run.
log_modprobe() {
	cat > "$work/modprobe" <<-END
		#!/bin/sh
		echo "\$*" >> $work/modprobes
		exec $(< /proc/sys/kernel/modprobe) "\$@"
	END
	chmod +x "$work/modprobe"
	echo "$work/modprobe" > /proc/sys/kernel/modprobe
}

asked_once() {
	cat "$work/modprobes"
	is "times the driver was asked for" \
		"$(grep -c noxs-backend "$work/modprobes")" 1
}

# udevd would start several programs for each of a thousand devices.
udevadm control --stop-exec-queue
modprobe noxs_core
log_modprobe
# What the program prints is TAP of its own; one test here stands for all.
check "ioctls, right and wrong" "$SYSTEM/ioctls"
check "the driver was loaded for the first device" test -d /sys/module/noxs_netback
check "and not asked for again" asked_once
check "no page is granted any more" \
	is revoking "$(cat '/sys/class/misc/xen!noxs/revoking')" 0
check "the modules can be unloaded" unload_all
check "and loaded again" modprobe noxs_netback
check "the ioctls work as before" "$SYSTEM/ioctls" again
done_testing
