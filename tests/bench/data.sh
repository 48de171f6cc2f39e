# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the benchmarks of data share, after lib.sh: guests with load(1) in them, one for
# each arm, and turns in which these do the same.
#
# The pass of these is "data": one boot has what is measured and what is counted.
#
# shellcheck disable=SC2034,SC2153,SC2154 # $work and $GUESTS are lib.sh's, and want these

# The arms, and how to reach their guests.
ARMS=()
declare -A ADDRESS=()
GUEST_MEMORY=256
# Guests have as many processors. The backends would offer one for each of dom0.
QUEUES=${BENCH_QUEUES:-1}
CONDITION=${GUEST_TYPE^^}
((QUEUES == 1)) || CONDITION+=" with $QUEUES queues"
# A network that is nobody's: it is for benchmarks.
HOST_IP=198.18.0.1

# guest_start ARM CONFIG_LINE… - begin with xenbus or noxs; it has a vif besides; and of
# noxs $DISK_OFFER, MAJOR:MINOR
guest_start() {
	local arm=$1 bus=${1%%-*} n=$((${#ARMS[@]} + 2)) id
	shift
	if [[ ! -e $work/initramfs.cpio ]]; then
		mkdir -p "$work/tree/bin"
		cp "$BENCH/load" "$work/tree/bin"
		(cd "$work/tree" && echo bin/load | busybox cpio -o -H newc) \
			> "$work/load.cpio" 2> "$work/said"
		cat "$GUESTS/$INITRAMFS" "$work/load.cpio" > "$work/initramfs.cpio"
	fi
	ARMS+=("$arm")
	ADDRESS[$arm]=${HOST_IP%.*}.$n
	guest_config "$arm" "ramdisk = '$work/initramfs.cpio'" "vcpus = $QUEUES" \
		"$(vif_line "$n")" "+noxs.ip0=${ADDRESS[$arm]}/24" \
		'+noxs.run="load serve"' "$@" > "$work/$arm.cfg"
	# As on a machine whose TSC Xen trusts. Emulated, it would be most of a packet.
	if [[ $bus == noxs ]]; then
		undo chaos destroy "$arm"
		chaos create -q -p "$work/$arm.cfg"
		id=$(domid_of "$arm")
		# chaos leaves it to dom0's processors how many queues that may have.
		[[ -z ${DISK_OFFER-} ]] ||
			thin-noxs offer vbd "$id" 0 "$DISK_OFFER" "$QUEUES"
		native-tsc "$id"
		chaos unpause "$arm"
	else
		undo xl destroy "$arm"
		xl create -q -p "$work/$arm.cfg"
		id=$(xl domid "$arm")
		native-tsc "$id"
		xl unpause "$arm"
	fi
}

guests_ready() {
	local arm
	for arm in "${ARMS[@]}"; do
		wait_for "the guest of $arm answers" load run "${ADDRESS[$arm]}" true
		progress "the guest of $arm is up"
		# shellcheck disable=SC2016 # the guest expands it
		is "queues of $arm" "$(load run "${ADDRESS[$arm]}" \
			'set -- /sys/class/net/eth*/queues/tx-*; echo $#')" "$QUEUES"
	done
}

# disk_of ARM - its first disk, there. That of xenbus would have an I/O scheduler, and that of
# noxs has none.
disk_of() {
	# shellcheck disable=SC2016 # the guest expands it
	load run "${ADDRESS[$1]}" 'set -e
		for name in nxda xvda; do
			[ ! -b /dev/$name ] || break
		done
		echo none > /sys/block/$name/queue/scheduler
		echo /dev/$name'
}

backends_start() {
	modprobe noxs_netback max_queues="$QUEUES"
	modprobe xen-netback max_queues="$QUEUES"
	modprobe noxs_blkback
	modprobe xen-blkback max_queues="$QUEUES"
}

# net_start - the guests' network
net_start() {
	undo bridge_down
	bridge_up
}

# data_metering_start - what happens to devices is of no interest, and is not to cost
data_metering_start() {
	metering_start
	echo 0 > "$TRACE/events/enable"
	versions
}

# of_units LABEL UNITS COMMAND… - by load(1), whose work is so many units
of_units() {
	local label=$1 units=$2 says='guest_[a-z]+'
	shift 2
	((!counting)) || says=''
	UNITS=$units SAYS=$says metered "$label" -s "$@"
}

# rounds CONDITION FUNCTION… - each FUNCTION, which gets an arm and a condition, for all
# arms, after one time that counts for nobody
rounds() {
	local condition=$1 what i arm arms
	shift
	for what; do
		for arm in "${ARMS[@]}"; do
			"$what" "$arm" warm | sed '/^data,/d'
		done
		# Nothing is counted in somebody's dom0.
		for ((i = 0; i < REPS + (LOCAL ? 0 : (REPS + 1) / 2); i++)); do
			((i != REPS)) || counting 1
			arms_of "$i" "${ARMS[@]}"
			for arm in "${arms[@]}"; do
				"$what" "$arm" "$condition"
			done
		done
		counting 0
		progress "$condition: $what"
	done
}
