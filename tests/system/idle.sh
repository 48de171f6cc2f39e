#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Idle disks cost no processor time: no thread is there for them, and nothing of
# the drivers ever runs, neither in dom0 nor in the guest. tests/bench/idle-disks
# measures what they do cost.
#
# The debug kernel has no tracer of functions.
#
# kernels: 6.1 6.12 6.1+6.12 6.12+6.1
# cost: boots 1 guests 4 seconds 70

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=block-lib.sh
. "$(dirname "$0")/block-lib.sh"

DISKS=50
# Seconds in which nothing happens. What was used for I/O is given back after ten.
WINDOW=$((LONG ? 120 : 15))
watched=$trace/instances/idle

disk_names() { # disk_names PREFIX - of all disks, in order
	local -a letters=({a..z} a{a..z})
	printf "$1%s\n" "${letters[@]:0:DISKS}"
}

guest_of_many() {
	local name line='' n=0
	for name in $(disk_names xvd); do
		line+=", 'phy:/dev/ram$((n++)),$name,w'"
	done
	guest_create many "disk = [ ${line#, } ]"
	wait_for "all disks are connected" all_connected
	in_guest many test -b "/dev/$(disk_names nxd | tail -n 1)"
}

all_connected() {
	[[ $(chaos vbd list -j many | jq '[.[] | select(.backend_state ==
		"Connected" and .frontend_state == "Connected")] | length') == "$DISKS" ]]
}

# Workers belong to nobody: they come and go by how much work there is for all.
threads() {
	pgrep -l -P 2 | cut -d ' ' -f 2 | grep -v '^kworker/' | sort
}

no_new_threads() {
	diff "$work/threads" <(threads)
}

uses_all() {
	local name
	for name in $(disk_names nxd); do
		echo "dd if=/dev/$name of=/dev/null bs=64k count=4 iflag=direct"
		echo "dd if=/dev/zero of=/dev/$name bs=64k count=4 oflag=direct"
	done | guest-exec -t "$DEADLINE" -i many sh -ex 2> "$work/said" ||
		{ cat "$work/said"; return 1; }
}

# watch DRIVER COMMAND… - in dom0 (env) or the guest, have each function that runs,
# of the driver and the core, leave a line
watch() {
	"${@:2}" sh -ec "mkdir $watched; cd $watched
		for module in noxs_core $1; do
			echo :mod:\$module >> set_ftrace_filter
			grep -q noxs set_ftrace_filter
		done
		echo function > current_tracer"
}

seen() { # seen COMMAND… - print these lines
	"$@" sh -c "grep -v '^#' $watched/trace" || true
}

# Of their events, by both ends of all disks.
interrupts() {
	"$@" sh -c "grep -E 'vbd-|noxs' /proc/interrupts" || true
}

# Whether all that was to be done has been done, and nothing follows. The guest is
# asked before and after, as that is work for dom0.
is_idle() {
	local end=$((SECONDS + WINDOW))
	in_guest many sh -c "echo > $watched/trace"
	echo > "$watched/trace"
	interrupts env > "$work/interrupts"
	interrupts in_guest many > "$work/interrupts.guest"
	until ((SECONDS >= end)); do
		[[ -z $(seen env) ]] || return 1
		sleep 1
	done
	[[ -z $(seen env; seen in_guest many) ]] &&
		diff "$work/interrupts" <(interrupts env) &&
		diff "$work/interrupts.guest" <(interrupts in_guest many)
}

becomes_idle() {
	(($(wc -l < <(interrupts env)) >= DISKS))
	(($(wc -l < <(interrupts in_guest many)) >= DISKS))
	wait_for "nothing runs for $WINDOW s" is_idle || {
		seen env
		seen in_guest many
		return 1
	}
}

# Whoever watches does see it.
sees_io() {
	local name
	for name in nxda "$(disk_names nxd | tail -n 1)"; do
		in_guest many sh -c "echo > $watched/trace"
		echo > "$watched/trace"
		in_guest many dd if="/dev/$name" of=/dev/null bs=4k count=1 \
			iflag=direct
		[[ -n $(seen env) ]]
		[[ -n $(seen in_guest many) ]]
	done
}

unwatch() {
	echo nop > "$watched/current_tracer"
	rmdir "$watched"
}

modprobe brd rd_nr=$DISKS rd_size=1024
bridge_up
ledger_open
threads > "$work/threads"
check "a guest with $DISKS disks" guest_of_many
check "no thread in dom0 is there for them" no_new_threads
check "the guest uses all of them" uses_all
check "no thread is there after that" no_new_threads
check "dom0's drivers are watched" watch noxs_blkback env
check "the guest's drivers are watched" watch noxs_blkfront in_guest many
check "for $WINDOW s, nothing of the drivers runs, and no event comes" \
	becomes_idle
check "a read of one disk is seen" sees_io
unwatch
check "the guest is destroyed" guest_destroy many
ledger_close
bridge_down
done_testing
