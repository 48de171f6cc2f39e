#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# A guest whose network frontend misbehaves (hostile/vif.c), in every way that it
# knows, all at once and for as long as it is let: it costs it its devices, and
# nobody else anything; and then its network and block frontends at full speed
#
# xenhost: --xen-args gnttab_max_frames=128
# cost: boots 1 guests 6 seconds 240

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
KIND=vif
TYPE=2
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/block-lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/hostile/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/hostile/storm.sh"
# shellcheck disable=SC2034 # for lib.sh: the hostile guest needs no more
INITRAMFS=initramfs-net.cpio
# shellcheck disable=SC2034 # for lib.sh: what it takes back, dom0 has mapped
GUESTS_MAY_SAY='g\.e\. 0x[0-9a-f]+ still in use'

# What ends the device, by the rules of the control page and of the rings.
closing=(bad_version bad_type bad_state bad_state_large bad_reserved bad_error
	size_none size_odd size_huge payload_short payload_huge queues_outside
	queues_overlap queues_flat queues_wide
	features_unknown features_alone bad_tail queues_none queues_many
	queues_huge queue_unused gref_twice gref_wrong port_none port_twice
	port_wrong port_control tx_prod_beyond tx_prod_back tx_prod_far
	rx_prod_beyond rx_prod_far tx_slots_many tx_extras_endless
	tx_extra_wrong tx_gso_zero tx_gso_type tx_page_crossed tx_underflow
	list_is_ring list_endless list_noise)

# What an honest guest could do too: an error for a packet, or nothing.
harmless=(bad_epoch odd_seq rx_gref_wrong tx_empty tx_gref_wrong tx_slots_tiny
	tx_noise tx_gso event_storm state_flips backend_half
	list_wrong buffers_wrong buffers_change)

evil_attacks=("${closing[@]}" "${harmless[@]}")

evil_add() {
	chaos vif add evil id="$1" mac="00:16:3e:00:66:$(printf %02x "$1")" \
		bridge="$BRIDGE"
}

# What dom0 wants to send finds no slots, or bad ones: it is dropped, and what
# waits is bounded.
flood_what_does_not_read() {
	local id vif
	id=$(attack_id rx_gref_wrong)
	vif=$(vif_name evil "$id")
	ip neigh add 10.0.0.66 lladdr "00:16:3e:00:66:$(printf %02x "$id")" \
		dev "$BRIDGE" nud permanent
	# Three times what the ring and the interface's queue have room for.
	ping -f -c 1000 -i 0.001 -W 1 -s 1400 10.0.0.66 || true
	ip -s link show "$vif"
	ip neigh del 10.0.0.66 dev "$BRIDGE"
	look_at_devices
	[[ ${evil_state[$id]} == Connected ]]
}

# Of those that say into how many segments they are to be cut, one is good.
gso_is_checked() {
	local vif
	vif=$(vif_name evil "$(attack_id tx_gso)")
	ethtool -S "$vif" | grep guest_q0_tx
	is "packets" "$(counter "$vif" guest_q0_tx_packets)" 1
	is "errors" "$(counter "$vif" guest_q0_tx_errors)" 5
}

# What is in a page that the guest writes all the while is copied once, without Xen; what
# can't be mapped is copied by Xen.
buffers_are_copied() {
	local vif
	vif=$(vif_name evil "$(attack_id buffers_change)")
	ethtool -S "$vif" | grep guest_q0_tx
	(($(counter "$vif" guest_q0_tx_buffered) > 200))
	vif=$(vif_name evil "$(attack_id buffers_wrong)")
	is "packets" "$(counter "$vif" guest_q0_tx_packets)" 200
	is "pieces copied without Xen" "$(counter "$vif" guest_q0_tx_buffered)" 0
}

counter() { # counter VIF NAME
	ethtool -S "$1" | sed -n "s/^ *$2: //p"
}

# What is written to its disk takes memory once.
good_guest() {
	head -c 24M /dev/zero > "$good_disk"
	guest_create good "$(vif_line 2)" +noxs.ip0=10.0.0.2/24 \
		"ramdisk = '$GUESTS/initramfs.cpio'"
	disk_add good 0 "$good_disk"
}

bridge_up
disks_init
ledger_open
memory_disk good
good_disk=$disk
memory_disk evil size=16
evil_disk=$disk
check "an honest guest" good_guest
check "dom0 pings it" pings 10.0.0.2
check "a guest with a hostile driver" evil_create "max_grant_frames = 128"
"$SYSTEM/hostile/work" open
others_start
dom0_work quiet
check "it does all that it can" attacks
look_at_devices
for name in "${closing[@]}"; do
	check "$name: the device is closed" attack_closed "$name"
done
for name in "${harmless[@]}"; do
	check "$name: nothing happens" attack_is_harmless "$name"
done
check "packets are cut into segments only if they are good" gso_is_checked
check "buffers that stay granted are copied once, or by Xen" buffers_are_copied
check "what stays costs dom0 nothing" \
	comes_to_rest dom0_work quiet stay
work_table quiet stay | diag
check "a guest that doesn't read is flooded" flood_what_does_not_read
check "the honest guest lost nothing" others_are_well
check "the log has few lines of it" logged_little
check "the honest guest has some load" \
	load_start good nxda 24 --numjobs=1 --thinktime=100000
storm_tests "$evil_disk"
check "the honest guest saw no error" load_stop good
check "what was let go costs dom0 nothing" \
	comes_to_rest dom0_work quiet gone
if ((DEBUG)); then
	check "nothing leaked in the honest guest" no_leak in_guest good
fi
check "the guests are destroyed" guest_destroy evil good
memory_disk_del evil good
ledger_close
bridge_down
done_testing
