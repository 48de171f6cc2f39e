#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Backends that misbehave (hostile/backend.c), in every way that they know, all at
# once and for as long as they like, first of the network and then of disks: it
# costs the guest the devices that they are behind, and nothing of another device
#
# cost: boots 1 guests 4 seconds 300

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/block-lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/hostile/lib.sh"
KIND=vif

# What the guest closes, by the rules of the control page and of the rings.
closing=(bad_version bad_type bad_state bad_state_large bad_reserved bad_error
	bad_tail head_short head_odd head_huge payload_none payload_odd
	payload_huge epoch_none mac_zero mac_multicast mtu_small mtu_huge
	queues_none queues_many queues_huge offer_pad
	later_state later_version later_tail later_closed later_mtu
	tx_prod_beyond tx_prod_far tx_prod_back rx_prod_beyond rx_prod_far
	tx_id_large tx_id_free tx_no_extra rx_id_wrong rx_id_large
	rx_more_endless rx_extras_endless rx_kept)

# What an honest backend could do too: the device goes on.
harmless=(features_unknown features_alone features_none later_odd frontend_half
	event_storm seq_flips mtu_flips rx_keeps_all tx_status rx_sizes
	rx_slots rx_extras rx_headers rx_gso rx_noise rx_look)

# The same of disks.
disk_closing=(bad_tail payload_none later_state later_version later_closed
	sectors_huge sectors_negative sector_size_none sector_size_odd
	sector_size_small sector_size_large physical_small physical_odd
	physical_huge info_unknown disk_queues_none disk_queues_huge
	ring_pages_none ring_pages_three ring_pages_many segments_few
	segments_many segments_alone discard_alone discard_none discard_odd
	discard_misaligned
	rsp_beyond rsp_far rsp_back id_large id_huge id_negative id_free
	op_wrong op_none op_indirect status_positive status_negative
	answered_twice answered_again never_answered silent dies closed_error
	answered_after
	ring_garbage answered_mapped late_data late_copied
	late_look later_sectors_huge later_sector_size later_features
	back_sectors back_invalid)

# The device goes on, but there is nothing to be read.
disk_empty=(sectors_none back_empty)

# It waits for another backend.
disk_waiting=(blank)

disk_harmless=(features_unknown event_storm seq_flips
	disk_features_none sectors_odd sectors_most info_all discard_strange
	discard_tiny physical_most errors unsupported ring_noise capacity_flips
	offer_flips back_smaller back_features back_readonly back_mapped
	back_discard back_sectors_smaller back_keeps)

# Linux' own line of a page that its backend keeps.
GUESTS_MAY_SAY='g\.e\. .* still in use'

# Device 0 is an honest one, of either kind.
vif_attacks=(none "${closing[@]}" "${harmless[@]}" odd_seq state_flips
	keeps_and_goes)
vbd_attacks=(none "${disk_closing[@]}" "${disk_harmless[@]}" "${disk_empty[@]}"
	"${disk_waiting[@]}" odd_seq state_flips)

attack_with() { # attack_with vif|vbd
	KIND=$1
	local -n attacks=${1}_attacks
	evil_attacks=("${attacks[@]}")
	evil_last=$((${#evil_attacks[@]} - 1))
}

all_is_said() {
	dmesg | grep "noxs_hostile_backend: .* of $KIND-" > "$work/said"
	(($(wc -l < "$work/said") == evil_last))
}

# look_at_frontends - read what became of them, by number: what the backend said of
# an attack, and the frontend's state
declare -A evil_report evil_state
look_at_frontends() {
	local id state line
	evil_report=() evil_state=()
	while read -r line; do
		[[ $line =~ \ of\ $KIND-[0-9]+-([0-9]+): ]] || continue
		evil_report[${BASH_REMATCH[1]}]=${line#*noxs_hostile_backend: }
	done < "$work/said"
	while read -r id state; do
		evil_state[$id]=$state
	done < <(in_guest good sh -c "grep . /sys/bus/noxs/devices/$KIND-*/state" |
		sed "s|.*/$KIND-\([0-9]*\)/state:| \1 |")
}

# What the backend said of an attack, when all had been said.
evil_said() { # evil_said NAME - and set id to its number
	find_attack "$1"
	echo "${evil_report[$id]}"
	[[ ${evil_report[$id]} == "$1 of "* ]]
}

# All interfaces are up, and send what IPv6 does by itself.
guest_is_lively() {
	in_guest good sh -c \
		'while sleep 1; do ip link set group default up; done > /dev/null 2>&1 &'
	guest-exec -t "$DEADLINE" -i good sh -c \
		'cat > /bin/work; chmod +x /bin/work; work open' \
		< "$SYSTEM/hostile/work"
}

guest_with_disk() {
	guest_create good "$(vif_line 2)" 'vcpus = 2' 'memory = 256' +noxs.ip0=10.0.0.2/24
	disk_add good 0 "$good_disk"
}

attack_guest() { # attack_guest dev|disk
	echo "$domid" > /sys/module/noxs_hostile_backend/parameters/victim
	DISK=$good_disk "$SYSTEM/ctl" "$1-add" "$domid" 1 "$evil_last"
	wait_for "the backends did their worst" all_is_said || {
		cat "$work/said"
		return 1
	}
}

# frontends_are STATE WHAT NAME… - a test for each attack, NAMEWHAT: its frontend is in
# that state, and it did what it is for. There are many, and a process for each would
# take as long as all else.
frontends_are() {
	local state=$1 what=$2 name id result began
	shift 2
	for name; do
		began=${EPOCHREALTIME/./}
		find_attack "$name"
		result='not ok'
		if [[ ${evil_report[$id]-} == "$name of "* &&
			${evil_state[$id]-} == "$state" &&
			! ${evil_report[$id]} =~ '; '(error|no request|not granted) ]]; then
			result=ok
		fi
		tap "$result" "$name$what"
		[[ $result == ok ]] || printf '# %s; now %s\n' \
			"${evil_report[$id]-}" "${evil_state[$id]-}"
		tap_took "$began"
	done
}

# What its honest devices do is their own affair.
guest_work() { # guest_work NAME
	work_of "$work/$1" in_guest good work
	sed -i '/ v[a-z]*-0[- ]/d' "$work/$1"
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
	echo "${evil_report[$id]}" | grep 'connected 8 times'
	is "the frontend" "${evil_state[$id]}" Initialising
}

guest_table() { # guest_table BEFORE AFTER - what each attack costs the guest
	local id n irqs=()
	while read -r id n; do
		irqs[id]=$n
	done < <(awk -v kind="$KIND" '
		$1 == "irqs" && split($2, part, "-") > 1 && part[1] == kind {
			n[part[2]] += $3
		}
		END { for (id in n) print id, n[id] }' "$work/$2")
	printf 'in %d s before: %s; after: %s\n' "$WORK_SECONDS" \
		"$(work_sum "$1")" "$(work_sum "$2")"
	printf '%-20s %-12s %11s\n' attack state interrupts
	for id in "${!evil_attacks[@]}"; do
		printf '%-20s %-12s %11d\n' "${evil_attacks[id]}" \
			"${evil_state[$id]-}" "${irqs[id]-0}"
	done
}

#
# Disks: a program of the guest's uses them all.
#

# Who doesn't answer is given up sooner than usual.
guest_uses_disks() {
	local names=({a..z} {a..d}{a..z})
	local devices=("${names[@]:1:evil_last}")
	in_guest good sh -c 'cd /sys/module/noxs_blkfront/parameters &&
		echo 20 > request_timeout && echo 20 > reconnect_timeout'
	# A console is slow.
	gzip -c "$SYSTEM/busy" | guest-exec -t "$DEADLINE" -i good sh -c \
		'gunzip > /bin/busy && chmod +x /bin/busy'
	in_guest good sh -c \
		"busy /tmp/busy ${devices[*]/#//dev/nxd} < /dev/null > /dev/null 2>&1 &"
	wait_for "the disks are used" in_guest good test -s /tmp/busy
}

# disk_use NAME… - what became of the disks of attacks, a line each
disk_use() {
	local name id lines
	in_guest good cat /tmp/busy > "$work/use"
	mapfile -t lines < "$work/use"
	for name; do
		find_attack "$name"
		echo "${lines[id - 1]}"
	done
}

disk_reads() { # disk_reads FILE
	awk '{ print $3 }' "$1"
}

# There is something new to be read on each, more than what was underway.
harmless_go_on() {
	disk_use "${disk_harmless[@]}" > "$work/use.to"
	! paste -d ' ' <(disk_reads "$work/use.from") "$work/use.to" |
		awk '$4 < $1 + 2 { print; bad = 1 } END { exit !bad }'
}

disks_go_on() {
	disk_use "${disk_harmless[@]}" > "$work/use.from"
	wait_for "all of them are read" harmless_go_on || {
		cat "$work/use"
		return 1
	}
}

# What came late is nowhere, and what was read is what was sent.
memory_is_its_own() {
	disk_use
	cat "$work/use"
	is "disks used" "$(wc -l < "$work/use")" "$evil_last"
	must_fail grep -vE 'wrong 0 changed 0$' "$work/use"
}

# A page that its backend has mapped is no page of an I/O that has ended.
io_is_held() { # io_is_held NAME
	local held
	held=$(in_guest good cat \
		"/sys/bus/noxs/devices/vbd-$(attack_id "$1")/statistics/held")
	evil_said "$1"
	echo "held $held"
	((held > 0))
}

# I/O ends, in an error, where there is nobody to do it.
io_fails() {
	local names=(blank dies silent never_answered closed_error)
	disk_use "${names[@]}" > "$work/failed"
	cat "$work/failed"
	(($(grep -cE 'errors [1-9]' "$work/failed") == ${#names[@]}))
}

late_is_too_late() {
	evil_said late_data | grep '; late pages [1-9]'
	evil_said late_copied | grep '; late pages [1-9]'
	evil_said back_mapped | grep '; late pages [1-9]'
	evil_said late_look | grep '; looked at [1-9][0-9]*, changed 0$'
}

# What is new of the disk each time is said, one line for each event that counts.
guest_logged_little() {
	local lines
	lines=$(in_guest good sh -c "dmesg | grep -cE 'vbd-|nxd'")
	echo "$lines lines"
	((lines < 15 * evil_last))
}

# Drivers are asked in the order in which they came.
rmmod noxs_netback noxs_blkback 2> /dev/null || true
modprobe noxs_core
(IFS=,; modprobe noxs_hostile_backend "attacks=${vif_attacks[*]}" \
	"disk_attacks=${vbd_attacks[*]}")
bridge_up
disks_init
ledger_open
memory_disk good
good_disk=$disk
check "a guest with a disk" guest_with_disk
domid=$(domid_of good)
check "dom0 pings it" pings 10.0.0.2
check "its interfaces will be up" guest_is_lively
others_start
guest_work quiet
attack_with vif
check "hostile backends do all that they can" attack_guest dev
look_at_frontends
frontends_are Closed ': the device is closed' "${closing[@]}"
frontends_are Connected ': the device goes on' "${harmless[@]}"
frontends_are Initialising ': nothing to be read yet' odd_seq
check "state_flips: they come to an end" evil_said state_flips
check "buffers that are given again hold nothing of the guest's" \
	nothing_in_buffers
check "packets are cut into segments only if they are good" gso_is_checked
check "a backend that keeps what it is granted gets no more" little_is_kept
check "what stays costs the guest nothing" \
	comes_to_rest guest_work quiet stay
guest_table quiet stay | diag
check "the devices are removed" "$SYSTEM/ctl" dev-del "$domid" 1 "$evil_last"
check "an honest disk has some load" \
	load_start good nxda 24 --numjobs=1 --thinktime=200000
guest_work quiet
attack_with vbd
check "disks: the guest will use them" guest_uses_disks
check "disks: hostile backends do all that they can" attack_guest disk
check "disks that go on can be read" disks_go_on
check "disks: I/O without a backend fails" wait_for "there are errors" io_fails
in_guest good touch /tmp/busy.pause
look_at_frontends
frontends_are Closed ': the disk is closed' "${disk_closing[@]}"
frontends_are Connected ': the disk goes on' "${disk_harmless[@]}" \
	"${disk_empty[@]}"
frontends_are Initialising ': the disk waits for a backend' "${disk_waiting[@]}"
frontends_are Initialising ': no disk to be read yet' odd_seq
check "disks: state_flips come to an end" evil_said state_flips
check "disks: I/O is held while its pages are mapped" io_is_held answered_mapped
check "disks: what comes late is nowhere" late_is_too_late
check "disks: what stays costs the guest nothing" \
	comes_to_rest guest_work quiet stay
guest_table quiet stay | diag
check "the disks are removed" "$SYSTEM/ctl" disk-del "$domid" 1 "$evil_last"
check "disks: the guest's memory is its own" memory_is_its_own
check "disks: the guest's log has few lines of it" guest_logged_little
check "the honest disk saw no error" load_stop good
check "the honest device lost nothing" others_are_well
if ((DEBUG)); then
	check "nothing leaked in the guest" no_leak in_guest good
fi
check "the guest is destroyed" guest_destroy good
memory_disk_del good
rmmod noxs_hostile_backend
ledger_close
bridge_down
done_testing
