#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What README.md says, on a host that has nothing but Debian's packages and ours:
# readme.host has installed them and made guests. /share has its scripts.
#
# kernels: 6.1
# xenhost: --vcpus 1 --dom0-memory 1536
# cost: boots 1 guests 10 seconds 600

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.sh"

BRIDGE=xenbr0
# A Debian takes its time to boot where two domains share an emulated processor.
DEADLINE=900
# shellcheck source=/dev/null
. /share/tap

# readme NAME - run that block of README.md
readme() {
	cat "/share/$1"
	bash -euo pipefail "/share/$1"
}

loaded() {
	grep -q "^$1 " /proc/modules
}

# What systemd does when it boots a host, and the rig doesn't: devices of modules
# that are loaded when one is opened, directories in /run.
boot() {
	kmod static-nodes --format=tmpfiles --output=/run/nodes.conf
	systemd-tmpfiles --create --boot --prefix=/dev /run/nodes.conf
	systemd-tmpfiles --create --boot --prefix=/run/chaos \
		--prefix=/var/log/chaos
}

# Udev is there, but nothing has told it of devices that were there before.
udev_loads_them() {
	local module
	is "modules loaded before" "$(grep -c '^noxs_' /proc/modules || true)" 0
	udevadm trigger --action=add --subsystem-match=misc
	for module in noxs_core noxs_netback noxs_blkback; do
		wait_for "$module is loaded" loaded "$module"
	done
	udevadm settle
	rmmod noxs_blkback noxs_netback noxs_core
}

# Of this Debian, and not what the rig has for other tests.
installed_by_apt() {
	local module
	is "the package of chaos" "$(dpkg -S /usr/sbin/chaos)" \
		"chaos: /usr/sbin/chaos"
	dpkg -V chaos noxs-dkms
	for module in core netback blkback netfront blkfront; do
		modinfo -n "noxs_$module" | grep -x '.*/updates/dkms/.*'
	done
	is "processes of xenstored" "$(pgrep -c xenstored || true)" 0
}

fetches() { # fetches NAME TEXT - what README.md fetches has the text
	wait_for "the guest answers" readme "$1"
	readme "$1" | grep -F "$2"
}

# guest_works NAME BLOCK TEXT
guest_works() {
	fetches "$2" "$3" || {
		chaos list
		tail -n 40 "/var/log/chaos/console-$1.log"
		return 1
	}
	vif_connected "$1" 0
	chaos vbd list -j "$1" | jq -e '.[0].frontend_state == "Connected"'
}

# Debian shuts down in order when it is asked to.
shuts_down() {
	wait_for "a login prompt" grep -a ' login: ' \
		/var/log/chaos/console-guest.log
	chaos shutdown -w "$DEADLINE" guest
	is "guests" "$(chaos list -j | jq length)" 0
}

check "all of it was installed by apt" installed_by_apt
check "the host boots" boot
check "udev loads the backends" udev_loads_them
check "README: the host" readme host
ledger_open
check "README: a Debian guest" readme guest
check "README: it serves its page from its disk" \
	guest_works guest guest-fetch "Welcome to nginx"
check "it shuts down when it is asked to" shuts_down
if ((LONG)); then
	check "README: a Tinyx guest" readme tinyx-guest
	check "README: it serves what is on its disk" \
		guest_works nginx tinyx-fetch "from a noxs disk"
	chaos destroy nginx
fi
ledger_close
done_testing
