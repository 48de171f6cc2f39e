# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What system tests share: guests, waiting, the network in dom0, the ledger.
# Runs as root in dom0 of tests/xenhost.
#
# Everything waits for a condition with a deadline that only a hang reaches:
# emulation is slow, and machines are shared.

# The machine that emulates this one has them, too, whatever becomes of this one.
[[ ! -d /run/rig/logs ]] || TAP_NOW=/run/rig/logs/now
# shellcheck source-path=SCRIPTDIR source=../tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tap.sh"

SYSTEM=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
GUESTS=${GUESTS:-/usr/share/noxs/guests}
# shellcheck disable=SC2034 # for those who source this
LONG=${NOXS_LONG:-0}
# shellcheck disable=SC2034
DEBUG=0
DEADLINE=${DEADLINE:-300}
BRIDGE=noxsbr0
HOST_IP=10.0.0.1
work=$(mktemp -d)
: > "$work/waited"
# Nothing is ever to be read from it.
exec {never}<> <(:)
trap 'echo "Bail out! ${BASH_SOURCE[0]##*/}:$LINENO failed"' ERR

# What tests don't say otherwise; emulated, PV is several times as fast.
GUEST_TYPE=${GUEST_TYPE:-pv}

# The debug kernel needs more memory, and guests take after dom0.
KERNEL=$GUESTS/vmlinux
GUEST_MEMORY=192
INITRAMFS=initramfs-net.cpio
# What guests' kernels do while they boot that nothing here is about: tests of ciphers, a
# look at each page's rights, memory zeroed before it is used.
QUICK_BOOT='cryptomgr.notests rodata=off init_on_alloc=0 mitigations=off'
if [[ -e /sys/kernel/debug/kmemleak ]]; then
	QUICK_BOOT=''
	GUEST_MEMORY=320
	DEBUG=1
	DEADLINE=$((DEADLINE * 2))
fi

# repetitions N [MANY] - how often to do what is usually done N times: MANY, or ten
# times that, where time doesn't matter, and a tenth on the debug kernel, which is
# slow and needs no more to see what it looks for
repetitions() {
	local n=$1
	((!LONG)) || n=${2:-$((n * 10))}
	echo $((n / (DEBUG ? 10 : 1)))
}

# wait_for WHAT COMMAND… - until COMMAND succeeds
#
# Of a function, as in any condition, only the last command's status counts, unless
# they are joined.
#
# Between two looks passes twice the time that a look takes: what is waited for needs the
# processor, too.
wait_for() {
	local what=$1 end=$((SECONDS + DEADLINE)) tell=$((SECONDS + 5)) began pause
	shift
	while true; do
		began=${EPOCHREALTIME/./}
		! "$@" > "$work/look" 2>&1 || return 0
		if ((SECONDS > end)); then
			echo "waited $DEADLINE s in vain: $what"
			tail -n 20 "$work/look"
			return 1
		fi
		if ((SECONDS > tell)); then
			tap_waits "$what" "$work/look"
			tell=$((SECONDS + 5))
		fi
		pause=$((2 * (${EPOCHREALTIME/./} - began)))
		((pause > 50000)) || pause=50000
		((pause < 1000000)) || pause=1000000
		printf -v pause '%d.%06d' $((pause / 1000000)) $((pause % 1000000))
		# To start sleep(1) would take as long as that.
		read -rt "$pause" -u "$never" || true
	done
}

# fails STATUS COMMAND… - it fails with STATUS and one line that says why
fails() {
	local expected=$1 status=0
	shift
	"$@" > "$work/stdout" 2> "$work/stderr" || status=$?
	cat "$work/stdout" "$work/stderr"
	is "exit status" "$status" "$expected"
	is "lines on stdout" "$(wc -l < "$work/stdout")" 0
	is "lines on stderr" "$(wc -l < "$work/stderr")" 1
	grep -qE '^(chaos|usage): ' "$work/stderr"
}

must_fail() { # must_fail COMMAND…
	if "$@"; then
		echo "should have failed: $*"
		return 1
	fi
}

# guest_config NAME [LINE…] - print a config file; LINEs are more of it, and
# those that begin with + are words for the guest's command line
guest_config() {
	local name=$1 line words=
	shift
	echo "name = '$name'"
	[[ "$*" == *'kernel = '* ]] || echo "kernel = '$KERNEL'"
	[[ "$*" == *'ramdisk = '* ]] ||
		echo "ramdisk = '$GUESTS/$INITRAMFS'"
	[[ "$*" == *'type = '* ]] || echo "type = '$GUEST_TYPE'"
	[[ "$*" == *memory* ]] || echo "memory = $GUEST_MEMORY"
	[[ -z ${GUEST_MAPTRACK-} ]] ||
		echo "max_maptrack_frames = $GUEST_MAPTRACK"
	for line; do
		if [[ $line == +* ]]; then
			words+=" ${line#+}"
		else
			echo "$line"
		fi
	done
	echo "extra = 'console=hvc0 $QUICK_BOOT$words'"
}

# guest_create NAME [LINE…] - make a guest, and wait until it answers
guest_create() {
	guest_start "$@"
	guest_ready "$1"
}

guest_start() {
	guest_config "$@" > "$work/$1.cfg"
	chaos create "$work/$1.cfg"
}

# pong_start NAME N [KERNEL] - a guest that is no Linux, and there at once: the example
# of docs/porting.md, with a vif that answers at 10.0.0.N
pong_start() {
	printf '%s\n' "name = '$1'" "kernel = '${3:-$SYSTEM/pong}'" "type = 'pv'" \
		"memory = 8" "extra = 'ip=10.0.0.$2'" "$(vif_line "$2")" \
		${GUEST_MAPTRACK:+"max_maptrack_frames = $GUEST_MAPTRACK"} \
		> "$work/$1.cfg"
	chaos create -q "$work/$1.cfg"
}

guest_ready() {
	local began=${EPOCHREALTIME/./}
	wait_for "$1 answers" guest-exec -t 60 "$1" true || {
		said_last "$1"
		return 1
	}
	echo "$((${EPOCHREALTIME/./} - began))" >> "$work/waited"
}

# tap_cost - for done_testing: how many domains were made, also shells and stubs,
# and how long tests waited for guests that boot
tap_cost() {
	printf '# guests: %d, of which %d were waited for, %d s\n' \
		"$("$SYSTEM/ledger" made)" \
		"$(awk 'END { print NR }' "$work/waited")" \
		"$(awk '{ all += $1 } END { print int(all / 1000000) }' "$work/waited")"
}

# What a guest said last, on the console.
said_last() { # said_last NAME
	tail -n 40 "/var/log/chaos/console-$1.log" || true
}

# in_guest NAME COMMAND… - the command's output and status
in_guest() {
	local status=0
	guest-exec -t "$DEADLINE" "$@" || status=$?
	if ((status == 124)); then
		said_last "$1" >&2
	fi
	return "$status"
}

guest_destroy() {
	local name
	for name; do
		chaos destroy "$name"
	done
}

domid_of() {
	chaos list -j | jq -er --arg name "$1" '.[] | select(.name == $name).domid'
}

# kernel_ended [LOG] - a guest's kernel says that it has shut down. One without ACPI halts,
# which ends a PV guest as well; 6.12 has other words for it than 6.1.
kernel_ended() {
	grep -aE 'reboot: .*(Power down|System halted)' "$@"
}

handle_of() {
	chaos list -j | jq -er --arg name "$1" '.[] | select(.name == $name).handle'
}

vif_name() { # vif_name GUEST ID - its name in dom0
	echo "vif$(domid_of "$1").$2"
}

# vif_is GUEST ID STATE - whether both ends of a vif are in a state
vif_is() {
	local got
	got=$(chaos vif list -j "$1" | jq -r --argjson id "$2" \
		'.[] | select(.id == $id) | .backend_state + " " + .frontend_state')
	[[ $got == "$3 $3" ]]
}

vif_connected() {
	wait_for "vif $2 of $1 is connected" vif_is "$1" "$2" Connected
}

# A bridge on which guests and dom0 meet.
bridge_up() {
	ip link add "$BRIDGE" type bridge
	ip addr add "$HOST_IP/24" dev "$BRIDGE"
	ip -6 addr add fd00::1/64 dev "$BRIDGE" nodad
	ip link set "$BRIDGE" up
}

bridge_down() {
	ip link del "$BRIDGE"
}

vif_line() { # vif_line N… - a config's vif key; N is the last octet of the mac
	local n list=()
	for n; do
		list+=("'mac=00:16:3e:00:00:$(printf %02x "$n"),bridge=$BRIDGE'")
	done
	(IFS=,; echo "vif = [ ${list[*]} ]")
}

pings() { # pings ADDRESS [OPTION…]
	local address=$1
	shift
	wait_for "$address answers" ping -c 1 -W 2 "$address"
	ping -q -i 0.05 -c 5 -W 10 "$@" "$address"
}

# Traffic that goes on until traffic_stop, whatever happens to the link.
traffic_start() { # traffic_start ADDRESS
	ping -f -i 0.01 -s 1000 "$1" > "$work/traffic" 2>&1 &
	traffic=$!
}

traffic_stop() {
	kill -INT "$traffic"
	wait "$traffic" || true
	tail -n 3 "$work/traffic"
}

# xenstored_start DAEMON [OPTION…] - for what compares with xenbus, or lives beside it; as
# Debian's xencommons does it
xenstored_start() {
	local dir daemon=$1
	shift
	for dir in /usr/lib/xen-*/bin /usr/sbin; do
		[[ ! -x $dir/$daemon ]] || break
	done
	mkdir -p /run/xen /run/xenstored /var/lib/xenstored /var/log/xen/console
	"$dir/$daemon" --pid-file "$work/xenstored.pid" "$@"
	wait_for "xenstored answers" xenstore-ls -s
	"$dir/xen-init-dom0" > /dev/null
	"$dir/xenconsoled" --log=guest
}

#
# The ledger: what the tests made is gone.
#

trace=/sys/kernel/tracing

ledger_counts() {
	"$SYSTEM/ledger"
	echo "devices $(find /sys/bus/noxs-backend/devices -type l 2> /dev/null | wc -l)"
	echo "noxs-domains $(cat '/sys/class/misc/xen!noxs/domains')"
	echo "revoking $(cat '/sys/class/misc/xen!noxs/revoking')"
	echo "kept $(cat '/sys/class/misc/xen!noxs/kept')"
	echo "loops $(losetup -l -n | wc -l)"
	echo "vifs $(find /sys/class/net -name 'vif*' | wc -l)"
}

# ledger_open - note what there is. A first guest is made and destroyed before,
# as Xen and Linux keep some of what they allocate for the first one.
ledger_open() {
	modprobe -a noxs_netback noxs_blkback
	if [[ $GUEST_TYPE == pv ]]; then
		pong_start ledger 250
	else
		guest_create ledger "$(vif_line 250)" > /dev/null
	fi
	vif_connected ledger 0
	guest_destroy ledger > /dev/null
	wait_for "nothing is mapped any more" nothing_revoking
	echo 32768 > /sys/module/xen_gntalloc/parameters/limit
	# The first count makes the grant table grow.
	"$SYSTEM/ledger" grants > /dev/null
	"$SYSTEM/ledger" grants > "$work/ledger.grants"
	ledger_counts > "$work/ledger"
	# What can't be counted would be the same each time.
	must_fail grep -vE '^[a-z-]+ [0-9]+$' "$work/ledger"
	echo 0 > $trace/tracing_on
	echo > $trace/trace
	echo 4096 > $trace/buffer_size_kb
	for event in dev_add dev_del connect disconnect; do
		echo 1 > "$trace/events/noxs/noxs_$event/enable"
	done
	echo 1 > $trace/tracing_on
}

nothing_revoking() {
	[[ $(cat '/sys/class/misc/xen!noxs'/{revoking,kept}) == $'0\n0' ]]
}

# Xen keeps a few pages of what it allocated for its own small objects. What is
# lost with each guest or device is more than that after many of them.
PAGES_KEPT=16

ledger_pages() {
	sed -n 's/^pages //p' "$1"
}

ledger_is_clean() {
	ledger_counts > "$work/ledger.now"
	diff <(grep -v pages "$work/ledger") <(grep -v pages "$work/ledger.now") &&
		(($(ledger_pages "$work/ledger.now") + PAGES_KEPT >=
			$(ledger_pages "$work/ledger")))
}

# no_leak PREFIX… - kmemleak finds nothing in dom0 (env) or a guest. It says
# nothing of what is younger than five seconds.
no_leak() {
	"$@" sh -c 'sleep 6; echo scan > /sys/kernel/debug/kmemleak'
	is "kmemleak's report" "$("$@" cat /sys/kernel/debug/kmemleak)" ""
}

traced() {
	grep -c "noxs_$1:" $trace/trace || true
}

# ledger_close - tests: all is as it was, and no kernel had reason to complain;
# xenhost looks at dom0's log
ledger_close() {
	check "the guests' kernels had no fault" guests_had_no_fault
	check "ledger: domains, devices, grants, ports and pages are back" \
		ledger_back
	check "ledger: each device made was removed" ledger_pairs
	if ((DEBUG)); then
		check "nothing leaked in dom0" no_leak env
	fi
}

# But for what a slow machine does to them, the crashes that tests ask for, and
# what the part says with GUESTS_MAY_SAY.
guests_had_no_fault() {
	local but='lockup|stalls|blocked for more than|NETDEV WATCHDOG|sysrq' status=0
	grep -aEh -f "$SYSTEM/../rig/log-faults" /var/log/chaos/console-*.log \
		> "$work/faults" || status=$?
	is "status of who looked, who found some, or none" $((status <= 1)) 1
	must_fail grep -avE "$but${GUESTS_MAY_SAY:+|$GUESTS_MAY_SAY}" "$work/faults"
}

ledger_back() {
	wait_for "the ledger is clean" ledger_is_clean || {
		diff "$work/ledger" "$work/ledger.now"
		return 1
	}
	echo "pages before and after: $(ledger_pages "$work/ledger")," \
		"$(ledger_pages "$work/ledger.now")"
	diff "$work/ledger.grants" <("$SYSTEM/ledger" grants)
}

ledger_pairs() {
	echo "added $(traced dev_add), connected $(traced connect)"
	(($(traced dev_add) > 0))
	is "removed devices" "$(traced dev_del)" "$(traced dev_add)"
	is "disconnected devices" "$(traced disconnect)" "$(traced connect)"
}
