#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Fifty guests at once, and Linux, PV and PVH, among them: made, paused, ended in
# every way and made again side by side, each as if it was alone
#
# With a single processor, for the reason that tests/rig/README.md gives.
# xenhost: --pvh
# cost: boots 1 guests 600 seconds 900

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/chaosd-lib.sh"

COUNT=50
# Linux beside them, of each type, as far as there is memory for it.
LINUX=$((LONG && !DEBUG ? 6 : 2))

# names PREFIX FIRST LAST - PREFIXFIRST …
names() {
	seq -f "$1%g" "$2" "$3"
}

# at_once COMMAND… - run it for each name of standard input, all at a time
at_once() {
	local name pids=() pid status=0
	while read -r name; do
		"$@" "$name" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || status=1
	done
	return "$status"
}

# domids - "NAME DOMID" of each guest. Each program that is started for each of
# them would be started a hundred times.
domids() {
	chaos list -j | jq -r '.[] | "\(.name) \(.domid)"'
}

# select_names FILTER - the names of the guests for which it holds
select_names() {
	chaos list -j | jq -r ".[] | select($1).name" | sort
}

# are FILTER - whether it holds for exactly those on standard input
are() {
	diff <(sort) <(select_names "$1")
}

interfaces_on_bridge() {
	find "/sys/class/net/$BRIDGE/brif" -name 'vif*' | wc -l
}

# One command, and one for each of them to end.
one_command() {
	stub_config one '' "vif = [ 'bridge=$BRIDGE' ]" > "$work/one.cfg"
	chaos create -n "$COUNT" -j "$work/one.cfg" > "$work/made"
	is "names" "$(jq -r '.[].name' "$work/made" | xargs)" \
		"$(names one- 1 "$COUNT" | xargs)"
	names one- 1 "$COUNT" | are true
	is "interfaces" "$(interfaces_on_bridge)" "$COUNT"
	is "domains of noxs" "$(cat '/sys/class/misc/xen!noxs/domains')" "$COUNT"
	is "addresses" "$(jq -r '.vifs[0].mac' /run/chaos/domains/*.json |
		sort -u | wc -l)" "$COUNT"
	names one- 1 "$COUNT" | at_once chaos destroy
	wait_for "nothing is left" nothing_is_left
}

# A command for each: PV and PVH Linux, and stubs, some of them with a disk.
create() { # create NAME
	chaos create -q "$work/$1.cfg"
}

linux_names() {
	names pv 1 "$LINUX"
	names pvh 1 "$LINUX"
}

stub_names() {
	names stub 1 "$COUNT"
}

disk_line() { # disk_line NAME - a config's disk key, of a file in memory
	truncate -s 1M "/dev/shm/$1"
	echo "disk = [ '/dev/shm/$1,raw,xvda,w' ]"
}

write_configs() {
	local n lines
	for ((n = 1; n <= COUNT; n++)); do
		lines=("vif = [ 'bridge=$BRIDGE' ]")
		((n % 5)) || lines+=("$(disk_line "stub$n")")
		((n % 2)) || lines+=("on_crash = 'restart'")
		stub_config "stub$n" '' "${lines[@]}" > "$work/stub$n.cfg"
	done
	for ((n = 1; n <= LINUX; n++)); do
		guest_config "pv$n" "$(vif_line $((10 + n)))" \
			"ramdisk = '$GUESTS/initramfs.cpio'" \
			"$(disk_line "pv$n")" \
			"+noxs.ip0=10.0.0.$((10 + n))/24" > "$work/pv$n.cfg"
		GUEST_TYPE=pvh guest_config "pvh$n" "$(vif_line $((20 + n)))" \
			"ramdisk = '$GUESTS/initramfs.cpio'" \
			"$(disk_line "pvh$n")" \
			"+noxs.ip0=10.0.0.$((20 + n))/24" > "$work/pvh$n.cfg"
	done
}

many_commands() {
	{ linux_names; stub_names; } | at_once create
	{ linux_names; stub_names; } | are true
	is "interfaces" "$(interfaces_on_bridge)" $((COUNT + 2 * LINUX))
	is "types" "$(select_names '.type == "pvh"' | xargs)" \
		"$(names pvh 1 "$LINUX" | xargs)"
}

linux_connects() {
	local name
	for name in $(linux_names); do
		guest_ready "$name"
		wait_for "both devices of $name are connected" both_connected \
			"$name"
	done
	linux_answers
	for name in $(linux_names); do
		in_guest "$name" sh -c 'head -c 1048576 /dev/urandom > /tmp/b
			dd if=/tmp/b of=/dev/nxda bs=64k conv=fsync'
		is "disk of $name" "$(sha256sum < "/dev/shm/$name")" \
			"$(in_guest "$name" sh -c 'sha256sum < /tmp/b')"
	done
}

both_connected() { # both_connected NAME
	[[ $(chaos info -j "$1" | jq -c '[.devices[] | select(.type != "sysctl") |
		.backend_state + .frontend_state] | unique') == \
		'["ConnectedConnected"]' ]]
}

linux_answers() {
	local n
	for ((n = 1; n <= LINUX; n++)); do
		pings "10.0.0.$((10 + n))"
		pings "10.0.0.$((20 + n))"
	done
}

# What happens to many at once: to each ten of the stubs something else.
paused_and_unpaused() {
	names stub 1 10 | at_once chaos pause
	names stub 1 10 | are '.state == "paused"'
	names stub 1 10 | at_once chaos unpause
	true | are '.state == "paused"'
}

# type_at CHARACTERS NAME - on a stub's console, of a guest in $work/before: to ask
# for the domid of each would be to list all of them each time
type_at() {
	local domid
	domid=$(sed -n "s/^$2 //p" "$work/before")
	printf '%s' "$1" | socat -t 0.2 - \
		"UNIX-CONNECT:/run/chaos/console/$domid.sock" > /dev/null
}

# are_anew - whether those on standard input are there, with other domids than
# in $work/before
are_anew() {
	domids > "$work/now"
	awk 'FILENAME == ARGV[1] { before[$1] = $2; next }
		FILENAME == ARGV[2] { now[$1] = $2; next }
		!($1 in now) || now[$1] == before[$1] { bad = 1 }
		END { exit bad }' "$work/before" "$work/now" -
}

# are_gone - whether there is none of those on standard input
are_gone() {
	domids | cut -d' ' -f1 > "$work/now"
	! grep -qxFf - "$work/now"
}

ended_are_gone() {
	{
		seq -f stub%g 11 2 20
		names stub 21 30
		names stub 41 45
	} | are_gone
}

restarted() {
	seq -f stub%g 12 2 20
	names stub 31 40
}

restarted_are_anew() {
	restarted | are_anew
}

# Those with an even number are made again when they crash.
ends_of_every_kind() {
	domids > "$work/before"
	names stub 11 20 | at_once type_at c &
	names stub 21 30 | at_once type_at p &
	names stub 31 40 | at_once type_at r &
	names stub 41 45 | at_once chaos destroy &
	wait
	wait_for "those that ended are gone" ended_are_gone
	wait_for "the others are made again" restarted_are_anew
	{
		linux_names
		names stub 1 10
		restarted
		names stub 46 "$COUNT"
	} | are '.state == "running" or .state == "blocked"'
	linux_answers
}

# Each Linux guest ends in another way.
linux_ends() {
	local name
	domids > "$work/before"
	chaos reboot pv1 &
	chaos shutdown pvh1 &
	guest-exec -t 5 pvh2 sh -c 'echo c > /proc/sysrq-trigger' &
	chaos destroy pv2 &
	wait || true
	wait_for "those that ended are gone" linux_is_gone
	wait_for "the other one is made again" linux_is_anew
	guest_ready pv1
	pings 10.0.0.11
	for name in $(linux_names | grep '[3-9]$' || true); do
		guest_destroy "$name"
	done
}

linux_is_gone() {
	printf '%s\n' pvh1 pvh2 pv2 | are_gone
}

linux_is_anew() {
	echo pv1 | are_anew
}

all_are_destroyed() {
	chaos list -j | jq -r '.[].name' | at_once chaos destroy
	wait_for "nothing is left" nothing_is_left
}

modprobe loop
bridge_up
ledger_open
daemon_start
check "$COUNT guests by one command" one_command
write_configs
check "$COUNT commands at once, and Linux beside, PV and PVH" many_commands
check "Linux' devices connect, and work" linux_connects
check "ten are paused, and run again" paused_and_unpaused
check "they crash, shut down, reboot, are destroyed, at once" ends_of_every_kind
check "Linux ends in every way" linux_ends
check "all are destroyed at once" all_are_destroyed
# It has an event channel, that of domains that end.
daemon_end TERM
ledger_close
bridge_down
done_testing
