# shellcheck shell=bash disable=SC2154 # $work is of lib.sh
# SPDX-License-Identifier: GPL-2.0
#
# What the tests with a hostile guest, "evil", share. KIND is vif or vbd; who
# sources this has the array evil_attacks, all that the guest can do, each of it
# to the device of that number, and the function evil_add ID, which gives it one.
#
# Every attack stays: its guest leaves all as it is, until it is told to let go. There
# may be others that go on at full speed: storm.sh has them, in storm_attacks, whose
# devices follow.

storm_attacks=()

evil_create() { # evil_create [LINE] - LINE is of its configuration
	local all=("${evil_attacks[@]}" "${storm_attacks[@]}")
	guest_create evil "$@" +noxs.noload
	(IFS=,; in_guest evil modprobe noxs_hostile "attacks=${all[*]}")
}

find_attack() { # find_attack NAME - set id to the number of its (last) device
	id=${#evil_attacks[@]}
	until [[ ${evil_attacks[--id]} == "$1" ]]; do
		:
	done
}

attack_id() { # attack_id NAME - print it
	local id
	find_attack "$1"
	echo "$id"
}

evil_devices() {
	chaos "$KIND" list -j evil
}

# What the guest's kernel said of an attack.
said_of() { # said_of DEVICE
	grep -a "noxs_hostile: [a-z].* of $1:" \
		/var/log/chaos/console-evil.log | grep .
}

reported() { # reported ID
	said_of "$KIND-$1"
}

start_attack() { # start_attack ID
	evil_add "$1" > /dev/null
}

# attacks - do all of it at once, and wait for what comes of it
#
# What only ends a device begins first, while there is little else to do for dom0, which
# has to add them all; who sources this has these attacks in the array closing.
attacks() {
	local id ends=" ${closing[*]} " later=()
	for id in "${!evil_attacks[@]}"; do
		if [[ $ends == *" ${evil_attacks[id]} "* ]]; then
			start_attack "$id"
		else
			later+=("$id")
		fi
	done
	for id in "${later[@]}"; do
		start_attack "$id"
	done
	for id in "${!evil_attacks[@]}"; do
		wait_for "the guest did its worst: ${evil_attacks[id]}" \
			reported "$id"
	done
}

# look_at_devices - read what became of them, by number: the guest's reports, and
# what dom0 has
declare -A evil_report evil_state evil_error
look_at_devices() {
	local id state error line
	evil_report=() evil_state=() evil_error=()
	while read -r line; do
		[[ $line =~ \ of\ $KIND-([0-9]+): ]] || continue
		evil_report[${BASH_REMATCH[1]}]=$line
	done < <(grep -a "noxs_hostile: [a-z].* of $KIND-" \
		/var/log/chaos/console-evil.log)
	while read -r id state error; do
		evil_state[$id]=$state
		evil_error[$id]=$error
	done < <(evil_devices |
		jq -r '.[] | "\(.id) \(.backend_state) \(.error)"')
}

attack_closed() { # attack_closed NAME
	local id
	find_attack "$1"
	echo "${evil_report[$id]}; now ${evil_state[$id]}, ${evil_error[$id]}"
	[[ ${evil_report[$id]} == *": $1 of "* && ${evil_state[$id]} == Closed ]]
	((evil_error[$id] > 0))
}

attack_is_harmless() { # attack_is_harmless NAME
	local id
	find_attack "$1"
	echo "${evil_report[$id]}; now ${evil_state[$id]}, ${evil_error[$id]}"
	[[ ${evil_report[$id]} == *": $1 of "* ]]
	((evil_error[$id] == 0))
}

# The guest closes all of its devices, in its own way.
evil_lets_go() {
	in_guest evil sh -c \
		'echo 1 > /sys/module/noxs_hostile/parameters/let_go'
	wait_for "all devices are let go" all_let_go
}

all_let_go() {
	local count=$((${#evil_attacks[@]} + ${#storm_attacks[@]})) said
	said=$(grep -a 'noxs_hostile: [0-9]* devices are let go' \
		/var/log/chaos/console-evil.log) || true
	echo "${said##*$'\n'}"
	[[ $said == *"noxs_hostile: $count devices are let go"* ]]
}

# Linux' own lines of an interface on a bridge name the device, from 6.4 on.
logged_little() {
	local lines
	lines=$(dmesg | grep "$KIND-" |
		grep -cvE '(entered|left) (allmulticast|promiscuous) mode')
	echo "$lines lines"
	((lines < 100))
}

# Somebody else's packets, for as long as the test takes.
others_start() {
	ping -i 0.2 10.0.0.2 > "$work/others" 2>&1 &
	echo $! > "$work/others.pid"
}

others_are_well() {
	local loss
	kill -INT "$(< "$work/others.pid")"
	wait_for "ping has ended" grep 'packet loss' "$work/others"
	tail -n 2 "$work/others"
	loss=$(sed -n 's/.* \([0-9]*\)[.0-9]*% packet loss.*/\1/p' "$work/others")
	((loss <= 2))
}

#
# Work: what dom0 does in a while, before an attack and while it stays. What
# stays must cost nothing, so that the differences allowed have nothing to do with
# the speed of the machine: what a guest can keep up makes thousands.
#

WORK_SECONDS=5
REST_WHILES=8
WORK_SLACK=50		# work items, interrupts of one device, states of one
LINES_SLACK=10
BUSY_SLACK=$((WORK_SECONDS * 100 * 3 / 4))	# of a processor; the neighbour has load

# work_of FILE COMMAND… - count what is done in a while where COMMAND, which is
# followed by the arguments of hostile/work, counts
work_of() {
	local file=$1
	shift
	"$@" counts > "$file.from"
	sleep "$WORK_SECONDS"
	"$@" counts > "$file.to"
	awk '{ key = NF == 3 ? $1 " " $2 : $1 }
		NR == FNR { from[key] = $NF; next }
		{ print key, $NF - from[key] }' "$file.from" "$file.to" > "$file"
}

# What its neighbour's devices do is their own affair.
dom0_work() { # dom0_work NAME
	work_of "$work/$1" "$SYSTEM/hostile/work"
	awk -v domid="$(domid_of evil)" '
		NF == 2 || $2 ~ "^[a-z]+-?" domid "[-.]" || $2 ~ "^" domid "/"' \
		"$work/$1" > "$work/$1.evil"
	mv "$work/$1.evil" "$work/$1"
}

work_sum() { # work_sum NAME - what isn't of one device
	sort "$work/$1" | awk 'NF == 2 { printf "%s%s %d", sep, $1, $2; sep = ", " }'
}

# is_quiet BEFORE AFTER - whether AFTER has no more than BEFORE
is_quiet() {
	echo "before: $(work_sum "$1"); after: $(work_sum "$2")"
	# That nothing is counted says nothing.
	grep -E '^works [1-9]' "$work/$2.from" || return
	awk -v slack="$WORK_SLACK" -v lines="$LINES_SLACK" -v busy="$BUSY_SLACK" '
		{ key = NF == 3 ? $1 " " $2 : $1 }
		NR == FNR { before[key] = $NF; next }
		{
			more = slack
			if (key == "lines")
				more = lines
			else if (key == "busy")
				more = busy
		}
		$NF > before[key] + more {
			print key ": " $NF " instead of " before[key] + 0
			bad = 1
		}
		END { exit bad }' "$work/$1" "$work/$2"
}

# comes_to_rest COUNT BEFORE AFTER - whether COUNT, guest_work or dom0_work, has no more
# than BEFORE in a while, the last of which is AFTER. What attacks set off, as IPv6's
# first words on each interface, ends before long, and what they keep up doesn't.
comes_to_rest() {
	local whiles
	for ((whiles = 0; whiles < REST_WHILES; whiles++)); do
		"$1" "$3"
		! is_quiet "$2" "$3" || return 0
	done
	return 1
}

# work_table BEFORE AFTER - what each attack costs dom0 while it stays
work_table() {
	local id domid irqs states before=$1
	shift
	domid=$(domid_of evil)
	printf 'in %d s before: %s; after: %s\n' "$WORK_SECONDS" \
		"$(work_sum "$before")" "$(work_sum "$1")"
	printf '%-20s %-10s %11s %7s\n' attack state interrupts states
	for id in "${!evil_attacks[@]}"; do
		read -r irqs states < <(awk -v domid="$domid" -v id="$id" \
			-v kind="$KIND" -v type="$TYPE" '
			# The control page has one, and each queue.
			$1 == "irqs" && match($2, "^" kind "-?" domid "[-.]" \
				id "(-|$)") { irqs += $3 }
			$1 == "states" && $2 == domid "/" type "/" id {
				states = $3
			}
			END { print irqs + 0, states + 0 }' "$work/$1")
		printf '%-20s %-10s %11d %7d\n' "${evil_attacks[id]}" \
			"${evil_state[$id]-}" \
			"$irqs" "$states"
	done
}
