#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Whatever the modules call that can fail does, once or more often at each place, in
# dom0 and in a guest, in whatever context (hostile/failing.c): what was asked for
# fails and leaves nothing behind, or gets along without; I/O waits; and nothing that
# ends needs any of it
#
# kernels: 6.1
# cost: boots 1 guests 2 seconds 220

# shellcheck disable=SC2016 # guests expand
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/block-lib.sh"

FAILING=/sys/kernel/debug/noxs_failing
TIMES=/sys/module/noxs_failing/parameters/times
driver=/sys/bus/noxs-backend/drivers/noxs-blkback
# Attempts that there may be: more than places.
MOST_ATTEMPTS=40

# What has to have failed, in calls and in work items, of devices and of their I/O:
# where, who called, and what.
called=('env noxs_core kmalloc_trace blkdev_get_by_dev dev_set_name device_add
		get_zeroed_page gnttab_grant_foreign_access gnttab_alloc_pages
		bind_evtchn_to_irq_lateeoi request_threaded_irq'
	'env noxs_blkback kvmalloc_node blkdev_get_by_dev __kmalloc __get_free_pages
		gnttab_alloc_pages'
	'env noxs_netback alloc_netdev_mqs register_netdev kvmalloc_node
		netif_set_real_num_queues alloc_pages napi_build_skb'
	'in_guest noxs_core kmalloc_trace dev_set_name device_add get_zeroed_page
		gnttab_grant_foreign_access xen_alloc_ballooned_pages
		bind_evtchn_to_irq_lateeoi request_threaded_irq'
	'in_guest noxs_blkfront __kmalloc __blk_mq_alloc_disk blk_mq_alloc_tag_set
		device_add_disk gnttab_alloc_grant_references alloc_pages'
	'in_guest noxs_netfront alloc_etherdev_mqs register_netdevice kmalloc_trace
		netif_set_real_num_queues page_pool_create
		gnttab_alloc_grant_references __napi_alloc_skb
		page_pool_alloc_pages')

# failing TIMES COMMAND… - each place fails as often from now on, where COMMAND runs
# what follows: in dom0 (env), or the guest
failing() {
	"${@:2}" sh -c "echo $1 > $TIMES"
}

# failures COMMAND… - how many there were
failures() {
	"$@" cat "$FAILING" | awk '{ n += $NF } END { print n + 0 }'
}

# keep_places COMMAND… - add the places to those that are kept
keep_places() {
	"$@" cat "$FAILING" | sed "s/^/$1 /" >> "$work/places"
}

all_have_failed() {
	local words line function bad=0
	awk '{ key = $1 " " $2 " " $3 " " $4; all[key] += $5; failed[key] += $6 }
		END { for (key in all) print key, all[key], failed[key] }' \
		"$work/places" | sort > "$work/table"
	for line in "${called[@]}"; do
		read -d '' -ra words <<< "$line" || true
		for function in "${words[@]:2}"; do
			grep -qE "^${words[0]} .*\[${words[1]}\] $function .* [1-9][0-9]*$" \
				"$work/table" || {
				echo "didn't fail: ${words[*]:0:2} $function"
				bad=1
			}
		done
	done
	return "$bad"
}

# What a device leaves behind in dom0, if anything.
remains() {
	cat '/sys/class/misc/xen!noxs'/{domains,revoking}
	find /sys/bus/noxs-backend/devices -type l | wc -l
	find /sys/class/net -name 'vif*' | wc -l
}

remains_are() {
	[[ $(remains) == "$1" ]]
}

vbd_is_there() { # vbd_is_there ID
	vbd_is good "$1" Connected &&
		in_guest good test -b "/dev/nxd$(letter_of "$1")"
}

vif_is_there() { # vif_is_there ID
	vif_is good "$1" Connected
}

# either KIND ID FAILURES - the device can be used, or something that the guest needs
# for it has failed; dom0 tries again
either() {
	"$1_is_there" "$2" ||
		[[ ${there[0]} != env && $(failures "${there[@]}") != "$3" ]]
}

# connects KIND ID BEFORE ADD… - one attempt to add a device; 1 if that fails as a
# whole, because something fails that it needs, and leaves nothing behind
connects() {
	local kind=$1 id=$2 before=$3 count
	shift 3
	count=$(failures "${there[@]}")
	if "$@" > "$work/said" 2>&1; then
		wait_for "$kind $id is there, or something fails" \
			either "$kind" "$id" "$count" || return 2
		! "${kind}_is_there" "$id" || return 0
		chaos "$kind" del -F good "$id" > /dev/null || return 2
	else
		cat "$work/said"
		[[ $(wc -l < "$work/said") == 1 ]] || return 2
		[[ $(failures "${there[@]}") != "$count" ]] || return 2
	fi
	wait_for "nothing is left of it" remains_are "$before" || return 2
	return 1
}

# connects_in_the_end KIND ID ADD… - after as many attempts as things failed, at most
connects_in_the_end() {
	local before attempts=1 status
	before=$(remains)
	failing 1 "${there[@]}"
	while true; do
		status=0
		connects "$1" "$2" "$before" "${@:3}" || status=$?
		((status)) || break
		((status == 1 && ++attempts < MOST_ATTEMPTS))
	done
	echo "$attempts attempts, $(failures "${there[@]}") failures"
	((attempts > 2))
	keep_places "${there[@]}"
	failing 0 "${there[@]}"
	chaos "$1" del good "$2" > /dev/null
	wait_for "nothing is left of it" remains_are "$before"
}

# io_waits COMMAND… - I/O goes on when calls fail there, and isn't wrong
io_waits() {
	failing 3 "$@"
	verified good nxda --rw=randrw --bsrange=4k-256k --iodepth=16 --size=8m
	pings 10.0.0.2 -s 20000
	echo "$(failures "$@") failures"
	(($(failures "$@") > 0))
	keep_places "$@"
	failing 0 "$@"
}

vain_tries() { # vain_tries COMMAND… - how often the disk's end there didn't connect
	"$@" dmesg | grep -c "vbd-.*can't connect to domain .*: trying again" || true
}

bind_backend() { # bind_backend DEVICE - as often as what that needs fails
	local attempts=1
	until echo "$1" > "$driver/bind"; do
		((++attempts < MOST_ATTEMPTS)) || return
	done
	echo "bound by attempt $attempts"
}

# The backend goes and comes back, and each thing that a connection needs fails, in
# dom0 and then in the guest: it is tried again until there is one. I/O waits, and sees
# nothing of it.
reconnects() {
	local backend tries vain where
	backend=$(basename "$(backend_of good 0)")
	load_start good nxda
	for where in env 'in_guest good'; do
		read -ra there <<< "$where"
		tries=$(vain_tries "${there[@]}")
		echo "$backend" > "$driver/unbind"
		failing 1 "${there[@]}"
		bind_backend "$backend"
		vbd_connected good 0
		wait_for "I/O goes on" io_goes_on good nxda
		vain=$(($(vain_tries "${there[@]}") - tries))
		echo "$vain connections failed: $where"
		((vain > 0))
		keep_places "${there[@]}"
		failing 0 "${there[@]}"
	done
	load_stop good
}

# What doesn't fit into the guest's memory goes to its disk, and comes back as it was.
# Calls fail there meanwhile: nothing can be freed by a driver that waits for memory.
swaps() {
	local spare
	spare=$(in_guest good awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
	in_guest good sh -ec "mkswap /dev/nxda; swapon /dev/nxda; mkdir -p /mnt/swapped
		mount -t tmpfs -o size=1g swapped /mnt/swapped"
	failing 3 in_guest good
	in_guest good fio --name=swapped --directory=/mnt/swapped --rw=write \
		--bs=64k --size=$((spare + 32768))k --ioengine=psync \
		--verify=crc32c --do_verify=1 --verify_fatal=1 --minimal
	failing 0 in_guest good
	in_guest good grep pswp /proc/vmstat
	in_guest good awk '/^pswp(in|out) / && $2 > 4096 { n++ } END { exit n < 2 }' \
		/proc/vmstat
	in_guest good sh -ec 'umount /mnt/swapped; swapoff /dev/nxda'
}

has_both() {
	"${vif[@]}"
	"${vbd[@]}"
	wait_for "the disk is there" vbd_is_there 0
	pings 10.0.0.2
}

# Without a single allocation of theirs; but the tools have to open the device.
removed_without() {
	printf noxs_ctl_open > /sys/module/noxs_failing/parameters/but
	failing 1000000 env
	failing 1000000 in_guest good
	chaos vif del good 0
	chaos vbd del good 0
	wait_for "they are gone" remains_are "$1"
	guest_destroy good
	wait_for "nothing is mapped any more" nothing_revoking
	failing 0 env
}

bridge_up
disks_init
memory_disk failing size=512
ledger_open
modprobe noxs_failing
none=$(remains)
vbd=(chaos vbd add good "phy:$disk,nxda,w")
vif=(chaos vif add good id=0 mac=00:16:3e:00:00:02 bridge="$BRIDGE")
check "a guest" guest_create good +noxs.ip0=10.0.0.2/24
in_guest good modprobe noxs_failing
before=$(remains)
for where in env 'in_guest good'; do
	read -ra there <<< "$where"
	check "a vbd is there in the end: $where" connects_in_the_end vbd 0 "${vbd[@]}"
	check "a vif is there in the end: $where" connects_in_the_end vif 0 "${vif[@]}"
done
check "the guest has both" has_both
check "I/O waits for what dom0 lacks" io_waits env
check "I/O waits for what the guest lacks" io_waits in_guest good
check "what a reconnect needs fails for a while" reconnects
check "the guest swaps to its disk" swaps
check "calls have failed everywhere" all_have_failed
diag < "$work/table"
check "what ends needs none of it" removed_without "$before"
check "nothing is left" wait_for "that is so" remains_are "$none"
rmmod noxs_failing
memory_disk_del failing
ledger_close
bridge_down
done_testing
