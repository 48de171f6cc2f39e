#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# A vif with a rate: what its guest sends is bounded by its credit, from all
# queues together; others don't notice, and neither does what the guest receives.
#
# cost: boots 1 guests 4 seconds 100

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

# 4Mb/s@50ms
CREDIT=25000
INTERVAL_US=50000
QUEUES=2
# The largest packet, of which each queue may send one more than it has credit.
PACKET=65535
# TCP moves a connection to another queue when it gets no answer: with so many of them
# each queue always has some.
PORTS=({5101..5116})

netdev_of() { # netdev_of ID - dom0's interface
	vif_name r "$1"
}

bytes_of() { # bytes_of ID - what the guest has sent
	cat "/sys/class/net/$(netdev_of "$1")/statistics/rx_bytes"
}

counter() { # counter ID NAME - of each queue, a line each
	ethtool -S "$(netdev_of "$1")" | sed -n "s/.*guest_q[0-9]*_$2: //p"
}

largest() { # largest ID NAME - of the queues' counters
	counter "$1" "$2" | sort -n | tail -n 1
}

shown() { # shown ID KEY - in "vif list"
	chaos vif list -j r | jq -r --argjson id "$1" --arg key "$2" \
		'.[] | select(.id == $id)[$key]'
}

start() {
	guest_create r 'vcpus = 2' "vif = [
		'mac=00:16:3e:00:00:01,bridge=$BRIDGE,rate=4Mb/s',
		'mac=00:16:3e:00:00:02,bridge=$BRIDGE' ]" \
		+noxs.ip0=10.0.0.2/24 +noxs.ip1=10.0.1.2/24
	vif_connected r 0
	vif_connected r 1
	pings 10.0.0.2
	pings 10.0.1.2
	is "queues" "$(counter 0 tx_limited | wc -l)" "$QUEUES"
}

rates_are_shown() {
	is "rate of vif 0" "$(shown 0 rate)" 500KB/s@50ms
	is "rate of vif 1" "$(shown 1 rate)" null
	chaos vif list r
	chaos vif list r | grep -E '^ +0 .* 500KB/s@50ms$'
	chaos vif list r | grep -E '^ +1 .* -$'
	is "rate in info" "$(chaos info -j r | jq -r '.vifs[0].rate')" \
		500KB/s@50ms
	chaos vif add r id=5 rate=1MB/s@20ms bridge="$BRIDGE"
	is "rate of vif 5" "$(shown 5 rate)" 1MB/s@20ms
	is "rate in info" "$(chaos info -j r | jq -r \
		'.vifs[] | select(.id == 5).rate')" 1MB/s@20ms
	chaos vif del r 5
}

wrong_rates() {
	local rate
	for rate in 10 10Mb 0Mb/s 1Mb/s@ 1Mb/s@999us 1Mb/s@5000s 9999GB/s; do
		fails 1 chaos vif add r id=6 "rate=$rate"
		grep -q 'rate: ' "$work/stderr"
	done
	is "vifs" "$(chaos vif list -j r | jq -r '[.[].id] | join(" ")')" "0 1"
}

listeners_start() {
	local port
	for port in "${PORTS[@]}"; do
		nc -k -l "$HOST_IP" "$port" > /dev/null < /dev/null &
		listeners+=($!)
		wait_for "dom0 listens" sh -c "ss -ltn | grep -q :$port"
	done
}

listeners_stop() {
	kill "${listeners[@]}"
	wait "${listeners[@]}" || true
}

# The guest sends as much as it can, over several connections.
flood_start() {
	# shellcheck disable=SC2016 # for the guest's shell
	in_guest r sh -c 'for port; do
		nc.openbsd 10.0.0.1 "$port" < /dev/zero > /dev/null 2>&1 &
	done' flood "${PORTS[@]}"
	wait_for "there is no credit left" limited_more "$(largest 0 tx_limited)" 3
}

flood_stop() {
	in_guest r killall -9 nc.openbsd
}

limited_more() { # limited_more BEFORE TIMES
	(($(largest 0 tx_limited) >= $1 + $2))
}

# Over any time the guest sends at most what its intervals bring, what the bucket
# held, and one packet of each queue. Each time that a queue has to wait, all the
# credit of an interval was used: so it is no less, either.
bounded() { # bounded TIMES - for so long that a queue has to wait so often
	local begin=${EPOCHREALTIME/./} before waits sent us most least
	waits=$(largest 0 tx_limited)
	before=$(bytes_of 0)
	wait_for "credit is used up $1 times" limited_more "$waits" "$1"
	waits=$(($(largest 0 tx_limited) - waits))
	sent=$(($(bytes_of 0) - before))
	us=$((${EPOCHREALTIME/./} - begin))
	most=$((CREDIT * (us / INTERVAL_US + 2) + QUEUES * PACKET))
	least=$((CREDIT * ($1 - 2) - QUEUES * PACKET))
	echo "$sent bytes in $us us, with $waits waits: $least to $most"
	((sent <= most && sent >= least))
}

# Neither queue always finds what the other one left.
no_queue_starves() {
	local before after
	before=$(counter 0 tx_bytes)
	bounded 20
	after=$(counter 0 tx_bytes)
	paste <(echo "$before") <(echo "$after")
	paste <(echo "$before") <(echo "$after") |
		awk '$2 - $1 < 100000 { bad = 1 } END { exit bad }'
}

both_queues_wait() {
	(($(counter 0 tx_limited | sort -n | sed -n 1p) > 0))
}

other_vif() {
	local sum
	in_guest r sh -c 'head -c 8000000 /dev/urandom > /tmp/out'
	sum=$(in_guest r sh -c 'sha256sum < /tmp/out')
	nc -l 10.0.1.1 5010 > "$work/bytes" 2> "$work/nc" < /dev/null &
	receiver=$!
	wait_for "dom0 listens" sh -c 'ss -ltn | grep -q :5010'
	in_guest r sh -c 'nc.openbsd -N 10.0.1.1 5010 < /tmp/out'
	wait "$receiver"
	is "checksum" "$(sha256sum < "$work/bytes")" "$sum"
	is "waits of the other vif" "$(largest 1 tx_limited)" 0
	bounded 5
}

received_is_not_limited() {
	local sum us begin=${EPOCHREALTIME/./}
	head -c 8000000 /dev/urandom > "$work/bytes"
	sum=$(sha256sum < "$work/bytes")
	in_guest r sh -c 'nc.openbsd -l 5011 > /tmp/in < /dev/null &'
	wait_for "the guest listens" in_guest r sh -c 'ss -ltn | grep :5011'
	nc -N 10.0.0.2 5011 < "$work/bytes"
	wait_for "all bytes are there" in_guest r sh -c '! pgrep -x nc.openbsd'
	us=$((${EPOCHREALTIME/./} - begin))
	is "checksum" "$(in_guest r sh -c 'sha256sum < /tmp/in')" "$sum"
	echo "8000000 bytes in $us us, in which it could send" \
		$((us * CREDIT / INTERVAL_US))
	in_guest r rm -f /tmp/in /tmp/out
}

timers() {
	grep -c '>, tx_timer' /proc/timer_list || true
}

timer_is_armed() {
	(($(timers) > 0))
}

timer_only_when_needed() {
	wait_for "a timer runs while the guest has to wait" timer_is_armed
	flood_stop
	wait_for "none does while it sends nothing" no_timer
}

no_timer() {
	is timers "$(timers)" 0
}

reload() {
	flood_start
	rmmod noxs_netback
	no_timer
	modprobe noxs_netback
	vif_connected r 0
	vif_connected r 1
	ip link set "$(netdev_of 0)" master "$BRIDGE" up
	ip link set "$(netdev_of 1)" master "$BRIDGE" up
	is "rate of vif 0" "$(shown 0 rate)" 500KB/s@50ms
	wait_for "the flood goes on" limited_more 0 5
	bounded 5
}

destroy_while_limited() {
	wait_for "a timer runs" timer_is_armed
	guest_destroy r
	no_timer
}

listeners=()
bridge_up
ip addr add 10.0.1.1/24 dev "$BRIDGE"
ledger_open
check "a guest of two vifs, one with a rate" start
check "rates are shown" rates_are_shown
check "wrong rates are refused" wrong_rates
check "no timer for a guest that sends nothing" no_timer
check "what the guest receives is not limited" received_is_not_limited
listeners_start
check "it sends all that it can" flood_start
for ((i = 0; i < $(repetitions 3); i++)); do
	check "what it sends is bounded by its credit" bounded 20
done
check "both queues have to wait" wait_for "both" both_queues_wait
check "no queue starves" no_queue_starves
check "another vif sends as it likes" other_vif
check "a timer is armed only when needed" timer_only_when_needed
check "netback is reloaded while a guest waits" reload
check "the guest is destroyed while it waits" destroy_while_limited
listeners_stop
ledger_close
bridge_down
done_testing
