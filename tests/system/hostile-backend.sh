#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Backends that misbehave (hostile/backend.c), in every way that they know, all at
# once and for as long as they like: it costs the guest the devices that they
# are behind, and nothing of another device
#
# cost: boots 1 guests 4 seconds 150

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/hostile/lib.sh"

# What the guest closes, by the rules of the control page and of the rings.
closing=(bad_version bad_type bad_state bad_state_large bad_reserved bad_error
	bad_tail epoch_none mac_zero mac_multicast mtu_small mtu_huge
	queues_none queues_many queues_huge offer_pad
	later_state later_version later_tail later_closed later_mtu
	tx_prod_beyond tx_prod_far tx_prod_back rx_prod_beyond rx_prod_far
	tx_id_large tx_id_free tx_no_extra rx_id_wrong rx_id_large
	rx_more_endless rx_extras_endless rx_kept)

# What an honest backend could do too: the device goes on.
harmless=(features_unknown features_alone features_none later_odd frontend_half
	event_storm seq_flips mtu_flips rx_keeps_all tx_status rx_sizes
	rx_slots rx_extras rx_headers rx_gso rx_noise rx_look)

# Linux' own line of a page that its backend keeps.
GUESTS_MAY_SAY='g\.e\. .* still in use'

# Device 0 is an honest one.
evil_attacks=(none "${closing[@]}" "${harmless[@]}" odd_seq state_flips
	keeps_and_goes)
evil_last=$((${#evil_attacks[@]} - 1))

# What the backend said of an attack, when all had been said.
evil_said() { # evil_said NAME
	grep "noxs_hostile_backend: $1 of " "$work/said"
}

all_is_said() {
	dmesg | grep 'noxs_hostile_backend: .* of ' > "$work/said"
	(($(wc -l < "$work/said") == evil_last))
}

# All interfaces are up, and send what IPv6 does by itself.
guest_is_lively() {
	in_guest good sh -c \
		'while sleep 1; do ip link set group default up; done > /dev/null 2>&1 &'
	guest-exec -t "$DEADLINE" -i good sh -c \
		'cat > /bin/work; chmod +x /bin/work; work open' \
		< "$SYSTEM/hostile/work"
}

attack_guest() {
	echo "$domid" > /sys/module/noxs_hostile_backend/parameters/victim
	"$SYSTEM/ctl" dev-add "$domid" 1 "$evil_last"
	wait_for "the backends did their worst" all_is_said || {
		cat "$work/said"
		return 1
	}
	# shellcheck disable=SC2016 # the guest expands
	in_guest good sh -c 'cd /sys/bus/noxs/devices && for i in vif-*; do
		echo "$i $(cat "$i/state")"; done' > "$work/states"
}

frontend_is() { # frontend_is NAME STATE
	evil_said "$1"
	is "the frontend" "$(grep "^vif-$(attack_id "$1") " "$work/states")" \
		"vif-$(attack_id "$1") $2"
	must_fail grep -E '; (error|no request|not granted)' <(evil_said "$1")
}

guest_work() { # guest_work NAME
	work_of "$work/$1" in_guest good work
}

nothing_in_buffers() {
	evil_said rx_look | grep "looked at [1-9].*, dirty 0$"
}

# Of those that say into how many segments they are to be cut, one is good, and
# another packet follows.
gso_is_checked() {
	local dir
	dir=/sys/bus/noxs/devices/vif-$(attack_id rx_gso)/net
	in_guest good sh -c "ethtool -S \$(ls $dir)" | grep rx0_ > "$work/stats"
	cat "$work/stats"
	grep -x ' *rx0_packets: 2' "$work/stats"
	grep -x ' *rx0_errors: 5' "$work/stats"
}

# Each connection has 66 pages: with seven of them there are too few, with eight too
# many.
little_is_kept() {
	evil_said keeps_and_goes
	evil_said keeps_and_goes | grep 'connected 8 times'
	frontend_is keeps_and_goes Initialising
}

guest_table() { # guest_table AFTER - what each attack costs the guest
	local id
	printf '%-20s %-12s %11s\n' attack state interrupts
	for id in "${!evil_attacks[@]}"; do
		printf '%-20s %-12s %11d\n' "${evil_attacks[id]}" \
			"$(sed -n "s/^vif-$id //p" "$work/states")" \
			"$(awk -v id="$id" '
				$2 ~ "^vif-" id "(-|$)" { n += $3 }
				END { print n + 0 }' "$work/$1")"
	done
}

# Drivers are asked in the order in which they came.
rmmod noxs_netback 2> /dev/null || true
modprobe noxs_core
(IFS=,; modprobe noxs_hostile_backend "attacks=${evil_attacks[*]}")
bridge_up
ledger_open
check "a guest" guest_create good "$(vif_line 2)" +noxs.ip0=10.0.0.2/24
domid=$(domid_of good)
check "dom0 pings it" pings 10.0.0.2
check "its interfaces will be up" guest_is_lively
others_start
guest_work quiet
check "hostile backends do all that they can" attack_guest
for name in "${closing[@]}"; do
	check "$name: the device is closed" frontend_is "$name" Closed
done
for name in "${harmless[@]}"; do
	check "$name: the device goes on" frontend_is "$name" Connected
done
check "odd_seq: nothing to be read yet" frontend_is odd_seq Initialising
check "state_flips: they come to an end" evil_said state_flips
check "buffers that are given again hold nothing of the guest's" \
	nothing_in_buffers
check "packets are cut into segments only if they are good" gso_is_checked
check "a backend that keeps what it is granted gets no more" little_is_kept
guest_work stay
check "what stays costs the guest nothing" is_quiet quiet stay
guest_table stay | diag
check "the devices are removed" "$SYSTEM/ctl" dev-del "$domid" 1 "$evil_last"
check "the honest device lost nothing" others_are_well
if ((DEBUG)); then
	check "nothing leaked in the guest" no_leak in_guest good
fi
check "the guest is destroyed" guest_destroy good
rmmod noxs_hostile_backend
ledger_close
bridge_down
done_testing
