#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The device page kept by Xen: found by guests of every kind, with whatever either side
# has of it, refused to whom it isn't for, and gone with its domain
#
# On the hypervisor of xen/ only; with a single processor, for the reason that
# tests/rig/README.md gives.
# kernels: noxs:6.1
# xenhost: --pvh
# cost: boots 1 guests 140 seconds 400

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")/../bench" && pwd)
DOMAINS=$(repetitions 100 200)	# that die in a storm of operations, 100 each

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

# noted_domid NAME - also while its handle isn't that by which chaos knows it
noted_domid() {
	local domid
	read -r domid _ < "/run/chaos/names/$1"
	echo "$domid"
}

vif_answers() { # vif_answers NAME - whether vif 0 is connected, whoever made it
	grep -qx Connected \
		"/sys/bus/noxs-backend/devices/vif-$(noted_domid "$1")-0/otherend_state"
}

# guest_loads NAME [PROVIDER] - noxs_core anew, in a guest with vif 0; print the provider
#
# mdev may still be busy with a device of the former one, and load it without any.
guest_loads() {
	in_guest "$1" sh -c "while true; do
			for module in netfront core; do
				[ ! -e /sys/module/noxs_\$module ] || rmmod noxs_\$module
			done
			modprobe noxs_core provider=${2:-auto} || exit
			grep -qx ${2:-auto} /sys/module/noxs_core/parameters/provider && break
		done"
	wait_for "the vif is connected" vif_answers "$1"
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
	wait_for "the device is connected" vif_answers pv
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

# taken FROM TO WHAT… - of what those files say, one thing each, how much more it is now
taken() {
	local from=$1 to=$2 name
	shift 2
	for name; do
		printf '%s\t%d\n' "$name" \
			$(($(sed -n "s/^${name##*: } //p" "$to") - $(sed -n "s/^${name##*: } //p" "$from")))
	done
}

# taken_of_xen FILE FILE WHAT - how many pages less are free
taken_of_xen() {
	printf '%s\t%d\n' "$3" $(($(ledger_pages "$1") - $(ledger_pages "$2")))
}

# what_is_there FILE DOMID
what_is_there() {
	{
		"$SYSTEM/ledger"
		"$SYSTEM/ledger" grants
		"$SYSTEM/ledger" evtchns "$2" | sed 's/evtchns/ports/'
	} > "$1"
}

# load_traced FILE - the guest pv loads noxs_core; FILE is Xen's trace of what it did to
# find its page, and to hear of its changes
load_traced() {
	local tracer
	xentrace -D -S 2048 -s 100000 -e 0x0022f000 "$1" > "$work/said" 2>&1 &
	tracer=$!
	wait_for "xentrace runs" test -e "$1"
	sleep 0.3
	in_guest pv modprobe noxs_core
	kill -INT "$tracer"
	wait "$tracer" || true
}

# counted - what is taken for a domain to have a page, and what the guest pv, which is new,
# takes to find its own: lines "WHAT<tab>NUMBER". Then it has other devices than chaos
# knows of, until uncounted.
counted() {
	local empty domid i
	empty=$("$SYSTEM/rawdom" make)
	what_is_there "$work/none" "$empty"
	"$SYSTEM/ctl" dom-add "$empty" > /dev/null
	what_is_there "$work/kept" "$empty"
	taken "$work/none" "$work/kept" "dom0: grants" "dom0: evtchns"
	taken_of_xen "$work/none" "$work/kept" "Xen: pages to keep it"
	"$SYSTEM/ctl" dom-del "$empty"
	"$SYSTEM/rawdom" destroy "$empty"

	# Its devices would bind event channels, and map grants, too.
	domid=$(domid_of pv)
	handle_of pv > "$work/own"
	"$SYSTEM/ctl" dom-del "$domid"
	"$SYSTEM/handle" "$domid" "$("$SYSTEM/ctl" dom-add "$domid")"
	in_guest pv modprobe noxs_marks
	what_is_there "$work/kept" "$domid"
	in_guest pv modprobe noxs_core
	what_is_there "$work/found" "$domid"
	taken "$work/kept" "$work/found" "guest: ports"
	taken_of_xen "$work/kept" "$work/found" "Xen: pages for the guest's maps of grants"
	# What disturbs adds to it.
	for i in 1 2 3 4 5; do
		in_guest pv rmmod noxs_core
		load_traced "$work/trace"
		"$BENCH/xentrace-counts" "$work/trace" > "$work/counts.$i"
		grep -qx 'lost 0' "$work/counts.$i"
		rm "$work/trace"
	done
	in_guest pv sh -c 'rmmod noxs_core; rmmod noxs_marks'
	"$SYSTEM/ctl" sysctl-add "$domid"
	"$SYSTEM/ctl" dev-add "$domid" 0
	sort -k1,1 -k2,2n "$work"/counts.[1-5] | awk '
		!($1 in least) { least[$1] = $2 }
		END {
			print "guest: hypercalls\t" least["hypercalls_guest"]
			print "guest: of them, for event channels\t" least["evtchn_ops_guest"]
			print "guest: of them, for grants\t" least["grant_ops"]
		}'
}

uncounted() {
	local domid
	domid=$(noted_domid pv)
	"$SYSTEM/ctl" dom-del "$domid"
	"$SYSTEM/handle" "$domid" "$(< "$work/own")"
}

# What it can't do there, it says it skips.
test_of_the_series() {
	/share/test-noxs | tee "$work/series"
	grep '  Created d' "$work/series"
	must_fail grep Skip "$work/series"
}

old_host() {
	rmmod noxs_netback noxs_blkback noxs_core
	must_fail modprobe noxs_core provider=nonsense
	modprobe -a noxs_netback noxs_blkback
	dmesg | grep 'noxs_core: provider=nonsense is none of'
	host_loads handle
	is "provider" "$(host_provider)" handle
	guest_takes "$work/handle"
	counted > "$work/counted.handle"
	is "provider" "$(guest_loads pv)" handle
	in_guest pv sh -c 'rmmod noxs_netfront; rmmod noxs_core'
	must_fail in_guest pv modprobe noxs_core provider=hypervisor
	uncounted
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
	counted > "$work/counted.hypervisor"
	is "provider" "$(guest_loads pv)" hypervisor
	in_guest pv sh -c 'rmmod noxs_netfront; rmmod noxs_core; dmesg -c > /dev/null'
	must_fail in_guest pv modprobe noxs_core provider=handle
	in_guest pv dmesg | grep 'noxs_core: handle .*: no device page there'
	must_fail in_guest pv modprobe noxs_core provider=nonsense
	in_guest pv dmesg | grep 'noxs_core: provider=nonsense is none of'
	uncounted
	guest_destroy pv
	# It is no Linux.
	pong_start pong 13
	pings 10.0.0.13
	guest_destroy pong
	host_loads
}

# both_are_counted - side by side, for docs/hypervisor.md
both_are_counted() {
	printf '%-52s %8s %10s\n' '' handle hypervisor > "$work/table"
	paste -d'\t' "$work/counted.handle" "$work/counted.hypervisor" |
		awk -F '\t' '{ printf "%-52s %8d %10d\n", $1, $2, $4 }' >> "$work/table"
	cat "$work/table"
	# Not so many as to be of another thing than that.
	awk -F '\t' '$1 ~ /^guest: hypercalls/ && ($2 < 1 || $2 > 60) { exit 1 }' \
		"$work/counted.handle" "$work/counted.hypervisor"
	awk -F '\t' '$1 ~ /grant/ && $2 { exit 1 }' "$work/counted.hypervisor"
	is "grants that a handle is" \
		"$(awk -F '\t' '$1 == "dom0: grants" { print $2 }' "$work/counted.handle")" 1
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
}

# guest_tries NAME LEAST OTHER - the kernel of a guest asks for what isn't for it, about
# itself, dom0, the guest OTHER, and a dying domain: LEAST things at least
guest_tries() {
	local name=$1 least=$2 dying lingers tried
	rm -f "$work/dying"
	"$SYSTEM/xenpage-domains" linger > "$work/dying" &
	lingers=$!
	wait_for "a domain dies" test -s "$work/dying"
	dying=$(< "$work/dying")
	in_guest "$name" sh -c "[ ! -e /sys/module/noxs_netfront ] || rmmod noxs_netfront
		rmmod noxs_core; dmesg -c > /dev/null
		modprobe noxs_xenpage own=$(domid_of "$name") others=0,$(domid_of "$3"),$dying"
	in_guest "$name" dmesg
	tried=$(in_guest "$name" cat /sys/module/noxs_xenpage/parameters/checks)
	echo "$tried things tried"
	is "what didn't end as it should" \
		"$(in_guest "$name" cat /sys/module/noxs_xenpage/parameters/failed)" 0
	((tried >= least))
	kill "$lingers"
	wait "$lingers" || true
}

# page_is_written NAME - Xen goes on with a page as before, whatever its guest did
page_is_written() {
	local domid
	domid=$(domid_of "$1")
	is "errno of a slot in use" "$("$SYSTEM/xenpage" write "$domid" 0 || true)" EEXIST
	"$SYSTEM/xenpage" write "$domid" 5
	"$SYSTEM/xenpage" clear "$domid" 5
}

pv_guest_tries() {
	local irqs
	irqs=$(devpage_events pvh)
	guest_tries pv 100 pvh
	is "events of the other one's page" "$(devpage_events pvh)" "$irqs"
	guest_has pvh 'sysctl-0 vif-0 vif-1'
	pings 10.0.0.12
	page_is_written pv
}

pvh_guest_tries() {
	guest_tries pvh 100 pv
	page_is_written pvh
	page_is_written pv
	guest_destroy pv pvh
}

storm() {
	"$SYSTEM/xenpage-domains" storm "$DOMAINS" | tee "$work/storm"
	(($(cut -d' ' -f1 "$work/storm") >= DOMAINS * 100))
}

bridge_up
# Xen keeps the buffers of its trace.
xentrace -D -S 2048 -T 1 -e 0x0022f000 "$work/xentrace" > "$work/said" 2>&1
rm "$work/xentrace"
ledger_open
check "the host keeps pages in both ways" host_uses_both
check "a guest finds its page by Xen" guest_is_made
check "operations do what they say" operations_work
check "wrong operations are refused, and change nothing" host_is_refused
check "the test that the patches bring" test_of_the_series
check "a dying domain's page isn't changed" dying_is_refused
check "the page gets full" page_gets_full
check "PVH: put, moved, shown, and taken out" page_moves
check "a guest finds it, new or old" guest_finds_it
check "a PVH guest finds it, new or old" pvh_guest
check "a PV guest's kernel gets no more than is for it" pv_guest_tries
check "a PVH guest's kernel gets no more than is for it" pvh_guest_tries
check "domains die while their pages are asked for" storm
check "ledger: each device made was removed" ledger_pairs
# What was traced is forgotten with the module.
check "guests outlive the host's noxs_core" survives_reload
check "an old host: guests find the handle" old_host
check "the hypervisor alone" hypervisor_only
check "what it takes to have and to find a page" both_are_counted
sed 's/^/# /' "$work/table"
check "the guests' kernels had no fault" guests_had_no_fault
check "ledger: domains, devices, grants, ports and pages are back" ledger_back
bridge_down
done_testing
