#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# Tinyx guests: nginx in a guest that has the memory which its image asks for; that is
# of this machine's Debian. tinyx.host has made it.
#
# kernels: 6.1 6.12
# xenhost: --pvh
# cost: boots 1 guests 10 seconds 600

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

fetch() { # fetch PATH - the body of the guest's answer
	printf 'GET %s HTTP/1.0\r\n\r\n' "$1" | nc -w 20 10.0.0.2 80 |
		sed '1,/^\r$/d'
}

kernel_is_small() {
	local bytes
	bytes=$(stat -c %s /share/nginx.vmlinuz)
	echo "$bytes bytes"
	((bytes <= 2 * 1024 * 1024))
}

# start TYPE [WORDS [LINE]] - make the guest, with more words for its command line
# and a line more in its config file, which is $CONFIG or that which was made with it
start() {
	# One that failed in the test before.
	chaos destroy nginx 2> /dev/null || true
	{
		sed -e "s/^type = .*/type = \"$1\"/" \
			-e "s|^extra = \"\(.*\)\"|extra = \"\1 ${2-}\"|" \
			"${CONFIG:-/share/nginx.cfg}"
		vif_line 2
		echo "${3-}"
	} > "$work/nginx.cfg"
	chaos create "$work/nginx.cfg"
}

answers() { # answers PATH TEXT - wait until the guest's page has TEXT
	wait_for "the page $1" eval "fetch '$1' | grep -F '$2'" || {
		chaos list
		cat /var/log/chaos/console-nginx.log
		return 1
	}
}

serves() { # serves TYPE
	start "$1"
	answers / 'Welcome to nginx'
	vif_connected nginx 0
	chaos list -j | jq -e '.[] | select(.name == "nginx").memory |
		type == "number" and . <= 32'
	guest_destroy nginx
}

# A hundred connections, one after another and at the same time.
serves_many() {
	local n
	start "$1"
	answers / 'Welcome to nginx'
	for ((n = 0; n < 100; n++)); do
		fetch / > "$work/page.$n" &
		((n % 10 < 9)) || wait
	done
	wait
	for ((n = 0; n < 100; n++)); do
		grep -qF 'Welcome to nginx' "$work/page.$n"
	done
	guest_destroy nginx
}

serves_from_disk() { # serves_from_disk TYPE
	local disk
	mkdir -p "$work/content"
	head -c 3000000 /dev/urandom > "$work/content/bytes"
	echo 'from a noxs disk' > "$work/content/index.html"
	mke2fs -q -F -t ext4 -d "$work/content" "$work/content.img" 16M
	disk=$(losetup -f --show -r "$work/content.img")
	start "$1" mount=nxda:/var/www/html "disk = [ '$disk,raw,xvda,r' ]"
	answers / 'from a noxs disk'
	is "sum of what was fetched" "$(fetch /bytes | sha256sum)" \
		"$(sha256sum < "$work/content/bytes")"
	guest_destroy nginx
	losetup -d "$disk"
	rm -r "$work/content" "$work/content.img"
}

# A kernel with the frontends built in needs no initramfs: what is in it is here on the
# disk, which connects when the kernel is about to mount its root, or a little later.
boots_from_disk() { # boots_from_disk TYPE DISK [WORD]
	cp /share/root.img "$work/root.img"
	# What an earlier guest of that name said doesn't count.
	: > /var/log/chaos/console-nginx.log
	sed '/^ramdisk = /d' /share/nginx.cfg > "$work/bare.cfg"
	CONFIG=$work/bare.cfg start "$1" \
		"root=/dev/$2 rootfstype=ext4 rootwait rw init=/init ${3-}" \
		"disk = [ '$work/root.img,raw,xvda,w' ]"
	answers / 'Welcome to nginx'
	grep -a 'VFS: Mounted root (ext4 filesystem)' /var/log/chaos/console-nginx.log
	guest_destroy nginx
	rm "$work/root.img"
}

modprobe loop
bridge_up
ledger_open
check "the compressed kernel is of 2 MiB at most" kernel_is_small
check "PV: nginx answers in a guest of 32 MiB at most" serves pv
check "PV: nginx answers a hundred times" serves_many pv
check "PV: nginx serves what is on a noxs disk" serves_from_disk pv
check "PV: without an initramfs, from a noxs disk" boots_from_disk pv nxda
check "PVH: nginx answers in a guest of 32 MiB at most" serves pvh
check "PVH: nginx serves what is on a noxs disk" serves_from_disk pvh
check "PVH: the same, and the disk is called as in the configuration" \
	boots_from_disk pvh xvda noxs_blkfront.xvd=1
ledger_close
bridge_down
done_testing
