#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# A guest whose network frontend misbehaves (hostile/vif.c), in every way that it
# knows: it costs it its device, and nobody else anything
#
# cost: boots 1 guests 6 seconds 150

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
KIND=vif
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/hostile/lib.sh"

# What ends the device, by the rules of the control page and of the rings.
closing=(bad_version bad_type bad_state bad_state_large bad_reserved bad_error
	size_none size_odd size_huge payload_short payload_huge queues_outside
	queues_overlap queues_flat queues_wide
	features_unknown features_alone bad_tail queues_none queues_many
	queues_huge queue_unused gref_twice gref_wrong port_none port_twice
	port_wrong port_control tx_prod_beyond tx_prod_back tx_prod_far
	rx_prod_beyond rx_prod_far tx_slots_many tx_extras_endless
	tx_extra_wrong tx_gso_zero tx_gso_type tx_page_crossed tx_underflow)

# What an honest guest could do too: an error for a packet, or nothing.
harmless=(bad_epoch odd_seq rx_gref_wrong tx_empty tx_gref_wrong tx_slots_tiny
	tx_noise event_storm state_flips backend_half)

evil_add() {
	chaos vif add evil id=0 mac=00:16:3e:00:00:66 bridge="$BRIDGE"
}

others_are_well() {
	ping -q -i 0.2 -c 3 -W 10 10.0.0.2
}

evil_is_connected() {
	evil_device | jq -e '.backend_state == "Connected"'
}

# What dom0 wants to send finds no slots, or bad ones: it is dropped, and what
# waits is bounded.
flood_what_does_not_read() {
	local vif
	start_attack
	vif=$(vif_name evil 0)
	wait_for "it is connected" evil_is_connected
	ip neigh add 10.0.0.66 lladdr 00:16:3e:00:00:66 dev "$BRIDGE" nud permanent
	# Three times what the ring and the interface's queue have room for.
	ping -f -c 1000 -i 0.001 -W 1 -s 1400 10.0.0.66 || true
	ip -s link show "$vif"
	evil_is_connected
	ip neigh del 10.0.0.66 dev "$BRIDGE"
	chaos vif del -F evil 0 > /dev/null
	others_are_well
}

# What of these stays there costs dom0 nothing.
staying=(bad_state_stays)

bridge_up
ledger_open
check "an honest guest" guest_create good "$(vif_line 2)" +noxs.ip0=10.0.0.2/24
check "dom0 pings it" pings 10.0.0.2
check "a guest with a hostile driver" evil_create "${closing[@]}" \
	"${harmless[@]}" "${staying[@]}" rx_never
for name in "${closing[@]}"; do
	check "$name: the device is closed" attack_closes "$name"
done
for name in "${harmless[@]}"; do
	check "$name: nothing happens" attack_is_harmless "$name"
done
for name in "${staying[@]}"; do
	check "$name: dom0 has no more to do" attack_that_stays "$name" 5
done
check "a guest that doesn't read is flooded" flood_what_does_not_read
check "the log has few lines of it" logged_little
if ((DEBUG)); then
	check "nothing leaked in the honest guest" no_leak in_guest good
fi
check "the guests are destroyed" guest_destroy evil good
ledger_close
bridge_down
done_testing
