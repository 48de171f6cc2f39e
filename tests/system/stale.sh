#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# A guest holds on to pages and ports of the host's that are no longer for it
# (stale.c): nobody gets them as long as it does, its domid least of all
#
# cost: boots 1 guests 10 seconds 80

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

MAX_DEVICES=127		# NOXS_DEVPAGE_SLOTS, and NOXS_MAX_REVOKED
DEVICES=4		# three vifs, and power control, which every guest has
PAGES=$((DEVICES + 1))	# theirs, and the device page

revoking() {
	cat '/sys/class/misc/xen!noxs/revoking'
}

# Those that are kept until the domain is gone.
kept() {
	cat '/sys/class/misc/xen!noxs/kept'
}

revoking_is() {
	[[ $(revoking) == "$1" ]]
}

# A guest without drivers of noxs, so that nothing lets go by itself.
make_guest() {
	guest_create stale +noxs.noload
	in_guest stale modprobe -a xen-gntdev xen-evtchn
	guest-exec -t "$DEADLINE" -i stale sh -c \
		'cat > /bin/stale; chmod +x /bin/stale' < "$SYSTEM/stale"
}

# In the guest: start to hold, write over what is held, and let go.
start_holding() {
	# What the last one said must not be taken for this one's.
	in_guest "$domid" sh -c ': > /tmp/held
		setsid stale hold > /tmp/held 2>&1 &
		until grep . /tmp/held; do sleep 0.1; done'
}

write_held() {
	in_guest "$domid" sh -c 'killall -USR1 stale
		until grep written /tmp/held; do sleep 0.1; done'
}

let_go() {
	in_guest "$domid" sh -c 'killall stale
		until grep changed /tmp/held; do sleep 0.1; done'
}

fails_with() { # fails_with ERRNO COMMAND…
	local expected=$1 said status=0
	shift
	said=$("$@") || status=$?
	is "status of $*" "$status" 1
	is "errno of $*" "$said" "$expected"
}

# Make it a domain of noxs' again, as chaos knows nothing of its removal.
add_domain() {
	"$SYSTEM/handle" "$domid" "$("$SYSTEM/ctl" dom-add "$domid")"
}

# The domain is removed under the guest, which writes to its former pages. They
# stay its own until it lets go, and so long the domid gets no others.
domain_removed() {
	"$SYSTEM/ctl" dev-add "$domid" 0 2
	is "what the guest says" "$(start_holding)" "held $DEVICES"
	"$SYSTEM/ctl" dom-del "$domid"
	is "pages held" "$(revoking)" "$PAGES"
	fails_with EBUSY "$SYSTEM/ctl" dom-add "$domid"
	fails_with ESRCH "$SYSTEM/ctl" dev-add "$domid" 0
	write_held
	# Other guests come and go meanwhile, with pages of their own.
	guest_create other "$(vif_line 2)"
	vif_connected other 0
	guest_destroy other
	is "pages held" "$(revoking)" "$PAGES"
	fails_with EBUSY "$SYSTEM/ctl" dom-add "$domid"
	is "what the guest says" "$(let_go)" "changed 0"
	wait_for "no page is held" revoking_is 0
	is "pages kept for the domain" "$(kept)" "$PAGES"
}

former_are_refused() {
	is "what the guest gets" "$(in_guest "$domid" stale try)" "pages 0 ports 0"
}

domid_works_again() {
	add_domain
	"$SYSTEM/ctl" dev-add "$domid" 0
	is "pages kept for the domain" "$(kept)" $((PAGES - 2))
	in_guest "$domid" modprobe noxs_core
	wait_for "the device is connected" device_connected
	in_guest "$domid" sh -c 'rmmod noxs_netfront; rmmod noxs_core'
	"$SYSTEM/ctl" dom-del "$domid"
	is "pages held" "$(revoking)" 0
	is "pages kept for the domain" "$(kept)" "$PAGES"
}

device_connected() {
	[[ $(< "/sys/bus/noxs-backend/devices/vif-$domid-0/otherend_state") == Connected ]]
}

# noxs_core in a guest keeps the device page for as long as it is loaded.
domain_removed_under_driver() {
	add_domain
	"$SYSTEM/ctl" dev-add "$domid" 0
	# Also where Xen keeps such pages, which nobody can hold.
	in_guest "$domid" modprobe noxs_core provider=handle
	wait_for "the device is connected" device_connected
	"$SYSTEM/ctl" dom-del "$domid"
	wait_for "the device page alone is held" revoking_is 1
	fails_with EBUSY "$SYSTEM/ctl" dom-add "$domid"
	in_guest "$domid" sh -c 'rmmod noxs_netfront; rmmod noxs_core'
	wait_for "no page is held" revoking_is 0
}

# A guest may hold only so many pages of former devices before it gets no more.
many_devices_removed() {
	add_domain
	"$SYSTEM/ctl" dev-add "$domid" 0 $((MAX_DEVICES - 1))
	is "what the guest says" "$(start_holding)" "held $MAX_DEVICES"
	"$SYSTEM/ctl" dev-del "$domid" 0 $((MAX_DEVICES - 1))
	is "pages held" "$(revoking)" "$MAX_DEVICES"
	fails_with EBUSY "$SYSTEM/ctl" dev-add "$domid" 0
	in_guest "$domid" killall stale
	wait_for "no page is held" revoking_is 0
	"$SYSTEM/ctl" dev-add "$domid" 0
	"$SYSTEM/ctl" dom-del "$domid"
}

# modprobe and udevd would start hundreds of programs for nothing.
many_devices() {
	local modprobe
	modprobe=$(< /proc/sys/kernel/modprobe)
	echo > /proc/sys/kernel/modprobe
	udevadm control --stop-exec-queue
	many_devices_removed
	udevadm control --start-exec-queue
	echo "$modprobe" > /proc/sys/kernel/modprobe
}

# The end of a domain is the end of all that it held.
destroyed_while_holding() {
	add_domain
	"$SYSTEM/ctl" dev-add "$domid" 0
	is "what the guest says" "$(start_holding)" "held 1"
	"$SYSTEM/ctl" dom-del "$domid"
	is "pages held" "$(revoking)" 2
	"$SYSTEM/handle" "$domid" "$handle"
	guest_destroy stale
	wait_for "no page is held or kept" nothing_revoking
	if grep hypervisor /sys/bus/noxs-backend/provider; then
		# Xen keeps pages for whom there is.
		fails_with ESRCH "$SYSTEM/ctl" dom-add "$domid"
		return
	fi
	"$SYSTEM/ctl" dom-add "$domid"
	"$SYSTEM/ctl" dom-del "$domid"
}

bridge_up
ledger_open
check "a guest without drivers" make_guest
domid=$(domid_of stale)
handle=$(handle_of stale)
check "a domain is removed while its guest holds its pages" domain_removed
check "its former pages and ports can't be had" former_are_refused
check "the domid works again" domid_works_again
check "a domain is removed while its devices are connected" \
	domain_removed_under_driver
check "many devices are removed while their guest holds them" many_devices
check "their former pages and ports can't be had" former_are_refused
check "a guest is destroyed while it holds pages" destroyed_while_holding
ledger_close
bridge_down
done_testing
