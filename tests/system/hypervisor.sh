#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The device page kept by Xen: found by guests of every kind, with whatever either side
# has of it, refused to whom it isn't for, and gone with its domain
#
# On the hypervisor of xen/ only; with a single processor, for the reason that
# tests/rig/README.md gives.
# kernels: noxs:6.1
# xenhost: --vcpus 1
# cost: boots 1 guests 240 seconds 300

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

DOMAINS=$(repetitions 200 200)	# that die in a storm of operations, 100 each

# host_loads [PROVIDER] - noxs_core anew, while there is no guest
host_loads() {
	rmmod noxs_netback noxs_blkback noxs_core
	modprobe noxs_core ${1:+"provider=$1"}
	modprobe -a noxs_netback noxs_blkback
}

host_provider() {
	cat /sys/bus/noxs-backend/provider
}

guest_provider() {
	in_guest "$1" cat /sys/bus/noxs/provider
}

# guest_loads NAME [PROVIDER] - noxs_core anew, in a guest with vif 0; print the provider
guest_loads() {
	in_guest "$1" sh -c "[ ! -e /sys/module/noxs_netfront ] || rmmod noxs_netfront
		[ ! -e /sys/module/noxs_core ] || rmmod noxs_core
		modprobe noxs_core ${2:+provider=$2}"
	vif_connected "$1" 0 > /dev/null
	guest_provider "$1"
}

host_uses_both() {
	is "providers" "$(host_provider)" "hypervisor handle"
	is "chaos version" "$(chaos version -j | jq -r .noxs_provider)" \
		"hypervisor handle"
}

guest_is_made() {
	guest_create pv "$(vif_line 11)" +noxs.ip0=10.0.0.11/24
	vif_connected pv 0
	is "provider" "$(guest_provider pv)" hypervisor
	guest_has pv 'sysctl-0 vif-0'
	pings 10.0.0.11
}

# The guest hears nothing of it, has what it had, and works.
host_is_refused() {
	local irqs
	irqs=$(devpage_events pv)
	"$SYSTEM/xenpage" wrong-host "$(domid_of pv)" 0 5
	is "events of the device page" "$(devpage_events pv)" "$irqs"
	guest_has pv 'sysctl-0 vif-0'
	pings 10.0.0.11
}

# shellcheck disable=SC2016 # awk expands
devpage_events() { # devpage_events NAME - how often it was told of a change
	in_guest "$1" awk '/noxs-devpage/ { print $2 }' /proc/interrupts
}

# Each operation that is right does what it says once, and the guest hears of it.
operations_work() {
	local domid irqs
	domid=$(domid_of pv)
	irqs=$(devpage_events pv)
	"$SYSTEM/xenpage" write "$domid" 5
	is "errno of a second one" "$("$SYSTEM/xenpage" write "$domid" 5 || true)" EEXIST
	is "events of the device page" "$(devpage_events pv)" $((irqs + 1))
	"$SYSTEM/xenpage" clear "$domid" 5
	is "errno of a second one" "$("$SYSTEM/xenpage" clear "$domid" 5 || true)" ENOENT
	is "events of the device page" "$(devpage_events pv)" $((irqs + 2))
	guest_has pv 'sysctl-0 vif-0'
	pings 10.0.0.11
}

dying_is_refused() {
	"$SYSTEM/xenpage-domains" dying
}

page_gets_full() {
	"$SYSTEM/xenpage-domains" full
}

page_moves() {
	"$SYSTEM/xenpage-frames"
}

# New and old modules in the guest; provider=handle is as those that know no other.
guest_finds_it() {
	is "by itself" "$(guest_loads pv)" hypervisor
	pings 10.0.0.11
	is "old one" "$(guest_loads pv handle)" handle
	pings 10.0.0.11
	is "new one" "$(guest_loads pv hypervisor)" hypervisor
	chaos vif add pv "bridge=$BRIDGE"
	vif_connected pv 1
	chaos vif del pv 1
	wait_for "the guest lets go of it" guest_has pv 'sysctl-0 vif-0'
	guest_destroy pv
}

guest_has() { # guest_has NAME "DEVICE…"
	[[ $(in_guest "$1" ls /sys/bus/noxs/devices | xargs) == "$2" ]]
}

# A guest keeps the page and sees that its devices go, and that there are others.
survives_reload() {
	local domid own
	guest_create pv "$(vif_line 11)" +noxs.ip0=10.0.0.11/24
	domid=$(domid_of pv)
	own=$(handle_of pv)
	is "provider" "$(guest_provider pv)" hypervisor
	vif_connected pv 0
	host_loads
	wait_for "the guest has no devices" guest_has pv ''
	"$SYSTEM/handle" "$domid" "$("$SYSTEM/ctl" dom-add "$domid")"
	"$SYSTEM/ctl" sysctl-add "$domid"
	"$SYSTEM/ctl" dev-add "$domid" 0
	wait_for "the guest has devices" guest_has pv 'sysctl-0 vif-0'
	wait_for "the device is connected" grep -qx Connected \
		"/sys/bus/noxs-backend/devices/vif-$domid-0/otherend_state"
	# chaos knows nothing of all that.
	"$SYSTEM/ctl" dom-del "$domid"
	"$SYSTEM/handle" "$domid" "$own"
	guest_destroy pv
}

# dom0_has FILE - its ports and grants
dom0_has() {
	"$SYSTEM/ledger" | grep evtchns > "$1"
	"$SYSTEM/ledger" grants >> "$1"
}

# guest_takes FILE - make a guest without drivers, and say what of dom0's it takes
guest_takes() {
	dom0_has "$work/before"
	guest_create pv "$(vif_line 11)" +noxs.noload
	dom0_has "$work/after"
	paste "$work/before" "$work/after" | awk '{ print $1, $4 - $2 }' > "$1"
}

old_host() {
	rmmod noxs_netback noxs_blkback noxs_core
	must_fail modprobe noxs_core provider=nonsense
	modprobe -a noxs_netback noxs_blkback
	dmesg | grep 'noxs_core: provider=nonsense is none of'
	host_loads handle
	is "provider" "$(host_provider)" handle
	guest_takes "$work/handle"
	is "provider" "$(guest_loads pv)" handle
	in_guest pv sh -c 'rmmod noxs_netfront; rmmod noxs_core'
	must_fail in_guest pv modprobe noxs_core provider=hypervisor
	guest_destroy pv
}

# It saves a grant and a port of dom0's for each guest, and old ones don't find it.
hypervisor_only() {
	host_loads hypervisor
	is "provider" "$(host_provider)" hypervisor
	guest_takes "$work/hypervisor"
	paste "$work/handle" "$work/hypervisor" | sed 's/^/# /'
	is "what it saves" "$(paste "$work/handle" "$work/hypervisor" |
		awk '{ print $1, $2 - $4 }' | xargs)" "evtchns 1 grants 1"
	is "provider" "$(guest_loads pv)" hypervisor
	in_guest pv sh -c 'rmmod noxs_netfront; rmmod noxs_core; dmesg -c > /dev/null'
	must_fail in_guest pv modprobe noxs_core provider=handle
	in_guest pv dmesg | grep 'noxs_core: handle .*: no device page there'
	must_fail in_guest pv modprobe noxs_core provider=nonsense
	in_guest pv dmesg | grep 'noxs_core: provider=nonsense is none of'
	guest_destroy pv
	host_loads
}

pvh_guest() {
	GUEST_TYPE=pvh guest_create pvh "$(vif_line 12)" +noxs.ip0=10.0.0.12/24
	is "provider" "$(guest_provider pvh)" hypervisor
	is "by itself" "$(guest_loads pvh)" hypervisor
	pings 10.0.0.12
	is "old one" "$(guest_loads pvh handle)" handle
	is "by itself, again" "$(guest_loads pvh)" hypervisor
	chaos vif add pvh "bridge=$BRIDGE"
	vif_connected pvh 1
	guest_destroy pvh
}

storm() {
	"$SYSTEM/xenpage-domains" storm "$DOMAINS" | tee "$work/storm"
	(($(cut -d' ' -f1 "$work/storm") >= DOMAINS * 100))
}

bridge_up
ledger_open
check "the host keeps pages in both ways" host_uses_both
check "a guest finds its page by Xen" guest_is_made
check "operations do what they say" operations_work
check "wrong operations are refused, and change nothing" host_is_refused
check "a dying domain's page isn't changed" dying_is_refused
check "the page gets full" page_gets_full
check "PVH: put, moved, shown, and taken out" page_moves
check "a guest finds it, new or old" guest_finds_it
check "a PVH guest finds it, new or old" pvh_guest
check "domains die while their pages are asked for" storm
ledger_close
# What was traced is forgotten with the module.
check "guests outlive the host's noxs_core" survives_reload
check "an old host: guests find the handle" old_host
check "the hypervisor alone" hypervisor_only
bridge_down
done_testing
