#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# demo - the main job, step by step: guests with a network and a disk, without
# XenStore
#
# Runs in dom0; make demo starts it in an emulated Xen host.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=system/lib.sh
. "$(dirname "$0")/system/lib.sh"

say() {
	printf '\n\033[1m%s\033[0m\n' "$*"
}

# Show a command, then run it.
run() {
	printf '$ %s\n' "$*"
	"$@"
}

fail() {
	printf 'demo: failed in line %s\n' "$1" >&2
	tail -n 20 /var/log/chaos/console-*.log >&2 2> /dev/null || true
}
trap 'fail $LINENO' ERR

# The moments of a device in dom0's trace: made, connected.
moment() {
	awk -v what="$1" '$0 ~ what { for (i = 1; i <= NF; i++)
		if ($i ~ /^[0-9]+\.[0-9]+:$/) { print $i + 0; exit } }' "$trace/trace"
}

verified() { # verified WHAT SUM SUM
	[[ $2 == "$3" ]]
	echo "$1: every byte arrived (sha256 ${2:0:16}…)"
}

# The guests' images with the tools for disks.
# shellcheck disable=SC2034 # for lib.sh
INITRAMFS=initramfs.cpio
image=/var/tmp/demo.img

say "A Xen host, emulated. No xenstored runs, and none is needed."
run uname -r
echo "xenstored processes: $(pgrep -c xenstored || true)"
modprobe loop
bridge_up
ledger_open
echo 1 > "$trace/events/noxs/noxs_state/enable"
echo 1 > "$trace/events/noxs/noxs_notify/enable"
echo 1 > "$trace/events/noxs/noxs_evtchn/enable"

say "A guest with a network and a disk, from a config file that xl would read."
truncate -s 64M "$image"
disk_line="disk = [ '$image,raw,xvda,w' ]"
guest_config demo "$(vif_line 1)" "$disk_line" +noxs.ip0=10.0.0.2/24 |
	tee "$work/demo.cfg"
run chaos create "$work/demo.cfg"
guest_ready demo
vif_connected demo 0
run chaos list
run chaos vif list demo
run chaos vbd list demo

say "It answers, and asks."
run ping -c 3 10.0.0.2
run guest-exec demo ping -c 3 10.0.0.1

say "TCP, both ways."
head -c 8000000 /dev/urandom > "$work/bytes"
sum=$(sha256sum < "$work/bytes")
guest-exec demo sh -c 'nc.openbsd -l 5000 > /tmp/in < /dev/null &'
wait_for "the guest listens" guest-exec demo sh -c 'ss -ltn | grep :5000'
nc -N 10.0.0.2 5000 < "$work/bytes"
wait_for "all bytes are there" guest-exec demo sh -c '! pgrep -x nc.openbsd'
verified "to the guest" "$(guest-exec demo sh -c 'sha256sum < /tmp/in')" "$sum"
nc -l 5001 > "$work/back" < /dev/null &
wait_for "dom0 listens" sh -c 'ss -ltn | grep -q :5001'
guest-exec demo sh -c 'nc.openbsd -N 10.0.0.1 5001 < /tmp/in'
wait $!
verified "from the guest" "$(sha256sum < "$work/back")" "$sum"

say "A file system on its disk, and the bytes in a file there."
run guest-exec demo mke2fs -q -t ext4 /dev/nxda
run guest-exec demo modprobe -a crc32c_generic ext4
run guest-exec demo mkdir /mnt
run guest-exec demo mount -t ext4 /dev/nxda /mnt
run guest-exec demo cp /tmp/in /mnt/file
run guest-exec demo umount /mnt

say "What both ends counted."
run ethtool -S "vif$(domid_of demo).0"
run guest-exec demo ethtool -S eth0

say "What it cost, as dom0's tracepoints saw it."
made=$(moment 'noxs_dev_add: backend vif 0')
connecting=$(moment 'noxs_state: backend vif 0 .* peer: .*-> Connected')
connected=$(moment 'noxs_state: backend vif 0 .* own: .*-> Connected')
echo "XenStore messages: 0"
echo "events sent by dom0 until now: $(traced notify), received: $(traced evtchn)"
awk -v a="$made" -v b="$connecting" -v c="$connected" 'BEGIN {
	printf "device made to connected: %.1f ms, nearly all of it the guest booting;\n", (c - a) * 1000
	printf "frontend ready to connected: %.2f ms\n", (c - b) * 1000 }'
echo "(An emulated host's times tell nothing of a real one's.)"

say "The guest is destroyed; a second one, with the same disk, has the file."
run chaos destroy demo
guest_config second "$disk_line" > "$work/second.cfg"
run chaos create "$work/second.cfg"
guest_ready second
wait_for "its disk is there" guest-exec second test -b /dev/nxda
run guest-exec second modprobe -a crc32c_generic ext4
run guest-exec second mkdir /mnt
run guest-exec second mount -t ext4 -o ro /dev/nxda /mnt
run guest-exec second ls -l /mnt/file
verified "to the disk and back" \
	"$(guest-exec second sh -c 'sha256sum < /mnt/file')" "$sum"

say "That one is destroyed, too, and nothing of them is left."
run chaos destroy second
rm "$image"
ledger_back
ledger_pairs
run "$SYSTEM/ledger"
cat "$work/ledger.grants"
echo "domains, grants, event channels, pages and devices are as before"
bridge_down
