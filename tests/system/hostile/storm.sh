# shellcheck shell=bash disable=SC2153,SC2154,SC2016 # lib.sh has these; guests expand
# SPDX-License-Identifier: GPL-2.0
#
# A storm: the hostile guest attacks with several devices of both kinds at full
# speed, for a while, while another guest's ping and disk go on; and what that
# costs dom0 is counted. After lib.sh and block-lib.sh.
#
# The numbers are those of SECURITY.md. They say what must not be, and hold on a
# machine of any speed; the neighbour's share doesn't, so that it is only asked to go
# on, and what it got is printed beside a quiet while.

# shellcheck disable=SC2034 # lib.sh and the part use them
storm_vifs=(storm flips bad_states reconnects closed_storm closed_flips packets)
storm_vbds=(storm flips bad_states reconnects closed_storm bad_requests)
storm_attacks=("${storm_vifs[@]}" "${storm_vbds[@]}")

# The neighbour is looked at for so many seconds, so often.
STORM_SECONDS=20
STORM_ROUNDS=$((LONG ? 30 : 1))
# It ends by itself: a guest in which all this goes on may not hear a command.
STORM_LASTS=$((STORM_ROUNDS * STORM_SECONDS * 3 / 2 + 20))

# Of each device: so much at once, and so much in a second.
STORM_WORKS_BURST=100	# work items: 64 events, and looks that are due
STORM_WORKS=3		# an event, and looks; about one is seen
STORM_CONNECTIONS_BURST=8
STORM_CONNECTIONS=1
# Of all of them, in a second; and what Linux' bridge says of each connection.
STORM_LINES=10
STORM_BRIDGE_LINES=4
STORM_MEMORY=32		# MiB that dom0 has less
STORM_LOSS=5		# per cent of the neighbour's packets

storm_kind() { # storm_kind ID - of the device of that number
	if (($1 - ${#evil_attacks[@]} < ${#storm_vifs[@]})); then
		echo vif
	else
		echo vbd
	fi
}

storm_gathers() { # storm_gathers DISK - the hostile guest may read DISK
	local i id
	for ((i = 0; i < ${#storm_attacks[@]}; i++)); do
		id=$((${#evil_attacks[@]} + i))
		if ((i < ${#storm_vifs[@]})); then
			chaos vif add evil id="$id" bridge="$BRIDGE"
		else
			chaos vbd add evil "phy:$1,nxd$(letters_of "$id"),r"
		fi > /dev/null
	done
	for ((i = 0; i < ${#storm_attacks[@]}; i++)); do
		id=$((${#evil_attacks[@]} + i))
		wait_for "${storm_attacks[i]} is connected, or closed" \
			said_of "$(storm_kind "$id")-$id"
	done
}

memory_free() {
	awk '/^MemAvailable:/ { print $2 }' /proc/meminfo
}

# Requests completed, and the milliseconds that they took all together.
disk_counts() {
	in_guest good awk '{ print $1 + $5, $4 + $8 }' /sys/block/nxda/stat
}

# measure NAME - what the neighbour gets in a round
measure() {
	local from to
	read -ra from < <(disk_counts)
	ping -q -i 0.1 -w "$STORM_SECONDS" 10.0.0.2 >> "$work/$1.ping" 2>&1 ||
		true
	read -ra to < <(disk_counts)
	echo $((to[0] - from[0])) $((to[1] - from[1])) >> "$work/$1.disk"
	cat "$work/$1.ping" "$work/$1.disk"
	((to[0] > from[0]))
}

# What the log has of each round is taken at once, as Linux may forget it.
storm_rages() {
	local i began
	traced connect > "$work/connects.from"
	memory_free > "$work/memory.from"
	"$SYSTEM/hostile/work" counts > "$work/storm.from"
	: > "$work/storm.log"
	began=$SECONDS
	in_guest evil sh -c \
		"echo $STORM_LASTS > /sys/module/noxs_hostile/parameters/rage"
	for ((i = 0; i < STORM_ROUNDS; i++)); do
		echo "a storm, round $i" > /dev/kmsg
		measure storm
		dmesg | sed "1,/a storm, round $i\$/d" >> "$work/storm.log"
	done
	"$SYSTEM/hostile/work" counts > "$work/storm.to"
	echo $((SECONDS - began)) > "$work/storm.seconds"
	memory_free > "$work/memory.to"
	traced connect > "$work/connects.to"
}

# Of several rounds, the worst.
loss_of() { # loss_of NAME
	sed -n 's/.* \([0-9]*\)[.0-9]*% packet loss.*/\1/p' "$work/$1.ping" |
		sort -n | tail -n 1
}

rtt_of() { # rtt_of NAME
	sed -n 's/^rtt \(.*\)/\1/p' "$work/$1.ping" | sort -g -t / -k 5,5 |
		tail -n 1
}

disk_of() { # disk_of NAME
	awk -v seconds="$STORM_SECONDS" '{ n += $1; ms += $2 }
		END { printf "%.1f requests a second, of %.1f ms\n",
			n / seconds / NR, n ? ms / n : 0 }' "$work/$1.disk"
}

difference() { # difference NAME - by how much it has grown
	echo $(($(< "$work/$1.to") - $(< "$work/$1.from")))
}

# How much there was of what is counted.
count_of() { # count_of KEY
	awk -v key="$1" '$1 != key { next }
		NR == FNR { from = $NF; next }
		{ print $NF - from }' "$work/storm.from" "$work/storm.to"
}

# budget BURST RATE - of all devices, in all of the storm
budget() {
	echo $((${#storm_attacks[@]} *
		($1 + $2 * $(< "$work/storm.seconds"))))
}

storm_works() {
	local all
	all=$(budget "$STORM_WORKS_BURST" "$STORM_WORKS")
	echo "$(count_of works) work items of $all"
	# That nothing is counted says nothing.
	(($(count_of works) > 0 && $(count_of works) <= all))
}

storm_connects() {
	local all
	all=$(budget "$STORM_CONNECTIONS_BURST" "$STORM_CONNECTIONS")
	echo "$(difference connects) connections of $all"
	(($(difference connects) > 0 && $(difference connects) <= all))
}

# The bridge's lines, and all others.
storm_lines() {
	local bridge='noxsbr0: port|promiscuous mode|ADDRCONF'
	if [[ $1 == bridge ]]; then
		grep -cE "$bridge" "$work/storm.log" || true
	else
		grep -cvE "$bridge" "$work/storm.log" || true
	fi
}

storm_logs() {
	local all bridge
	all=$((STORM_LINES * $(< "$work/storm.seconds")))
	bridge=$((STORM_BRIDGE_LINES *
		($(difference connects) + ${#storm_attacks[@]})))
	echo "$(storm_lines ours) lines of $all, the bridge's $(storm_lines bridge)" \
		"of $bridge"
	(($(storm_lines ours) <= all && $(storm_lines bridge) <= bridge))
}

storm_memory() {
	local less=$((-$(difference memory)))
	echo "$less KiB of $((STORM_MEMORY * 1024))"
	((less <= STORM_MEMORY * 1024))
}

storm_ping() {
	echo "quiet: $(loss_of quiet) % lost, $(rtt_of quiet)"
	echo "storm: $(loss_of storm) % lost, $(rtt_of storm)"
	(($(loss_of storm) <= STORM_LOSS))
}

# A request a second in each round.
storm_disk() {
	echo "quiet: $(disk_of quiet)"
	echo "storm: $(disk_of storm)"
	awk -v least="$STORM_SECONDS" '$1 < least { bad = 1 } END { exit bad }' \
		"$work/storm.disk"
}

storm_table() {
	printf '%-12s %s\n' \
		'ping, quiet' "$(loss_of quiet) % lost, $(rtt_of quiet)" \
		'ping, storm' "$(loss_of storm) % lost, $(rtt_of storm)" \
		'disk, quiet' "$(disk_of quiet)" \
		'disk, storm' "$(disk_of storm)" \
		seconds "$(< "$work/storm.seconds")" \
		'work items' "$(count_of works)" \
		connections "$(difference connects)" \
		lines "$(storm_lines ours), the bridge's $(storm_lines bridge)" \
		memory "$((-$(difference memory))) KiB less" \
		processor "$(count_of busy) ticks"
}

# storm_tests DISK - the guest "good" has nxda, with some load, and 10.0.0.2; the hostile
# guest may read DISK, and has let go of all that it has in the end
storm_tests() {
	check "a quiet while" measure quiet
	check "a storm gathers" storm_gathers "$1"
	check "a storm: the neighbour's ping and disk go on" storm_rages
	check "the storm is over" wait_for "all devices are let go" all_let_go
	storm_table | diag
	check "a storm: the neighbour is answered" storm_ping
	check "a storm: the neighbour's disk goes on" storm_disk
	check "a storm: dom0's work items are few" storm_works
	check "a storm: connections are few" storm_connects
	check "a storm: the log has few lines of it" storm_logs
	check "a storm: dom0's memory stays" storm_memory
}
