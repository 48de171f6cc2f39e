#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Network devices: traffic of every kind, hot-plug, reconnection, and the end of
# guests in every way.  No xenstored runs.
#
# cost: boots 1 guests 14 seconds 280

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

no_xenstored() {
	is "xenstored" "$(pgrep -l xenstored || true)" ""
	[[ ! -S /run/xenstored/socket ]]
}

# Which interface of a guest has this device id. A guest may answer before it has
# loaded the driver.
guest_netdev() { # guest_netdev NAME ID
	local dir=/sys/bus/noxs/devices/vif-$2/net
	wait_for "$1 has a driver for vif $2" in_guest "$1" test -e "$dir"
	in_guest "$1" ls "$dir"
}

three_vifs() {
	local n
	guest_create three "$(vif_line 11 12 13)" +noxs.ip0=10.0.0.11/24 \
		+noxs.ip1=10.0.1.12/24 +noxs.ip2=10.0.2.13/24
	ip addr add 10.0.1.1/24 dev "$BRIDGE"
	ip addr add 10.0.2.1/24 dev "$BRIDGE"
	for n in 0 1 2; do
		vif_connected three "$n"
		pings "10.0.$n.1$((n + 1))"
		is "mac of vif $n" "$(in_guest three cat \
			"/sys/class/net/$(guest_netdev three "$n")/address")" \
			"00:16:3e:00:00:$(printf %02x $((n + 11)))"
	done
	ip addr del 10.0.1.1/24 dev "$BRIDGE"
	ip addr del 10.0.2.1/24 dev "$BRIDGE"
	guest_destroy three
}

# Everything below uses one guest, "one", of two vCPUs.

pktgen_open() { # pktgen_open VIF - packets to the guest, of 1000 octets
	local words
	modprobe pktgen
	echo "add_device $1" > /proc/net/pktgen/kpktgend_0
	for words in "pkt_size 1000" "dst 10.0.0.2" "dst_mac 00:16:3e:00:00:02"; do
		pktgen_set "$1" "$words"
	done
}

pktgen_set() { # pktgen_set VIF WORDS
	echo "$2" > "/proc/net/pktgen/$1"
}

# It sends one packet many times, without a copy, through any interface that says
# that it keeps nothing in a packet. If ours does, the host dies of what follows.
pktgen() {
	local vif words shared=0
	vif=$(vif_name one 0)
	pktgen_open "$vif"
	for words in "burst 2" "clone_skb 2"; do
		if pktgen_set "$vif" "$words"; then
			echo "accepted: $words"
			shared=1
		fi
	done
	pktgen_set "$vif" "count 500"
	echo start > /proc/net/pktgen/pgctrl
	cat "/proc/net/pktgen/$vif"
	grep -E 'pkts-sofar: 500 .*errors: 0' "/proc/net/pktgen/$vif"
	rmmod pktgen
	is "packets that may be sent twice" "$shared" 0
	pings 10.0.0.2
}

backlog() { # backlog VIF - octets that dom0's network layer keeps for the guest
	tc -j -s qdisc show dev "$1" |
		jq 'map(select(.kind != "mq").backlog) | add'
}

dropped() { # dropped VIF - packets for the guest
	cat "/sys/class/net/$1/statistics/tx_dropped"
}

dropped_more() { # dropped_more VIF BEFORE
	(($(dropped "$1") > $2))
}

# A guest that takes no packets: dom0 keeps few of them, and for a short time.
unread() {
	local vif netdev words before sender now most=0 stall was
	vif=$(vif_name one 0)
	netdev=$(guest_netdev one 0)
	# However slow this machine is, packets are dropped for what waits, and not
	# for want of a carrier.
	stall=/sys/module/noxs_netback/parameters/rx_stall_ms
	was=$(< "$stall")
	echo 0 > "$stall"
	modprobe sch_fq_codel
	sysctl -q net.core.default_qdisc=fq_codel
	tc qdisc replace dev "$vif" root handle 1: mq
	before=$(dropped "$vif")
	in_guest one ip link set "$netdev" down
	pktgen_open "$vif"
	for words in "pkt_size 3000" "xmit_mode queue_xmit" "count 10000"; do
		pktgen_set "$vif" "$words"
	done
	echo start > /proc/net/pktgen/pgctrl &
	sender=$!
	while kill -0 "$sender" 2> /dev/null; do
		now=$(backlog "$vif")
		most=$((now > most ? now : most))
	done
	wait "$sender"
	grep -A 2 Result "/proc/net/pktgen/$vif"
	rmmod pktgen
	echo "waiting: at most $most octets, now $(backlog "$vif")"
	wait_for "packets are dropped" dropped_more "$vif" "$before"
	echo "dropped: $(($(dropped "$vif") - before))"
	is "carrier" "$(cat "/sys/class/net/$vif/carrier")" 1
	echo "$was" > "$stall"
	((most < 16000000))
	wait_for "nothing waits" sh -c "[ \"\$(tc -j -s qdisc show dev $vif |
		jq 'map(.backlog) | add')\" = 0 ]"
	in_guest one ip link set "$netdev" up
	pings 10.0.0.2
	tc qdisc del dev "$vif" root
	pings 10.0.0.2
}

tcp_to_guest() { # tcp_to_guest [BYTES]
	local sum
	head -c "${1:-8000000}" /dev/urandom > "$work/bytes"
	sum=$(sha256sum < "$work/bytes")
	in_guest one sh -c 'nc.openbsd -l 5000 > /tmp/in < /dev/null &'
	wait_for "the guest listens" in_guest one sh -c 'ss -ltn | grep :5000'
	nc -N 10.0.0.2 5000 < "$work/bytes"
	wait_for "all bytes are there" in_guest one sh -c '! pgrep -x nc.openbsd'
	is "checksum in the guest" "$(in_guest one sh -c 'sha256sum < /tmp/in')" "$sum"
	in_guest one rm /tmp/in
}

tcp_from_guest() { # tcp_from_guest [BYTES]
	local sum
	in_guest one sh -c "head -c ${1:-8000000} /dev/urandom > /tmp/out"
	sum=$(in_guest one sh -c 'sha256sum < /tmp/out')
	nc -l 5001 > "$work/bytes" < /dev/null &
	wait_for "dom0 listens" sh -c 'ss -ltn | grep -q :5001'
	in_guest one sh -c 'nc.openbsd -N 10.0.0.1 5001 < /tmp/out'
	wait
	is "checksum in dom0" "$(sha256sum < "$work/bytes")" "$sum"
	in_guest one rm /tmp/out
}

iperf() { # iperf NAME OPTION… - a run against the guest's server, which must move data
	local name=$1 bytes
	shift
	iperf3 -J -c 10.0.0.2 -t 3 "$@" > "$work/iperf" || {
		cat "$work/iperf"
		return 1
	}
	bytes=$(jq '.end.sum_received.bytes // .end.sum.bytes' "$work/iperf")
	echo "$name: $bytes bytes"
	# More than what TCP sends before anything is answered.
	((bytes > 30000))
}

granted() { # granted COUNTER - of noxs_granted, in the guest
	in_guest one cat "/sys/module/noxs_granted/parameters/$1"
}

# Packets that the guest puts together from several, and sends in one piece.
traffic_of_frames() {
	local vif
	vif=$(vif_name one 0)
	ethtool -K "$vif" tso off gso off
	tcp_to_guest 2000000
	ethtool -K "$vif" tso on gso on
	tcp_from_guest 2000000
	in_guest one ping -q -i 0.01 -c 100 -s 1400 -W 10 10.0.0.1
	ping -q -i 0.01 -c 100 -s 1400 -W 10 10.0.0.2
	echo "granted: $(granted granted), dirty: $(granted dirty)," \
		"with pointers: $(granted pointers)"
	(($(granted granted) > 1000))
}

pages_hold_no_pointer() {
	in_guest one modprobe noxs_granted
	traffic_of_frames
	is "pages with pointers" "$(granted pointers)" 0
}

# To a backend that isn't trusted, all is copied, into pages that are else zero.
pages_hold_nothing() {
	in_guest one rmmod noxs_netfront
	in_guest one modprobe noxs_netfront trusted=N
	vif_connected one 0
	pings 10.0.0.2
	in_guest one sh -c 'echo 0 > /sys/module/noxs_granted/parameters/dirty'
	traffic_of_frames
	"$SYSTEM/sizes" 10.0.0.2 1 65507 997
	is "pages that weren't zero" "$(granted dirty)" 0
	in_guest one rmmod noxs_netfront noxs_granted
	in_guest one modprobe noxs_netfront
	vif_connected one 0
	pings 10.0.0.2
}

ethtool_answers() { # ethtool_answers DRIVER COMMAND…
	local driver=$1
	shift
	"$@" ethtool -i "$netdev" | grep -x "driver: $driver"
	"$@" ethtool -l "$netdev" | grep -E '^(Combined|TX):.*[1-9]'
	"$@" ethtool -g "$netdev" | grep -E '^TX:.*256'
	"$@" ethtool -k "$netdev" | grep -x 'scatter-gather: on'
	"$@" ethtool -k "$netdev" | grep -x 'tcp-segmentation-offload: on'
	"$@" ethtool -S "$netdev" | grep -E 'packets: [1-9]'
}

ethtool_in_host() {
	netdev=$(vif_name one 0)
	ethtool_answers noxs_netback env
}

ethtool_in_guest() {
	netdev=$(guest_netdev one 0)
	ethtool_answers noxs_netfront in_guest one
}

queues() { # queues N
	is "queues of dom0's end" "$(find "/sys/class/net/$(vif_name one 0)/queues" \
		-name 'tx-*' | wc -l)" "$1"
}

tx_interrupts() { # of responses to what the guest has sent
	in_guest one cat /proc/interrupts | awk '$NF ~ /-tx$/ {
		for (i = 2; $i ~ /^[0-9]+$/; i++)
			n += $i
	} END { print n + 0 }'
}

# Answers to ping(8) fit into the head pages: nobody waits for their end.
small_packets() {
	local before after
	before=$(tx_interrupts)
	ping -q -i 0.01 -c 300 -s 56 -W 10 10.0.0.2
	after=$(tx_interrupts)
	echo "interrupts for the end of 300 packets: $before, then $after"
	((before > 0 && after - before < 100))
}

counted() { # counted NAME - by dom0's end, of all queues
	ethtool -S "$(vif_name one 0)" |
		awk -F ': ' -v name="_$1\$" '$1 ~ name { n += $2 } END { print n + 0 }'
}

no_page_is_kept() {
	[[ $(counted tx_pages) == 0 ]]
}

no_buffer_is_mapped() {
	[[ $(counted tx_buffers) == 0 ]]
}

# What the guest sends from its head pages costs no hypercall, once these are mapped. On
# a slow machine, they may be given back meanwhile, and mapped again.
buffers_are_mapped() {
	local packets buffered
	packets=$(counted tx_packets)
	buffered=$(counted tx_buffered)
	ping -q -i 0.01 -c 400 -s 56 -W 10 10.0.0.2
	packets=$(($(counted tx_packets) - packets))
	buffered=$(($(counted tx_buffered) - buffered))
	echo "$packets packets, of which $buffered were copied without Xen;" \
		"mapped: $(counted tx_buffers)"
	((packets >= 400 && buffered >= packets / 2))
}

# What there is no room for is copied by Xen. Nothing is mapped yet.
buffers_are_few() {
	local limit=/sys/module/noxs_netback/parameters/max_guest_buffers was buffered
	was=$(< "$limit")
	buffered=$(counted tx_buffered)
	echo 7 > "$limit"
	ping -q -i 0.01 -c 200 -s 56 -W 10 10.0.0.2
	echo "mapped: $(counted tx_buffers)"
	is "pieces that were copied without Xen" "$(counted tx_buffered)" "$buffered"
	echo "$was" > "$limit"
}

# What packets are copied to is used again while there are some, and then given back.
pages_go_back() {
	tcp_from_guest 2000000
	echo "kept: $(counted tx_pages)"
	(($(counted tx_pages) > 0))
	wait_for "all of them went back" no_page_is_kept
	wait_for "no buffer is mapped" no_buffer_is_mapped
}

# MTUs differ: what is larger than a bridge's smallest one is dropped there.
JUMBO=noxsbr9

jumbo_bridge_up() {
	ip link add "$JUMBO" type bridge
	ip link set "$JUMBO" mtu 65535
	ip addr add 10.0.9.1/24 dev "$JUMBO"
	ip link set "$JUMBO" up
}

ipv6() {
	wait_for "fd00::2 answers" ping -6 -c 1 -W 2 fd00::2
	ping -q -6 -i 0.2 -c 5 -W 10 -s 4000 fd00::2
	iperf IPv6 -6 -c fd00::2
}

sizes() {
	if ((LONG && !DEBUG)); then
		"$SYSTEM/sizes" 10.0.0.2 1 65507 1
		return
	fi
	"$SYSTEM/sizes" 10.0.0.2 1 1600 1
	"$SYSTEM/sizes" 10.0.0.2 1601 65507 631
}

# netif's size of a packet is 16 bits wide, and counts the Ethernet header.
jumbo_guest() {
	guest_create jumbo "vif = [ 'mac=00:16:3e:00:00:21,bridge=$JUMBO,mtu=65535',
		'mac=00:16:3e:00:00:22,bridge=$BRIDGE' ]" \
		+noxs.ip0=10.0.9.21/24 +noxs.ip1=10.0.0.21/24
	pings 10.0.9.21
	is "mtu in the guest" "$(in_guest jumbo cat \
		"/sys/class/net/$(guest_netdev jumbo 0)/mtu")" 65521
	is "mtu in dom0" "$(cat "/sys/class/net/$(vif_name jumbo 0)/mtu")" 65535
}

jumbo_sizes() {
	if ((LONG && !DEBUG)); then
		"$SYSTEM/sizes" 10.0.9.21 1 65507 1
		return
	fi
	"$SYSTEM/sizes" 10.0.9.21 4000 4200 1
	"$SYSTEM/sizes" 10.0.9.21 8100 8300 1
	"$SYSTEM/sizes" 10.0.9.21 61400 61560 1
	"$SYSTEM/sizes" 10.0.9.21 65400 65507 1
	"$SYSTEM/sizes" 10.0.9.21 1 65507 331
}

small_mtu() {
	guest_create small "vif = [ 'mac=00:16:3e:00:00:23,bridge=$BRIDGE,mtu=576' ]" \
		+noxs.ip0=10.0.0.23/24
	pings 10.0.0.23
	is "mtu in the guest" "$(in_guest small cat \
		"/sys/class/net/$(guest_netdev small 0)/mtu")" 576
	"$SYSTEM/sizes" 10.0.0.23 1 2000 37
	guest_destroy small
}

guest_to_guest() {
	local sum
	in_guest jumbo sh -c 'head -c 5000000 /dev/urandom > /tmp/out'
	sum=$(in_guest jumbo sh -c 'sha256sum < /tmp/out')
	in_guest one sh -c 'nc.openbsd -l 5002 > /tmp/in < /dev/null &'
	wait_for "the guest listens" in_guest one sh -c 'ss -ltn | grep :5002'
	in_guest jumbo sh -c 'nc.openbsd -N 10.0.0.2 5002 < /tmp/out'
	wait_for "all bytes are there" in_guest one sh -c '! pgrep -x nc.openbsd'
	is "checksum" "$(in_guest one sh -c 'sha256sum < /tmp/in')" "$sum"
}

# What comes over the bridge in one go is copied in one go.
forwarded_at_once() {
	local packets batches
	packets=$(counted rx_packets)
	batches=$(counted rx_batches)
	in_guest jumbo ping -q -l 100 -c 100 -W 10 10.0.0.2
	packets=$(($(counted rx_packets) - packets))
	batches=$(($(counted rx_batches) - batches))
	echo "$packets packets in $batches batches"
	((packets >= 100 && batches > 0 && batches < packets * 3 / 4))
}

hotplug_under_traffic() {
	traffic_start 10.0.0.2
	for _ in 1 2 3; do
		chaos vif add one id=7 mac=00:16:3e:00:00:07 bridge="$BRIDGE"
		vif_connected one 7
		in_guest one test -e /sys/bus/noxs/devices/vif-7/net
		chaos vif del one 7
		wait_for "the guest's device left" in_guest one sh -c \
			'! test -e /sys/bus/noxs/devices/vif-7'
	done
	traffic_stop
	pings 10.0.0.2
}

# The device itself goes, while it is used, and another one takes its number.
replace_under_traffic() {
	traffic_start 10.0.0.2
	chaos vif del one 0
	chaos vif add one id=0 mac=00:16:3e:00:00:02 bridge="$BRIDGE"
	traffic_stop
	vif_connected one 0
	pings 10.0.0.2
}

unload_netfront() {
	in_guest one rmmod noxs_netfront
	wait_for "dom0 waits for it" sh -c "chaos vif list -j one | grep -q InitWait"
}

reload_netfront() {
	local epoch
	traffic_start 10.0.0.2
	for _ in 1 2; do
		unload_netfront
		in_guest one modprobe noxs_netfront
		vif_connected one 0
	done
	traffic_stop
	pings 10.0.0.2
	epoch=$(cat "/sys/bus/noxs-backend/devices/vif-$(domid_of one)-0/epoch")
	echo "epoch $epoch"
	((epoch >= 3))
}

# lacking FUNCTION ERRNO TIMES COMMAND… - what is lacked for so often in the kernel
# in which COMMAND runs its arguments, while the guest's driver comes anew
lacking() {
	local function=$1 error=$2 times=$3
	shift 3
	unload_netfront
	"$@" modprobe noxs_fail "function=$function" "error=-$error" "times=$times"
	in_guest one modprobe noxs_netfront
	vif_connected one 0
	is "failures still to come" \
		"$("$@" cat /sys/module/noxs_fail/parameters/times)" 0
	"$@" rmmod noxs_fail
	pings 10.0.0.2
}

# The guest's interface stays, with its addresses. How many queues it may have, which
# its vif doesn't say, is up to the driver that is there.
reload_netback() {
	local name carrier nr
	carrier=/sys/class/net/$(guest_netdev one 0)/carrier
	traffic_start 10.0.0.2
	for nr in 1 2; do
		rmmod noxs_netback
		name=$(vif_name one 0)
		[[ ! -e /sys/class/net/$name ]]
		wait_for "the guest lost its carrier" in_guest one sh -c \
			"! grep -qx 1 $carrier"
		modprobe noxs_netback "max_queues=$nr"
		vif_connected one 0
		queues "$nr"
		ip link set "$name" master "$BRIDGE" up
		pings 10.0.0.2
	done
	traffic_stop
}

guest_crash() {
	guest_create crash "$(vif_line 31)" +noxs.ip0=10.0.0.31/24
	pings 10.0.0.31
	guest-exec -t 5 crash sh -c 'echo c > /proc/sysrq-trigger' || true
	wait_for "the guest crashed" sh -c \
		"chaos list -j | jq -e '.[] | select(.name == \"crash\") | .state == \"crashed\"'"
	guest_destroy crash
}

destroy_under_traffic() {
	guest_create busy "$(vif_line 32)" +noxs.ip0=10.0.0.32/24
	pings 10.0.0.32
	traffic_start 10.0.0.32
	in_guest busy sh -c 'ping -f -i 0.01 -s 20000 10.0.0.1 > /dev/null 2>&1 &'
	guest_destroy busy
	traffic_stop
}

one_vcpu() {
	guest_create single "$(vif_line 41)" +noxs.ip0=10.0.0.41/24
	pings 10.0.0.41
	in_guest single iperf3 -s -D
	wait_for "the server runs" in_guest single sh -c 'ss -ltn | grep :5201'
	is "queues" "$(find "/sys/class/net/$(vif_name single 0)/queues" \
		-name 'tx-*' | wc -l)" 1
	iperf "TCP to guest, 1 vCPU" -c 10.0.0.41
	iperf "TCP from guest, 1 vCPU" -c 10.0.0.41 -R
	iperf "UDP to guest, 1 vCPU" -c 10.0.0.41 -u -b 20M
	guest_destroy single
}

bridge_up
jumbo_bridge_up
ledger_open
check "no xenstored runs" no_xenstored
check "a guest with three vifs" three_vifs
# It clears what it allocates, as Debian has it by default: what is granted is looked at.
check "a guest with two vCPUs is made" guest_create one 'vcpus = 2' \
	"$(vif_line 2)" +init_on_alloc=1 +noxs.ip0=10.0.0.2/24 +noxs.ip60=fd00::2/64
check "dom0 pings the guest" pings 10.0.0.2
check "the guest pings dom0" in_guest one ping -c 3 -W 10 10.0.0.1
check "two vCPUs have two queues" queues 2
check "TCP to the guest keeps every byte" tcp_to_guest
check "TCP from the guest keeps every byte" tcp_from_guest
check "iperf3 server in the guest" in_guest one iperf3 -s -D
check "iperf3 TCP to the guest" iperf "TCP to guest" -P 4
check "iperf3 TCP from the guest" iperf "TCP from guest" -P 4 -R
check "iperf3 UDP to the guest" iperf "UDP to guest" -u -b 20M
check "iperf3 UDP from the guest" iperf "UDP from guest" -u -b 20M -R
check "IPv6" ipv6
check "iperf3 with one vCPU" one_vcpu
check "pktgen to the guest" pktgen
check "ethtool in dom0" ethtool_in_host
check "ethtool in the guest" ethtool_in_guest
check "small packets need no event in the end" small_packets
check "small packets from the guest need no hypercall" buffers_are_mapped
check "dom0's pages go back when the guest sends nothing" pages_go_back
check "a guest's buffers that stay mapped have a limit" buffers_are_few
check "packets of every size" sizes
check "MTU of 65535" jumbo_guest
check "packets of every size in one piece" jumbo_sizes
check "MTU of 576" small_mtu
check "guest to guest" guest_to_guest
check "packets from guest to guest are copied together" forwarded_at_once
check "dom0 keeps little for a guest that doesn't read" unread
check "no pointer is in what the guest grants" pages_hold_no_pointer
check "nothing is in what it grants to whom it doesn't trust" pages_hold_nothing
check "vifs come and go under traffic" hotplug_under_traffic
check "a vif is replaced under traffic" replace_under_traffic
check "netfront is reloaded under traffic" reload_netfront
check "netfront lacks grants, and tries again" \
	lacking gnttab_alloc_grant_references 28 3 in_guest one
check "netfront lacks memory for its interface, and tries again" \
	lacking device_add 12 1 in_guest one
check "netback lacks memory, and tries again" lacking noxs_map_page 12 3 env
check "netback is reloaded under traffic" reload_netback
check "a guest crashes while connected" guest_crash
check "a guest is destroyed under traffic" destroy_under_traffic
if ((DEBUG)); then
	check "nothing leaked in the guest" no_leak in_guest one
fi
check "the guests are destroyed" guest_destroy one jumbo
ledger_close
check "still no xenstored runs" no_xenstored
bridge_down
ip link del "$JUMBO"
done_testing
