#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What README.md says, on a host that has nothing but Debian's packages and ours:
# readme.host has installed them and made guests. /share has its scripts. Then that host
# is booted by systemd, and powered off, as docs/install.md has it.
#
# kernels: 6.1 6.12
# xenhost: --pvh --dom0-memory all
# cost: boots 1 guests 12 seconds 720

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
	# Interrupts are event channels: those that drivers of the machine's devices take when
	# systemd boots are taken before they are counted.
	udevadm trigger --action=add
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

# Debian shuts down in order when it is asked to. Its getty may never come: systemd waits 90 s
# for the console's device, which is short here.
shuts_down() {
	chaos shutdown -w "$DEADLINE" guest
	is "guests" "$(chaos list -j | jq length)" 0
}

# Nobody has said how much of it is dom0's.
memory_is_dom0s() {
	fails 1 bash -euo pipefail /share/guest
	grep -F "memory: 512 MiB wanted" "$work/stderr"
	grep -F "dom0 has" "$work/stderr"
}

has_given_back() {
	(($(< /sys/devices/system/xen_memory/xen_memory0/info/current_kb) <= 2100000))
}

memory_is_there() {
	readme dom0-memory
	wait_for "dom0 has given back what is more" has_given_back
	chaos create --dry-run /srv/guest.cfg
}

#
# The same host, booted by systemd
#

# In a namespace it is the first process, as it must be, and what powers off is that: what
# it leaves behind can be looked at. The rig's udevd makes room for its own; of /tmp, which
# it empties, it has another one.
systemd_start() {
	pkill -x systemd-udevd || pkill -x udevd || true
	setsid unshare --fork --pid --mount --mount-proc sh -c \
		'mount -t tmpfs tmpfs /tmp && exec /lib/systemd/systemd' \
		> /dev/null 2>&1 < /dev/null &
	echo $! > "$work/unshare"
	wait_for "the namespace is there" pgrep -P "$(< "$work/unshare")"
	pgrep -P "$(< "$work/unshare")" > "$work/init"
}

in_host() { # in_host COMMAND…
	nsenter -t "$(< "$work/init")" --mount --pid "$@"
}

has_booted() {
	[[ $(in_host systemctl is-system-running) == @(running|degraded) ]]
}

# On a network without DHCP, and without XenStore, for which Xen's package has scripts; nor
# is there anybody who logs in, or a file system to be looked after. What an installer does
# is done, and the journal is kept.
network_is_set_up() {
	local unit
	ip link del xenbr0
	ip link add enp1s0 type veth peer name cable
	ip link set cable up
	bash -euo pipefail /share/networkd
	sed -i "s|DHCP=yes|Address=$HOST_IP/24|" /etc/systemd/network/xenbr0.network
	for unit in xen xendomains serial-getty@hvc0 e2scrub_reap; do
		ln -sf /dev/null "/etc/systemd/system/$unit.service"
	done
	systemd-machine-id-setup
	mkdir -p /var/log/journal
}

# One that starts with the host, with the addresses for which docs/install.md has rules.
guest_is_set_up() {
	guest_config web "vif = [ 'mac=00:16:3e:00:00:01,vifname=web' ]" \
		+noxs.ip0=10.0.0.2/24 > /etc/chaos/web.cfg
	systemctl enable chaos@web
}

boots_by_systemd() {
	local unit module
	rmmod noxs_blkback noxs_netback noxs_core
	systemd_start
	wait_for "systemd has started all" has_booted || {
		in_host systemctl list-jobs
		return 1
	}
	in_host systemctl --plain --no-legend --failed | tee "$work/failed"
	for unit in chaosd chaosd.socket chaos-guests chaos@web systemd-networkd; do
		is "$unit" "$(in_host systemctl is-active "$unit")" active
	done
	must_fail grep -E 'chaos|noxs|network|udev' "$work/failed"
	for module in noxs_netback noxs_blkback; do
		wait_for "$module is loaded" loaded "$module"
	done
}

bridge_is_there() {
	ip -br addr
	[[ -e /sys/class/net/xenbr0/brif/enp1s0 ]]
	[[ -e /sys/class/net/xenbr0/brif/web ]]
	pings 10.0.0.2
}

filter() {
	cat /proc/sys/net/bridge/bridge-nf-call-iptables
}

filters_are_off() {
	in_host modprobe br_netfilter
	is "iptables see what is bridged" "$(filter)" 1
	in_host bash -euo pipefail /share/br-netfilter
	is "iptables see what is bridged" "$(filter)" 0
}

mac_is() { # mac_is MAC - of the guest, from now on
	local eth
	eth=$(in_guest web ls /sys/bus/noxs/devices/vif-0/net)
	in_guest web sh -c "ip link set $eth down && ip link set $eth address $1 up"
}

# Not even the host sees what comes from addresses that aren't the guest's, nor does the
# bridge look for another guest behind it.
own_addresses_only() {
	local eth
	in_host bash -euo pipefail /share/nftables
	pings 10.0.0.2
	eth=$(in_guest web ls /sys/bus/noxs/devices/vif-0/net)
	in_guest web ip addr add 10.0.0.9/24 dev "$eth"
	must_fail ping -c 3 -W 5 10.0.0.9
	mac_is 00:16:3e:00:00:02
	must_fail ping -c 3 -W 5 10.0.0.2
	bridge fdb show br xenbr0 > "$work/fdb"
	must_fail grep 00:16:3e:00:00:02 "$work/fdb"
	mac_is 00:16:3e:00:00:01
	pings 10.0.0.2
}

# chaos(1)'s examples of services: of the last, the guest runs already.
services_are_there() {
	(($(wc -l < /share/services) == 3))
	in_host bash -euxo pipefail /share/services > "$work/metrics"
	grep '^chaos_host_memory_free_bytes [0-9]' "$work/metrics"
	grep '^chaos_guest_.*{name="web"' "$work/metrics"
	is "chaos@web" "$(in_host systemctl is-active chaos@web)" active
	is "chaos-metrics" "$(in_host systemctl is-enabled chaos-metrics.socket)" enabled
}

chaosd_starts_when_asked() {
	in_host systemctl stop chaosd
	must_fail in_host systemctl is-active chaosd
	in_host chaos pool list
	in_host systemctl is-active chaosd
}

main_pid() {
	in_host systemctl show --value -p MainPID chaosd
}

is_another() { # is_another PID
	local pid
	pid=$(main_pid)
	((pid > 0 && pid != $1))
}

# One that doesn't come back to its loop is ended; the next one answers, and the guest has
# noticed nothing.
chaosd_is_watched() {
	local pid dir=/run/systemd/system/chaosd.service.d
	in_host bash -euc "mkdir $dir
		printf '[Service]\\nWatchdogSec=20\\n' > $dir/watchdog.conf
		systemctl daemon-reload
		systemctl restart chaosd"
	pid=$(main_pid)
	in_host kill -STOP "$pid"
	wait_for "the watchdog has made room for the next one" is_another "$pid"
	in_host chaos pool list
	pings 10.0.0.2
	in_host bash -euc "rm -r $dir; systemctl daemon-reload; systemctl restart chaosd"
	in_host systemctl is-active chaosd
}

has_ended() {
	[[ ! -d /proc/$(< "$work/init") ]]
}

# One guest that is a service, and one that somebody has made: both are told, and go by
# themselves. There is no D-Bus, by which "systemctl poweroff" asks for the same.
powers_off() {
	guest_create made "$(vif_line 4)" +noxs.ip0=10.0.0.4/24
	in_host systemctl --no-block start poweroff.target
	wait_for "the host is off" has_ended
	mount -o remount,rw /
	is "guests" "$(chaos list -j | jq length)" 0
	kernel_ended /var/log/chaos/console-made.log
	journalctl -aD /var/log/journal -u chaos@web | kernel_ended
	is "processes of chaos" "$(pgrep -c chaos || true)" 0
}

check "all of it was installed by apt" installed_by_apt
check "the host boots" boot
check "udev loads the backends" udev_loads_them
check "README: the host" readme host
check "dom0 has all memory: a guest is refused, and told why" memory_is_dom0s
check "docs/install.md: dom0 gives memory back" memory_is_there
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
# What was traced is forgotten with the modules.
check "ledger: each device made was removed" ledger_pairs
check "docs/install.md: a bridge by networkd" network_is_set_up
check "a guest is to start with the host" guest_is_set_up
check "the host boots by systemd" boots_by_systemd
check "the guest is on the bridge, and answers" bridge_is_there
check "chaos(1): metrics and a guest as services" services_are_there
check "docs/install.md: what is bridged passes no filter of IP's" filters_are_off
check "docs/install.md: a guest has its own addresses only" own_addresses_only
check "chaosd is started by whoever asks" chaosd_starts_when_asked
check "chaosd hangs: systemd ends it" chaosd_is_watched
check "the host powers off: its guests shut down before" powers_off
check "the guests' kernels had no fault" guests_had_no_fault
check "ledger: domains, devices, grants, ports and pages are back" ledger_back
done_testing
