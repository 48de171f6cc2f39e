#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Power control: guests that do what they are asked for, that can't, that never
# answer, and that answer wrongly. No chaosd runs.
#
# cost: boots 1 guests 26 seconds 240

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

SUSPEND=3
POWEROFF=1

# What a guest's end does wrong, when it connects and when it answers.
wrong=(seq_next seq_far result_large bad_reserved memory_large memory_odd
	vcpus_many)

state_of() {
	chaos list -j | jq -er --arg name "$1" '.[] | select(.name == $name).state'
}

state_is() { # state_is NAME STATE
	[[ $(state_of "$1") == "$2" ]]
}

is_gone() {
	! state_of "$1" > /dev/null
}

log_of() {
	echo "/var/log/chaos/console-$1.log"
}

# fails STATUS TEXT COMMAND… - with STATUS and one line that has TEXT
fails() {
	local expected=$1 text=$2 status=0
	shift 2
	"$@" > "$work/stdout" 2> "$work/stderr" || status=$?
	cat "$work/stdout" "$work/stderr"
	is "exit status" "$status" "$expected"
	is "lines" "$(cat "$work/stdout" "$work/stderr" | wc -l)" 1
	grep -F -- "$text" "$work/stderr"
}

sysctl_state() { # sysctl_state NAME - of both ends
	chaos info -j "$1" | jq -er '.devices[] | select(.type == "sysctl") |
		.backend_state + " " + .frontend_state'
}

sysctl_is() { # sysctl_is NAME STATE
	[[ $(sysctl_state "$1") == "$2" ]]
}

request() { # request NAME REQUEST - print nothing, or why it isn't sent
	"$SYSTEM/ctl" request "$(domid_of "$1")" "$2" || true
}

connected() {
	wait_for "power control of $1 is connected" \
		sysctl_is "$1" "Connected Connected"
}

usage() {
	local args
	for args in shutdown reboot sysrq "shutdown a b" "shutdown -w x a" \
		"shutdown -a a" "sysrq a" "sysrq a bc" "sysrq a b c" \
		"mem-set a" "mem-set a 0" "mem-set a 1x" "mem-set a 16777216" \
		"mem-set a 20000g" "mem-max a" "mem-max a m" "mem-max a 1 2" \
		"vcpu-set a" "vcpu-set a 0" "vcpu-set a x" "vcpu-set a 129"; do
		# shellcheck disable=SC2086 # several words
		fails 2 usage: chaos $args
	done
	fails 2 "-x: no such option" chaos reboot -x a
	fails 2 "-a: no such option" chaos reboot -a
	fails 2 '-w: can'"'"'t be "0"' chaos shutdown -w 0 a
	fails 2 usage: chaos sysrq one ""
	fails 2 usage: chaos sysrq one $'\001'
}

unknown_guests() {
	local command
	for command in shutdown reboot; do
		fails 1 "no such guest" chaos "$command" nobody
		fails 1 "is the host" chaos "$command" 0
	done
	fails 1 "no such guest" chaos sysrq nobody s
	fails 1 "no such guest" chaos mem-set nobody 1g
	fails 1 "is no guest of chaos" chaos mem-set 0 64
	fails 1 "no such guest" chaos vcpu-set nobody 1
	fails 1 "is no guest of chaos" chaos vcpu-set 0 1
}

keys() {
	chaos sysrq one s
	wait_for "it syncs" grep 'sysrq: Emergency Sync' "$(log_of one)"
	chaos sysrq one h
	wait_for "it tells its keys" grep 'sysrq: HELP' "$(log_of one)"
	in_guest one true
}

suspend() {
	is "answer" "$(request one "$SUSPEND")" \
		EOPNOTSUPP
	in_guest one true
}

# It is there at once, for guests that aren't up yet.
early() {
	guest_start early > /dev/null
	chaos shutdown -w "$DEADLINE" early
	is_gone early
}

shuts_down() {
	chaos shutdown one
	wait_for "it is off" state_is one shutdown
	fails 1 "the guest has stopped" chaos shutdown one
	fails 1 "the guest has stopped" chaos sysrq one s
	chaos shutdown -w "$DEADLINE" one
	is_gone one
}

shuts_down_and_goes() {
	guest_create one > /dev/null
	chaos shutdown -w "$DEADLINE" one
	is_gone one
	[[ ! -e /run/chaos/names/one ]]
}

# stub NAME - a guest that hears of nothing; see stub.c
stub() {
	printf '%s\n' "name = '$1'" "kernel = '$SYSTEM/stub'" "memory = 8" \
		"extra = ''" > "$work/$1.cfg"
}

# One that hears of nothing keeps nobody from the others.
all_shut_down() {
	local all status=0
	guest_create one > /dev/null
	stub deaf
	chaos create -q "$work/deaf.cfg"
	chaos shutdown -aw "$DEADLINE" 2> "$work/stderr" &
	all=$!
	wait_for "one is off" is_gone one
	kill -TERM "$all"
	wait "$all" || status=$?
	is status "$status" 143
	is message "$(< "$work/stderr")" "chaos: shutdown: deaf: interrupted"
	fails 1 "deaf: the guest has no driver for it, or not yet" chaos shutdown -aw 1
	state_of deaf
	chaos shutdown -aFw 1
	is_gone deaf
	# There is nobody left to wait for.
	chaos shutdown -a
}

# has_memory NAME MIB - it has so much, but for some pages
has_memory() {
	local now
	now=$(chaos info -j "$1" | jq -er .memory_now)
	echo "$1 has $now MiB"
	((now >= $2 - 1 && now <= $2 + 1))
}

# What a guest has of memory, and may have, in its own words.
of_memory() { # of_memory NAME
	chaos info -j "$1" | jq -er '"\(.memory) \(.maxmem) \(.memory_room)"'
}

mem_total() { # mem_total NAME - KiB, as its kernel has it
	in_guest "$1" sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo
}

# There is room for more than it has at first.
resizes() {
	local memory=$GUEST_MEMORY more=$((GUEST_MEMORY + 64)) total
	guest_create one "$(vif_line 1)" "memory = $memory" "maxmem = $more" \
		> /dev/null
	connected one
	has_memory one "$memory"
	total=$(mem_total one)
	chaos mem-set -w "$DEADLINE" one "$more"
	has_memory one "$more"
	is "on record" "$(of_memory one)" "$more $more $more"
	(($(mem_total one) > total + 60000))
	chaos mem-set "$(domid_of one)" "${memory}M"
	wait_for "it has given memory back" has_memory one "$memory"
	(($(mem_total one) < total + 4000))
	fails 1 "more than its maxmem, $more MiB" chaos mem-set one $((more + 1))
	fails 1 "mem-set comes first" chaos mem-max one $((memory - 1))
	chaos mem-max one $((more + 16))
	fails 1 "it has room for $more MiB only" chaos mem-set one $((more + 1))
	is "on record" "$(of_memory one)" "$memory $((more + 16)) $more"
	chaos mem-set -w "$DEADLINE" one $((memory - 16))
}

# Its user has it otherwise. Xen gives it no more than it is to have.
keeps_memory() {
	local memory=$((GUEST_MEMORY - 16)) kb
	kb=/sys/devices/system/xen_memory/xen_memory0/target_kb
	in_guest one sh -c "echo \$((\$(cat $kb) + 65536)) > $kb; sleep 2"
	has_memory one "$memory"
	in_guest one sh -c "until [ -e /tmp/enough ]; do
			echo \$(($memory << 10)) > $kb
		done > /dev/null 2>&1 &"
	fails 1 "and not $((memory - 32)) in time" \
		chaos mem-set -w 2 one $((memory - 32))
	in_guest one touch /tmp/enough
	chaos mem-set -w "$DEADLINE" one $((memory - 16))
	chaos mem-set -w "$DEADLINE" one "$memory"
}

# With what it was given last, and with room for what it may have now.
reboots() {
	local before
	before=$(domid_of one)
	chaos reboot -w "$DEADLINE" one
	guest_ready one
	(($(domid_of one) != before))
	vif_connected one 0
	grep -q 'reboot: Restarting system' "$(log_of one)"*
	has_memory one $((GUEST_MEMORY - 16))
	is "on record" "$(of_memory one)" \
		"$((GUEST_MEMORY - 16)) $((GUEST_MEMORY + 80)) $((GUEST_MEMORY + 80))"
	connected one
	chaos mem-set -w "$DEADLINE" one $((GUEST_MEMORY + 80))
}

reboot_is_asked() {
	chaos reboot one
	wait_for "it has stopped" state_is one shutdown
	grep -q 'reboot: Restarting system' "$(log_of one)"
	guest_destroy one
}

# A paused guest is one that never answers.
paused() {
	local domid
	guest_create one > /dev/null
	connected one
	domid=$(domid_of one)
	chaos pause one
	fails 1 "the guest does not answer" chaos shutdown -w 1 one
	is "status" "$("$SYSTEM/ctl" status "$domid")" "0 0"
	is "another request" "$(request one "$POWEROFF")" EBUSY
	fails 1 "has not answered the last request" chaos reboot -w 1 one
	is "state" "$(state_of one)" paused
	chaos unpause one
	wait_for "it is off, late" state_is one shutdown
	is "status" "$("$SYSTEM/ctl" status "$domid")" "1 0"
	guest_destroy one
}

forced() {
	guest_create one > /dev/null
	connected one
	chaos pause one
	chaos shutdown -F -w 1 one
	is_gone one
}

forced_reboot() {
	local before
	guest_create one > /dev/null
	connected one
	before=$(domid_of one)
	chaos pause one
	chaos reboot -F -w 1 one
	(($(domid_of one) != before))
	guest_ready one
	guest_destroy one
}

no_driver() {
	guest_create evil +noxs.noload > /dev/null
	fails 1 "no driver for it" chaos shutdown -w 1 evil
	fails 1 "no driver for it" chaos reboot -w 1 evil
	fails 1 "no driver for it" chaos mem-set evil 100
	fails 1 "no driver for it" chaos vcpu-set evil 1
	in_guest evil true
}

interrupted() {
	chaos shutdown -w 3600 evil 2> "$work/stderr" &
	sleep 1
	kill -TERM $!
	wait $! && return 1
	grep interrupted "$work/stderr"
	in_guest evil true
}

# The guest's own driver gives way to one that misbehaves.
takes_over() {
	in_guest evil sh -c 'modprobe noxs_core
		echo sysctl-0 > /sys/bus/noxs/drivers/noxs_sysctl/unbind
		modprobe noxs_hostile_sysctl'
	connected evil
}

attack() { # attack NAME - with a new device
	local domid
	domid=$(domid_of evil)
	in_guest evil sh -c "rmmod noxs_hostile_sysctl
		modprobe noxs_hostile_sysctl attack=$1"
	"$SYSTEM/ctl" sysctl-del "$domid"
	"$SYSTEM/ctl" sysctl-add "$domid"
	# The core's driver comes first.
	in_guest evil sh -c 'until [ -e /sys/bus/noxs/devices/sysctl-0/driver ]; do
			sleep 0.1
		done
		cd /sys/bus/noxs/drivers
		[ ! -e noxs_sysctl/sysctl-0 ] || {
			echo sysctl-0 > noxs_sysctl/unbind
			echo sysctl-0 > noxs_hostile_sysctl/bind
		}'
}

closed_by_host() {
	[[ $(sysctl_state evil) == Closed* ]]
}

connects_wrongly() {
	attack "connect_$1"
	wait_for "the device is closed" closed_by_host
	is "request" "$(request evil "$POWEROFF")" ENOTCONN
}

answers_wrongly() {
	attack "answer_$1"
	connected evil
	is "request" "$(request evil "$POWEROFF")" ""
	wait_for "the device is closed" closed_by_host
	# ECONNRESET
	is "status" "$("$SYSTEM/ctl" status "$(domid_of evil)")" "1 104"
}

# A kernel that has no balloon driver, and leaves its CPUs online, or an older noxs.
no_balloon() {
	attack no_memory
	connected evil
	fails 1 "the guest's kernel can't do that" chaos mem-set evil 100
	is "on record" "$(of_memory evil)" \
		"$GUEST_MEMORY $GUEST_MEMORY $GUEST_MEMORY"
	fails 1 "the guest's kernel can't do that" chaos vcpu-set evil 1
	is "on record" "$(chaos info -j evil | jq .vcpus_online)" null
}

never_answers() {
	attack silent
	connected evil
	fails 1 "and not 100 in time" chaos mem-set -w 1 evil 100
	has_memory evil "$GUEST_MEMORY"
	fails 1 "does not answer" chaos shutdown -w 1 evil
	in_guest evil sh -c 'dmesg | grep "noxs_hostile_sysctl: asked for 1"'
	is "another request" \
		"$(request evil "$POWEROFF")" EBUSY
	# Its driver goes, and with it the request.
	in_guest evil rmmod noxs_hostile_sysctl
	wait_for "the request is over" sh -c \
		"[ \"\$($SYSTEM/ctl status $(domid_of evil))\" = '1 104' ]"
}

bridge_up
ledger_open
check "wrong usage" usage
check "what is no guest" unknown_guests
check "a guest" guest_create one
check "its power control is connected" connected one
check "SysRq" keys
check "suspend is refused" suspend
check "it shuts down" shuts_down
check "it shuts down and goes" shuts_down_and_goes
check "one that isn't up yet shuts down" early
check "all shut down at a time" all_shut_down
check "it gives memory back, and takes it again" resizes
check "one that keeps its memory" keeps_memory
check "it reboots, with the memory that it was given" reboots
check "it is asked to reboot" reboot_is_asked
check "one that is paused doesn't answer" paused
check "one that doesn't answer is forced" forced
check "one that doesn't answer is started again by force" forced_reboot
check "one without a driver" no_driver
check "a signal ends the waiting" interrupted
check "a driver that misbehaves" takes_over
for name in "${wrong[@]}"; do
	check "it connects with $name: the device is closed" connects_wrongly "$name"
	check "it answers with $name: the device is closed" answers_wrongly "$name"
done
check "one that can't give memory back, nor virtual CPUs" no_balloon
check "one that never answers" never_answers
check "the guest is forced" chaos shutdown -F -w 1 evil
ledger_close
bridge_down
done_testing
