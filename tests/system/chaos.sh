#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# chaos: what it is asked in the wrong way costs one clear line, and nothing
# else; what fails half-way is undone; what exists is told apart
#
# cost: boots 1 guests 60 seconds 130

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# One wrong line each, instead of the right one of the same key.
wrong_lines=(
	"name = ''" "name = 5" "name = 'a/b'" "name = '17'"
	"name = '$(printf 'x%.0s' {1..100})'"
	"kernel = ''" "kernel = '/nonexistent'" "kernel = '/etc/passwd'"
	"kernel = [ 'a' ]" "ramdisk = '/nonexistent'" "ramdisk = 7"
	"memory = 0" "memory = -1" "memory = 'much'" "memory = 999999999"
	"memory = []" "vcpus = 0" "vcpus = 129" "vcpus = -1" "vcpus = 'two'"
	"type = 'hvm'" "type = 'none'" "builder = 'hvm'"
	"uuid = 'x'" "extra = []" "disk = [ 'phy:/dev/nonexistent,xvda,w' ]"
	"pci = [ '00:01.0' ]" "nonsense = 1" "vif = 'bridge=x'" "vif = 3"
	"vif = [ 'mac=00:16:3e:00:00' ]" "vif = [ 'mac=01:16:3e:00:00:01' ]"
	"vif = [ 'mac=00:00:00:00:00:00' ]" "vif = [ 'mac=' ]"
	"vif = [ 'mtu=67' ]" "vif = [ 'mtu=65536' ]" "vif = [ 'mtu=x' ]"
	"vif = [ 'bridge=nosuchbridge' ]" "vif = [ 'bridge=lo' ]"
	"vif = [ 'bridge=waytoolongforaninterface' ]" "vif = [ 'colour=red' ]"
	"vif = [ 'bridge' ]" "memory = 64 64" "vif = [ '"
	"vif = [ 'rate=10' ]" "vif = [ 'rate=0Mb/s' ]" "vif = [ 'rate=1Mb/s@0' ]"
	"vif = [ 'vifname=vif1.0' ]" "vif = [ 'ip=10.0.0.300' ]"
	"vif = [ 'trusted=2' ]" "vif = [ 'script=other' ]"
	"vif = [ 'backend=other' ]" "vif = [ 'id=65536' ]"
	"cpus = 'one'" "cpus_soft = '3-1'" "cpu_weight = 0" "cap = 101"
	"maxmem = 1" "maxvcpus = 0" "on_poweroff = 'sleep'" "on_reboot = ''"
	"on_crash = [ 'destroy' ]" "root = []" "cmdline = [ 'a' ]"
	"max_event_channels = 1" "max_grant_frames = 0"
	"max_grant_version = 3" "max_maptrack_frames = 0" "tsc_mode = 3"
	"disk = [ '/dev/vda,raw,xvda,rw', '/dev/vda,raw,xvda,r' ]"
	"disk = [ '/dev/vda,qcow2,xvda,r' ]" "disk = 'phy:/dev/vda,xvda,r'"
)

wrong_vifs=(
	"mac=00:16:3e:00:00" "mac=01:00:00:00:00:01" "mtu=1" "mtu=65536" "mtu=x"
	"bridge=nosuchbridge" "bridge=lo" "id=-1" "id=65536" "id=x" "id=0"
	"colour=red" "nonsense" "rate=10" "rate=1Mb/s@1us" "rate=9999GB/s"
	"vifname=a/b" "ip=x" "trusted=2"
)

right=("name = 'right'" "kernel = '$KERNEL'"
	"ramdisk = '$GUESTS/initramfs-net.cpio'" "memory = $GUEST_MEMORY"
	"vif = [ 'mac=00:16:3e:00:00:01,bridge=$BRIDGE' ]")

config_without() { # config_without KEY
	local line
	for line in "${right[@]}"; do
		[[ $line == "$1 ="* ]] || printf '%s\n' "$line"
	done
}

# fails STATUS COMMAND… - it fails with STATUS and one line that says why
fails() {
	local expected=$1 status=0 lines
	shift
	"$@" > "$work/stdout" 2> "$work/stderr" || status=$?
	mapfile -t lines < "$work/stderr"
	printf '%s\n' "${lines[@]}"
	is "exit status" "$status" "$expected"
	is "what it prints" "$(< "$work/stdout")" ""
	is "lines on stderr" "${#lines[@]}" 1
	is "the line's beginning" "${lines[0]:0:7}" "chaos: "
}

# What is there, as far as the shell alone can tell: each program that is started
# for it would be started a hundred times.
traces() {
	shopt -s globstar
	echo /run/chaos/** /sys/class/net/* /sys/bus/noxs-backend/devices/*
	echo "$(< '/sys/class/misc/xen!noxs/domains') domains"
}

# And as far as anything can.
remains() {
	traces
	chaos list -j | jq -c '.[] | [.name, .domid, .memory]'
	chaos vif list -j first | jq -c '.[] | [.id, .mac]'
	pgrep -f chaos-console
}

# Whoever changes nothing leaves all as it was noted once.
note_remains() {
	traces > "$work/traces"
	remains > "$work/remains"
}

nothing_changed() {
	is "what there is" "$(traces)" "$(< "$work/traces")"
}

nothing_is_left() {
	diff "$work/remains" <(remains)
}

refuses() { # refuses LINE - chaos create refuses a config with this line
	{
		config_without "${1%% *}"
		printf '%s\n' "$1"
	} > "$work/wrong.cfg"
	fails 1 chaos create "$work/wrong.cfg"
	nothing_changed
}

# All that is wrong with a file is told at once.
refuses_all() {
	{
		config_without memory
		printf '%s\n' "memory = 'much'" "nonsense = 1" "vcpus = 0"
	} > "$work/wrong.cfg"
	must_fail chaos create "$work/wrong.cfg" 2> "$work/stderr"
	cat "$work/stderr"
	is "lines on stderr" "$(wc -l < "$work/stderr")" 3
	is "keys" "$(sed -E 's/.*:[0-9]+: ([a-z]+): .*/\1/' "$work/stderr" |
		paste -s -d ' ')" "memory nonsense vcpus"
	nothing_changed
}

refuses_missing() { # refuses_missing KEY
	config_without "$1" > "$work/wrong.cfg"
	fails 1 chaos create "$work/wrong.cfg"
	nothing_changed
}

refuses_vif() {
	fails 1 chaos vif add first "$1"
	nothing_changed
}

usage() {
	local args status
	for args in "" nonsense "create" "create a b" "destroy" "console" "vif" \
		"vif nonsense" "vif add" "vif del first" "-Z"; do
		echo "chaos $args"
		status=0
		# shellcheck disable=SC2086 # several words
		chaos $args > "$work/stdout" 2> "$work/stderr" || status=$?
		is "exit status" "$status" 2
		is "what it prints" "$(< "$work/stdout")" ""
		[[ -s $work/stderr ]]
	done
}

unknown_guests() {
	fails 1 chaos destroy nobody
	fails 1 chaos destroy 4711
	fails 1 chaos destroy 0
	fails 1 chaos list nobody
	fails 1 chaos console nobody
	fails 1 chaos vif list nobody
	fails 1 chaos vif add nobody
	fails 1 chaos vif del nobody 0
	fails 1 chaos vif del first 9
}

same_name() {
	{
		config_without name
		echo "name = 'first'"
	} > "$work/same.cfg"
	fails 1 chaos create "$work/same.cfg"
	nothing_changed
}

console_has_it_all() {
	grep -q 'Linux version' /var/log/chaos/console-first.log
	in_guest first sh -c 'echo from the guest > /dev/console'
	wait_for "the log has it" grep 'from the guest' \
		/var/log/chaos/console-first.log
}

# Of each tsc_mode one.
many_at_once() {
	local n pids=()
	for n in 1 2 3; do
		guest_config "many$n" "$(vif_line $((100 + n)))" \
			"tsc_mode = $((n - 1))" > "$work/many$n.cfg"
		chaos create "$work/many$n.cfg" &
		pids+=($!)
	done
	wait "${pids[@]}"
	is "guests" "$(chaos list -j | jq '[.[].name | select(startswith("many"))] | length')" 3
	for n in 1 2 3; do
		vif_connected "many$n" 0
		is "TSC mode of many$n" "$("$SYSTEM/rawdom" tsc-mode \
			"$(domid_of "many$n")")" $((n - 1))
	done
	pids=()
	for n in 1 2 3; do
		chaos destroy "many$n" &
		pids+=($!)
	done
	wait "${pids[@]}"
}

spins() { # spins NAME - its processor is never idle, for as long as we look
	local look
	for look in 1 2 3 4 5; do
		is "state at look $look" "$(chaos list -j | jq -r --arg name "$1" \
			'.[] | select(.name == $name).state')" running || return
	done
}

# Whoever drained it is killed, and the guest prints: it hears nothing any more, until
# somebody wants something of it.
console_is_served_again() {
	local log=/var/log/chaos/console-first.log
	# shellcheck disable=SC2016
	in_guest first sh -c 'echo on > /proc/sys/kernel/printk_devkmsg
		(sleep 3; for n in $(seq 400); do
			echo "line $n fills the ring" > /dev/kmsg
		done) > /dev/null 2>&1 &'
	kill -KILL "$(pgrep -xf 'chaos-console first .*')"
	wait_for "it spins" spins first
	must_fail grep 'line 400 ' "$log"
	chaos sysrq first h
	wait_for "it goes on" grep 'line 400 fills the ring' "$log"
	is "who serves it" "$(pgrep -cxf 'chaos-console first .*')" 1
	in_guest first true
}

# What systemd does to all guests when the host ends, of which nobody else sees the end.
unit_shuts_down() {
	local stop unit=/usr/lib/systemd/system/chaos-guests.service
	stop=$(sed -n 's/^ExecStop=//p' "$unit")
	echo "$stop"
	$stop
	is "guests" "$(chaos list -j | jq length)" 0
	kernel_ended /var/log/chaos/console-first.log
}

# A disk of no number that Linux has: its driver closes it, and what it says is told.
driver_says_why() {
	local domid
	domid=$(domid_of first)
	modprobe brd rd_nr=1
	DISK=/dev/ram0 "$SYSTEM/ctl" disk-add "$domid" 32832
	wait_for "the guest's driver closes it" sh -c \
		'chaos vbd list -j first | jq -e ".[0].frontend_state == \"Closed\""'
	is "why, EINVAL" "$(chaos vbd list -j first | jq '.[0].frontend_error')" 22
	is "the host's error" "$(chaos vbd list -j first | jq '.[0].error')" 0
	"$SYSTEM/ctl" disk-del "$domid" 32832
}

bridge_up
ledger_open
check "a right config makes a guest" guest_create first "$(vif_line 1)" \
	"ramdisk = '$GUESTS/initramfs.cpio'"
note_remains
check "a name that is taken" same_name
check "what is no guest" unknown_guests
check "wrong usage" usage
for line in "${wrong_lines[@]}"; do
	check "refused: ${line:0:60}" refuses "$line"
done
for key in name kernel; do
	check "refused: no $key" refuses_missing "$key"
done
check "refused: three wrong lines" refuses_all
for vif in "${wrong_vifs[@]}"; do
	check "vif add refuses: $vif" refuses_vif "$vif"
done
check "nothing is left of all that" nothing_is_left
check "the console's log has all from the first line on" console_has_it_all
check "three guests at once, a tsc_mode each" many_at_once
check "what a guest's driver closes, it says why" driver_says_why
check "whose console isn't served goes on with the next command" \
	console_is_served_again
check "the host's unit shuts the guest down" unit_shuts_down
ledger_close
bridge_down
done_testing
