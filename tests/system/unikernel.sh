#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# A guest that is no Linux, whose frontend has nothing of ours but the header: the
# example of docs/porting.md, which answers pings; and its kernel in each form that
# Linux is in
#
# cost: boots 1 guests 32 seconds 60

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

GUESTS_AT_ONCE=20
# More than a ring has slots, several times.
PINGS=1000

it_connects() {
	pong_start pong-50 50
	vif_connected pong-50 0
}

it_answers() {
	pings 10.0.0.50
	pings 10.0.0.50 -s 1472
}

rings_go_round() {
	local received
	ping -q -f -c "$PINGS" -W 10 10.0.0.50 | tee "$work/flood"
	received=$(sed -n 's/.* \([0-9]*\) received.*/\1/p' "$work/flood")
	((received > PINGS * 9 / 10))
}

# Each time the guest gives back what it had, and has no more than that.
backend_comes_anew() {
	local n
	for n in 1 2 3; do
		rmmod noxs_netback
		modprobe noxs_netback
		vif_connected pong-50 0
		ip link set "$(vif_name pong-50 0)" master "$BRIDGE" up
		it_answers
		echo "$n"
	done
	rings_go_round
}

# The guest lets go of all that is the device's.
vif_is_removed() {
	chaos vif del pong-50 0
	is "vifs" "$(chaos vif list -j pong-50 | jq length)" 0
	guest_destroy pong-50
}

many_at_once() {
	local n numbers
	mapfile -t numbers < <(seq 100 $((99 + GUESTS_AT_ONCE)))
	for n in "${numbers[@]}"; do
		pong_start "pong-$n" "$n"
	done
	for n in "${numbers[@]}"; do
		wait_for "10.0.0.$n answers" ping -c 1 -W 2 "10.0.0.$n"
	done
	guest_destroy "${numbers[@]/#/pong-}"
	echo "${#numbers[@]} guests"
}

# compressed FORM N - the kernel boots from a bzImage with that in it
compressed() {
	"$SYSTEM/bzimage" "$1" "$SYSTEM/pong" > "$work/pong.$1"
	boots "$work/pong.$1" "$2"
}

boots() { # boots KERNEL N
	pong_start "pong-$2" "$2" "$1"
	wait_for "10.0.0.$2 answers" ping -c 1 -W 2 "10.0.0.$2"
	guest_destroy "pong-$2"
}

compressed_whole() {
	gzip -c "$SYSTEM/pong" > "$work/pong.gz"
	boots "$work/pong.gz" 46
}

# Debian's libxenguest hasn't got these.
refused() { # refused FORM
	"$SYSTEM/bzimage" "$1" "$SYSTEM/pong" > "$work/pong.$1"
	fails 1 pong_start "pong-$1" 47 "$work/pong.$1"
	grep -i "$1" "$work/stderr"
}

bridge_up
ledger_open
check "the guest connects" it_connects
check "it answers pings, short and long ones" it_answers
check "its rings go round" rings_go_round
check "it connects to a backend that was loaded anew" backend_comes_anew
check "its vif is removed" vif_is_removed
check "many of them at once" many_at_once
check "its kernel, compressed: gzip" compressed gzip 41
check "its kernel, compressed: xz" compressed xz 42
check "its kernel, compressed: lzma" compressed lzma 43
check "its kernel, compressed: zstd" compressed zstd 44
check "its kernel, compressed: lz4" compressed lz4 45
check "its kernel, an ELF file that is compressed as a whole" compressed_whole
check "its kernel, compressed: bzip2 is refused by name" refused bzip2
ledger_close
bridge_down
done_testing
