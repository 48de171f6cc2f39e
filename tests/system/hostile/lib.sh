# shellcheck shell=bash disable=SC2154 # $work is of lib.sh
# SPDX-License-Identifier: GPL-2.0
#
# What the tests with a hostile guest, "evil", share. KIND is vif or vbd; who
# sources this has functions evil_add, which gives it device 0, and
# others_are_well.

# evil_create ATTACK… - a guest that does these to the devices that it gets, in
# this order
evil_create() {
	guest_create evil +noxs.noload
	(IFS=,; in_guest evil modprobe noxs_hostile "attacks=$*")
	echo 0 > "$work/attacks"
}

evil_device() {
	chaos "$KIND" list -j evil | jq -er '.[0]'
}

# What the guest's kernel said of its last attack.
reported() { # reported NAME
	grep -a "noxs_hostile: attack $(< "$work/attacks"), $1:" \
		/var/log/chaos/console-evil.log | tail -n 1 | grep .
}

start_attack() {
	echo $(($(< "$work/attacks") + 1)) > "$work/attacks"
	evil_add > /dev/null
}

attack() { # attack NAME
	start_attack
	wait_for "the guest did its worst" reported "$1"
	reported "$1"
}

attack_closes() {
	attack "$1"
	wait_for "the device is closed" sh -c \
		"chaos $KIND list -j evil | jq -e '.[0].backend_state == \"Closed\" and .[0].error > 0'"
	chaos "$KIND" del evil 0 > /dev/null
	others_are_well
}

attack_is_harmless() {
	attack "$1"
	is "error of $1" "$(evil_device | jq .error)" 0
	chaos "$KIND" del evil 0 > /dev/null
	others_are_well
}

# looks SECONDS - how often dom0 looks at what other ends say, in so many seconds
looks() {
	local dir=$trace/instances/looks
	mkdir "$dir"
	echo 1 > "$dir/events/workqueue/workqueue_execute_start/enable"
	sleep "$1"
	echo 0 > "$dir/tracing_on"
	grep -c 'function link_work' "$dir/trace" || true
	rmdir "$dir"
}

busy_ticks() {
	awk '$1 == "cpu" { print $2 + $3 + $4 + $7 + $8 }' /proc/stat
}

# attack_that_stays NAME LOOKS - the device is closed; what goes on being wrong is
# looked at LOOKS times at most
attack_that_stays() {
	local busy count
	attack "$1"
	wait_for "the device is closed" sh -c \
		"chaos $KIND list -j evil | jq -e '.[0].backend_state == \"Closed\" and .[0].error > 0'"
	busy=$(busy_ticks)
	count=$(looks 5)
	echo "$count looks, and $(($(busy_ticks) - busy)) busy ticks, in 5 s"
	chaos "$KIND" del evil 0 > /dev/null
	((count <= $2))
	others_are_well
}

# Linux' own lines of an interface on a bridge name the device, from 6.4 on.
logged_little() {
	local lines
	lines=$(dmesg | grep "$KIND-" |
		grep -cvE '(entered|left) (allmulticast|promiscuous) mode')
	echo "$lines lines"
	((lines < 100))
}
