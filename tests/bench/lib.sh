# shellcheck shell=bash disable=SC2154 # $work is of tests/system/lib.sh
# SPDX-License-Identifier: GPL-2.0
#
# What benchmarks share that compare with xenbus. After tests/system/lib.sh.

# As xencommons does it.
xenstored_start() {
	local dir
	for dir in /usr/lib/xen-*/bin /usr/sbin; do
		[[ ! -x $dir/xenstored ]] || break
	done
	mkdir -p /run/xen /run/xenstored /var/lib/xenstored /var/log/xen/console
	"$dir/xenstored" --pid-file "$work/xenstored.pid"
	wait_for "xenstored answers" xenstore-ls -s
	"$dir/xen-init-dom0" > /dev/null
	"$dir/xenconsoled" --log=guest
}
