#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Guests that are no Linux, whose frontends have nothing of ours but the header: the
# examples of docs/porting.md, which answer pings, and tell the time over TCP; and their
# kernel in each form that Linux is in
#
# With a single processor, as PVH guests are among them (tests/rig/README.md).
# xenhost: --pvh
# cost: boots 1 guests 38 seconds 120

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/block-lib.sh"

GUESTS_AT_ONCE=20
# More than a ring has slots, several times.
PINGS=1000
declare -A NUMBER=([pv]=50 [pvh]=51)
image=$IMAGES/daytime.img

# small_config NAME N TYPE KERNEL [LINE…] - one of the examples in as little memory as
# it is for
small_config() {
	printf '%s\n' "name = '$1'" "kernel = '$4'" "type = '$3'" \
		"memory = 4" "extra = 'ip=10.0.0.$2'" "$(vif_line "$2")" "${@:5}" \
		> "$work/$1.cfg"
}

# small_start NAME N TYPE KERNEL [LINE…] - start it, and note what that takes of the
# host's memory, with what Xen needs for it
small_start() {
	local before
	small_config "$@"
	before=$(host_pages)
	chaos create -q "$work/$1.cfg"
	vif_connected "$1" 0
	echo "$1: a kernel of $(stat -c %s "$4") octets," \
		"$((4 * (before - $(host_pages)))) KiB of the host's memory" |
		tee -a "$work/takes"
}

host_pages() {
	ledger_counts > "$work/pages"
	ledger_pages "$work/pages"
}

it_connects() { # it_connects TYPE
	small_start "pong-$1" "${NUMBER[$1]}" "$1" "$SYSTEM/pong"
	is "type" "$(chaos list -j | jq -er --arg name "pong-$1" \
		'.[] | select(.name == $name).type')" "$1"
}

it_answers() { # it_answers TYPE
	pings "10.0.0.${NUMBER[$1]}"
	pings "10.0.0.${NUMBER[$1]}" -s 1472
}

rings_go_round() { # rings_go_round TYPE
	local received
	ping -q -f -c "$PINGS" -W 10 "10.0.0.${NUMBER[$1]}" | tee "$work/flood"
	received=$(sed -n 's/.* \([0-9]*\) received.*/\1/p' "$work/flood")
	((received > PINGS * 9 / 10))
}

# Each time the guest gives back what it had, and has no more than that.
backend_comes_anew() { # backend_comes_anew TYPE
	local n
	for n in 1 2 3; do
		rmmod noxs_netback
		modprobe noxs_netback
		vif_connected "pong-$1" 0
		ip link set "$(vif_name "pong-$1" 0)" master "$BRIDGE" up
		it_answers "$1"
		echo "$n"
	done
	rings_go_round "$1"
}

# The guest lets go of all that is the device's.
vif_is_removed() { # vif_is_removed TYPE
	chaos vif del "pong-$1" 0
	is "vifs" "$(chaos vif list -j "pong-$1" | jq length)" 0
	guest_destroy "pong-$1"
}

#
# The other example: TCP, the clock and a disk
#

daytime_start() { # daytime_start TYPE [LINE…]
	small_start "daytime-$1" "${NUMBER[$1]}" "$1" "$SYSTEM/daytime" \
		"${@:2}"
}

# What it says.
ask() { # ask TYPE
	local line
	read -r -t 30 line < "/dev/tcp/10.0.0.${NUMBER[$1]}/13"
	echo "${line%$'\r'}"
}

tells_time() { # tells_time TYPE
	local line now format='^([0-9]{4}(-[0-9]{2}){2} [0-9]{2}(:[0-9]{2}){2} UTC)$'
	daytime_start "$1"
	wait_for "it answers" ask "$1"
	line=$(ask "$1")
	now=$(date +%s)
	echo "$line"
	[[ $line =~ $format ]]
	now=$((now - $(date -d "$line" +%s)))
	echo "$now seconds ago"
	((now >= -1 && now <= 10))
}

# What can be seen of it from outside.
shows() { # shows TYPE
	chaos list -j | jq -c --arg name "daytime-$1" '.[] | select(.name == $name)'
	chaos vif list -j "daytime-$1" | jq -c .
	ethtool -S "$(vif_name "daytime-$1" 0)"
	ip neigh
	ss -tan
}

# More often than it can have connections at a time.
tells_many() { # tells_many TYPE
	local n
	for ((n = 0; n < 50; n++)); do
		ask "$1" > "$work/said" || {
			echo "number $n got no answer"
			shows "$1"
			return 1
		}
		grep -q UTC "$work/said"
	done
	is "replies to ping" "$(ping -q -i 0.05 -c 5 -W 10 "10.0.0.${NUMBER[$1]}" |
		sed -n 's/.* \([0-9]*\) received.*/\1/p')" 5
	guest_destroy "daytime-$1"
}

visitor() { # visitor TYPE - which one we are
	local line
	line=$(ask "$1")
	echo "${line##* visitor }"
}

disk_says() { # disk_says NUMBER
	[[ $(sed -n '1p;q' "$image") == "$1" ]]
}

# The number is in its first sector; what is behind it stays.
counts_on_disk() { # counts_on_disk TYPE
	printf '41\nwhat follows\n' > "$image"
	truncate -s 1M "$image"
	daytime_start "$1" "disk = [ '$image,raw,xvda,w' ]"
	vbd_connected "daytime-$1" 0
	wait_for "10.0.0.${NUMBER[$1]} answers" ping -c 1 -W 2 "10.0.0.${NUMBER[$1]}"
	is "visitor" "$(visitor "$1")" 42
	is "visitor" "$(visitor "$1")" 43
	wait_for "the disk says so" disk_says 43
	is "the next line" "$(sed -n '2p;2q' "$image")" "what follows"
	is "its size" "$(stat -c %s "$image")" 1048576
}

# What it had asked of the backend that went it asks of the next one.
disk_comes_anew() { # disk_comes_anew TYPE
	local n
	for n in 44 45 46; do
		rmmod noxs_blkback
		is "visitor" "$(visitor "$1")" "$n"
		modprobe noxs_blkback
		vbd_connected "daytime-$1" 0
		wait_for "the disk says so" disk_says "$n"
	done
	guest_destroy "daytime-$1"
}

# Nothing can be written there: it counts, and the disk stays as it was.
disk_is_readonly() { # disk_is_readonly TYPE
	daytime_start "$1" "disk = [ '$image,raw,xvda,r' ]"
	vbd_connected "daytime-$1" 0
	wait_for "10.0.0.${NUMBER[$1]} answers" ping -c 1 -W 2 "10.0.0.${NUMBER[$1]}"
	is "visitor" "$(visitor "$1")" 47
	is "visitor" "$(visitor "$1")" 48
	disk_says 46
	guest_destroy "daytime-$1"
	rm "$image"
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
refused() { # refused FORM TYPE
	"$SYSTEM/bzimage" "$1" "$SYSTEM/pong" > "$work/pong.$1"
	small_config refused 47 "$2" "$work/pong.$1"
	fails 1 chaos create -q "$work/refused.cfg"
	grep -i "$1" "$work/stderr"
}

bridge_up
disks_init
ledger_open
for type in pv pvh; do
	check "$type, 4 MiB: the guest connects" it_connects "$type"
	check "$type: it answers pings, short and long ones" it_answers "$type"
	check "$type: its rings go round" rings_go_round "$type"
	check "$type: it connects to a backend that was loaded anew" \
		backend_comes_anew "$type"
	check "$type: its vif is removed" vif_is_removed "$type"
	check "$type, 4 MiB: it tells the time over TCP" tells_time "$type"
	check "$type: it tells that many times, and answers pings" tells_many "$type"
	check "$type, 4 MiB: it counts on its disk" counts_on_disk "$type"
	check "$type: its disk's backend is loaded anew" disk_comes_anew "$type"
	check "$type: its disk can't be written" disk_is_readonly "$type"
done
sed 's/^/# /' "$work/takes"
check "many of them at once" many_at_once
check "its kernel, compressed: gzip" compressed gzip 41
check "its kernel, compressed: xz" compressed xz 42
check "its kernel, compressed: lzma" compressed lzma 43
check "its kernel, compressed: zstd" compressed zstd 44
check "its kernel, compressed: lz4" compressed lz4 45
check "its kernel, an ELF file that is compressed as a whole" compressed_whole
for type in pv pvh; do
	check "$type: its kernel, compressed: bzip2 is refused by name" \
		refused bzip2 "$type"
done
ledger_close
bridge_down
done_testing
