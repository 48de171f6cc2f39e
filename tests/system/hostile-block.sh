#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# A guest whose block frontend misbehaves (hostile/vbd.c), in every way that it
# knows, all at once and for as long as it is let: a request that makes no sense
# is answered with an error, broken rules cost it its device, and nobody else
# loses anything
#
# cost: boots 1 guests 6 seconds 170

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
KIND=vbd
TYPE=3
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/hostile/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/block-lib.sh"

# What ends the device, by the rules of the control page and of the rings.
closing=(bad_version bad_type bad_state bad_state_large bad_reserved bad_error
	features_unknown features_alone bad_tail protocol_none protocol_unknown
	queues_none queues_many queues_huge queue_unused queues_outside
	queues_flat half_reserved
	pages_none pages_two pages_three pages_huge gref_unused gref_wrong
	gref_twice second_wrong port_none port_twice port_wrong port_control
	ring_used prod_beyond prod_back prod_far prod_back_later page_is_ring)

# What an honest guest could do too.
harmless=(bad_epoch odd_seq state_flips close_in_flight)

# The same, and the device stays connected.
connected=(queue_buffers event_storm backend_half layout_mixed)

# Requests, and how many are answered with "okay", an error and "unsupported".
requests=('good_read 1 0 0' 'good_write 1 0 0' 'good_flush 1 0 0'
	'good_discard 1 0 0' 'good_indirect 1 0 0' 'one_page 1 0 0'
	'op_unknown 0 0 1' 'op_reserved 0 0 1' 'op_barrier 1 0 0'
	'segments_none 0 1 0' 'segments_12 0 1 0' 'segments_255 0 1 0'
	'sect_order 0 1 0' 'sect_beyond 0 1 0' 'sect_255 0 1 0'
	'sector_at_end 0 1 0' 'sector_across_end 0 1 0' 'sector_far 0 1 0'
	'sector_overflow 0 1 0' 'write_across_end 0 1 0' 'page_wrong 0 1 0'
	'page_wrong_last 0 1 0' 'flush_segments 0 1 0'
	'discard_none 0 1 0' 'discard_across_end 0 1 0'
	'discard_overflow 0 1 0' 'discard_flag 0 0 1' 'secure_erase 0 0 1'
	'indirect_none 0 1 0' 'indirect_many 0 1 0' 'indirect_huge 0 1 0'
	'indirect_flush 0 1 0' 'indirect_twice 0 1 0'
	'indirect_page_wrong 0 1 0' 'indirect_across_end 0 1 0'
	'indirect_sect_order 0 1 0' 'indirect_segment_wrong 0 5 0'
	'page_rights 0 2 0' 'ring_full 32 0 0' 'id_twice 2 0 0'
	'every_other 16 16 0')

# Others, with connections of their own.
connections=('persistent_many 1100 0 0' 'layout_32 130 0 0')

# So many requests, some of which make sense, and some don't, or not all the time.
mixtures=('noise 6400' 'flip 6400')

# The same to a disk that the guest may only read.
readonly_requests=('good_read 1 0 0' 'good_write 0 1 0' 'good_indirect 1 0 0'
	'good_flush 0 0 1' 'op_barrier 0 0 1' 'good_discard 0 0 1')

# What ends the device gets a disk that it may only read, as does what tries to
# write on one; the others have one each.
evil_attacks=(requests "${connections[@]%% *}" "${mixtures[@]%% *}"
	"${connected[@]}" "${harmless[@]}")
evil_disks=${#evil_attacks[@]}
evil_attacks+=("${closing[@]}" requests)

evil_add() {
	local mode=r dm=evil-r
	(($1 >= evil_disks)) || mode=w dm=evil-$1
	chaos vbd add evil "phy:/dev/mapper/$dm,nxd$(letters_of "$1"),$mode"
}

good_guest() {
	guest_create good
	disk_add good 0 "$good_disk"
	# What takes longer is an error, too.
	load_start good nxda 24 --numjobs=1 --thinktime=200000 --max_latency=30s
}

stays_connected() { # stays_connected NAME
	attack_is_harmless "$1"
	[[ ${evil_state[$(attack_id "$1")]} == Connected ]]
}

attack_is_answered() { # attack_is_answered NAME OKAY ERROR UNSUPPORTED
	stays_connected "$1"
	[[ ${evil_report[$(attack_id "$1")]} == \
		*"okay $2, error $3, unsupported $4, wrong 0"* ]]
}

# Each has one answer, and there are both kinds of them.
mixture_is_answered() { # mixture_is_answered NAME NUMBER
	local answers='okay ([0-9]+), error ([0-9]+), unsupported ([0-9]+), wrong 0'
	stays_connected "$1"
	[[ ${evil_report[$(attack_id "$1")]} =~ $answers ]]
	is "number of answers" $((BASH_REMATCH[1] + BASH_REMATCH[2] + BASH_REMATCH[3])) "$2"
	((BASH_REMATCH[1] > 0 && BASH_REMATCH[2] > 0))
}

# Requests are checked here. The block layer, which would say so, finds nothing wrong.
block_layer_is_well() {
	must_fail grep -E 'beyond end of device|bio too big' <(dmesg)
}

# Of the requests sent to one device, what became of each is in the log.
answered() { # answered ID NAME OKAY ERROR UNSUPPORTED
	local said
	said=$(grep -a "vbd-$1 request $2;" "$work/answers")
	echo "$said"
	[[ $said == *"okay $3, error $4, unsupported $5, wrong 0"* ]]
}

# The evil guest has a MiB of a disk for each of what it may write, and one, all
# zeros, to read.
disks_up() {
	local i
	memory_disk good
	good_disk=$disk
	memory_disk evil size=16
	evil_whole=$disk
	head -c 3M /dev/urandom |
		dd of="$evil_whole" bs=1M seek=13 conv=notrunc status=none
	head -c 1M /dev/zero |
		dd of="$evil_whole" bs=1M seek=14 conv=notrunc status=none
	for ((i = 0; i < evil_disks; i++)); do
		echo "0 2048 linear $evil_whole $((i * 2048))" |
			dmsetup create "evil-$i"
	done
	echo "0 2048 linear $evil_whole $((14 * 2048))" | dmsetup create evil-r
	rest=$(rest_of_disk)
}

rest_of_disk() {
	dd if="$evil_whole" bs=1M skip=13 iflag=direct status=none | sha256sum
}

disks_down() {
	dmsetup remove evil-r
	for ((i = 0; i < evil_disks; i++)); do
		dmsetup remove "evil-$i"
	done
	memory_disk_del evil good
}

bridge_up
disks_init
ledger_open
disks_up
check "an honest guest with some load" good_guest
check "a guest with a hostile driver" evil_create
"$SYSTEM/hostile/work" open
dom0_work quiet
check "it does all that it can" attacks
look_at_devices
grep -a 'noxs_hostile: vbd-[0-9]* request' /var/log/chaos/console-evil.log \
	> "$work/answers"
for name in "${closing[@]}"; do
	check "$name: the device is closed" attack_closed "$name"
done
for name in "${harmless[@]}"; do
	check "$name: nothing happens" attack_is_harmless "$name"
done
for request in "${connections[@]}"; do
	# shellcheck disable=SC2086 # a name and its counts
	check "${request%% *}: it is answered" attack_is_answered $request
done
for name in "${connected[@]}"; do
	check "$name: the device stays connected" stays_connected "$name"
done
for request in "${mixtures[@]}"; do
	# shellcheck disable=SC2086
	check "${request% *}: each request is answered" mixture_is_answered $request
done
for request in "${requests[@]}"; do
	# shellcheck disable=SC2086
	check "${request%% *}: it is answered" answered 0 $request
done
for request in "${readonly_requests[@]}"; do
	# shellcheck disable=SC2086
	check "${request%% *}, read-only: it is answered" \
		answered "$((${#evil_attacks[@]} - 1))" $request
done
check "what stays costs dom0 nothing" \
	comes_to_rest dom0_work quiet stay
work_table quiet stay | diag
check "the guest lets go" evil_lets_go
check "the honest guest saw no error, and nobody kept it waiting" load_stop good
check "what was wrong didn't reach the block device" block_layer_is_well
check "what it may only read, and what is next to its disks, wasn't written" \
	is "the rest of the disk" "$(rest_of_disk)" "$rest"
check "the log has few lines of it" logged_little
check "the guests are destroyed" guest_destroy evil good
disks_down
ledger_close
bridge_down
done_testing
