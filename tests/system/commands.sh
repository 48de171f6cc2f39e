#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# chaos' commands, each asked in the right way and in wrong ones

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# info GUEST FILTER - what "chaos info" says, by jq
info() {
	chaos info -j "$1" | jq -er "$2"
}

cpu_time() {
	info "$1" '.cpu_time'
}

# more_than A B - whether a number is larger than another
more_than() {
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > b) }'
}

grown() { # grown GUEST SECONDS - whether its CPU time is more than that
	more_than "$(cpu_time "$1")" "$2"
}

# The host does something for a while.
time_passes() {
	local until
	until=$(awk -v now="$(cpu_time 0)" 'BEGIN { print now + 1 }')
	wait_for "dom0 worked for a second" grown 0 "$until"
}

pause_stops() {
	local before after busy
	busy=$(in_guest first sh -c \
		'while :; do :; done > /dev/null 2>&1 & echo $!')
	before=$(cpu_time first)
	wait_for "it is busy" grown first "$before"
	chaos pause first
	is "state" "$(info first .state)" paused
	before=$(cpu_time first)
	time_passes
	is "CPU time" "$(cpu_time first)" "$before"
	chaos pause first
	chaos unpause "$(domid_of first)"
	wait_for "it runs again" grown first "$before"
	chaos unpause first
	in_guest first kill "$busy"
	after=$(info first .state)
	[[ $after == running || $after == blocked ]]
}

pause_wrong() {
	fails 1 chaos pause nobody
	fails 1 chaos unpause nobody
	fails 1 chaos pause 0
	fails 1 chaos unpause 0
	fails 2 chaos pause
	fails 2 chaos pause first second
	fails 2 chaos unpause -Z first
}

created_paused() {
	guest_config waiting > "$work/waiting.cfg"
	chaos create -p "$work/waiting.cfg"
	is "state" "$(info waiting .state)" paused
	is "CPU time" "$(cpu_time waiting)" 0
	chaos unpause waiting
	guest_ready waiting
	guest_destroy waiting
}

names() {
	find /run/chaos/names -type f -printf '%f\n' | sort | xargs
}

rename_shows() {
	local domid log=/var/log/chaos/console-second.log
	domid=$(domid_of first)
	chaos rename first second
	is "domid of second" "$(domid_of second)" "$domid"
	is "name" "$(info second .name)" second
	is "name of domid" "$(info "$domid" .name)" second
	fails 1 chaos pause first
	fails 1 chaos info first
	fails 1 chaos console first
	is "names" "$(names)" second
	is "log" "$(info second .console.log)" "$log"
	[[ ! -e /var/log/chaos/console-first.log ]]
	in_guest second sh -c 'echo after the rename > /dev/console'
	wait_for "its log goes on" grep 'after the rename' "$log"
	grep -q 'Linux version' "$log"
	# Its name is free, and it takes one back.
	guest_config first > "$work/first.cfg"
	chaos create -p "$work/first.cfg"
	fails 1 chaos rename second first
	is "names" "$(names)" "first second"
	guest_destroy first
	chaos rename "$domid" first
	is "domid of first" "$(domid_of first)" "$domid"
	in_guest first true
}

# The log that is full makes room under the guest's new name.
rename_and_rotate() {
	local log=/var/log/chaos/console
	chaos rename first second
	in_guest second sh -c \
		'yes "lines fill the log" | head -c 1500000 > /dev/console'
	wait_for "there is a second file" test -s "$log-second.log.1"
	[[ ! -e $log-first.log ]]
	chaos rename second first
	[[ -s $log-first.log.1 && ! -e $log-second.log.1 ]]
}

rename_wrong() {
	fails 1 chaos rename nobody somebody
	fails 1 chaos rename first first
	fails 1 chaos rename first ''
	fails 1 chaos rename first a/b
	fails 1 chaos rename first 17
	fails 1 chaos rename first Domain-0
	fails 1 chaos rename 0 somebody
	fails 2 chaos rename first
	fails 2 chaos rename first a b
	is "names" "$(names)" first
}

# What a rename leaves that is killed before it wrote the record.
rename_half() {
	cp /run/chaos/names/first /run/chaos/names/second
	fails 1 chaos info second
	fails 1 chaos pause second
	guest_config second > "$work/second.cfg"
	chaos create -p "$work/second.cfg"
	chaos info second > /dev/null
	chaos info first > /dev/null
	guest_destroy second
}

info_is_complete() {
	local filter
	chaos info -j first > "$work/info"
	for filter in .name .domid .handle .kernel .ramdisk .cmdline .memory \
		.memory_now .vcpus .state .cpu_time .created .on_poweroff \
		.on_reboot .on_crash .cpu_weight .console.gfn .console.port \
		.console.log .console.socket '.vcpu[0].cpus' \
		'.vcpu[0].cpus_soft' '.vcpu[0].cpu_time' '.vcpu[0].online' \
		'.vifs[0].mac' '.vifs[0].bridge' '.devices[0].type' \
		'.devices[0].backend_state' '.devices[0].frontend_state' \
		'.devices[0].netdev'; do
		jq -e "$filter" "$work/info" > /dev/null || {
			echo "no $filter"
			return 1
		}
	done
	[[ -S $(jq -r .console.socket "$work/info") ]]
	[[ -e /sys/class/net/$(jq -r '.devices[0].netdev' "$work/info") ]]
	chaos info first > "$work/info"
	grep -qE '^name +first$' "$work/info"
	grep -qE '^vifs\[0\]\.mac +00:16:3e:00:00:01$' "$work/info"
	chaos info 0 > /dev/null
	fails 1 chaos info nobody
	fails 1 chaos info 4711
	fails 2 chaos info
	fails 2 chaos info a b
}

# What the configuration says of CPUs is what Xen does.
scheduled_as_asked() {
	guest_config pinned 'vcpus = 2' "cpus = [ '0', '0-1,^0' ]" \
		"cpus_soft = '1'" 'cpu_weight = 512' 'cap = 150' \
		> "$work/pinned.cfg"
	chaos create -p "$work/pinned.cfg"
	is "affinity" "$(info pinned '[.vcpu[] | .cpus, .cpus_soft] | join(" ")')" \
		"0 1 1 1"
	is "weight and cap" "$(info pinned '"\(.cpu_weight) \(.cap)"')" "512 150"
	guest_destroy pinned
	guest_config pinned "cpus = '64'" > "$work/pinned.cfg"
	fails 1 chaos create "$work/pinned.cfg"
	grep -q 'cpus: the host has CPUs 0 to' "$work/stderr"
}

dmesg_shows() {
	chaos dmesg | grep -q 'Xen version 4'
	chaos dmesg -j | jq -er '.[]' | grep -q 'Xen version 4'
	chaos dmesg -c | grep -q 'Xen version 4'
	is "what is left" "$(chaos dmesg | grep -c 'Xen version 4')" 0
	fails 2 chaos dmesg extra
	fails 2 chaos dmesg -Z
}

version_shows() {
	chaos version -j > "$work/version"
	is "chaos" "$(jq -r .chaos "$work/version")" \
		"$(chaos -V | cut -d' ' -f2)"
	is "Linux" "$(jq -r .linux "$work/version")" "$(uname -r)"
	jq -e '.xen | startswith("4.")' "$work/version"
	jq -e '.xen_capabilities | contains("xen-3.0-x86_64")' "$work/version"
	jq -e '.noxs_abi == 1' "$work/version"
	is "module" "$(jq -r .modules.noxs_core "$work/version")" \
		"$(cat /sys/module/noxs_core/version)"
	chaos version | grep -qE '^xen +4\.'
	fails 2 chaos version extra
}

bridge_up
ledger_open
guest_create first "$(vif_line 1)" > /dev/null
vif_connected first 0
check "pause stops a guest's CPUs, unpause lets them run" pause_stops
check "pause and unpause: wrong calls" pause_wrong
check "a guest that was created paused" created_paused
check "rename shows everywhere" rename_shows
check "rename, and the log is full" rename_and_rotate
check "rename: wrong calls" rename_wrong
check "what a killed rename leaves does no harm" rename_half
check "info is complete" info_is_complete
check "CPUs, weight and cap are those of the configuration" scheduled_as_asked
check "dmesg shows what Xen logged" dmesg_shows
check "version shows all versions" version_shows
guest_destroy first
ledger_close
bridge_down
done_testing
