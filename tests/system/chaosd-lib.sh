# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What tests of chaosd share: chaosd itself, what it is asked and tells, guests
# that take no time, and one test after the other.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

SOCKET=/run/chaos/chaosd.sock

# Start chaosd, and wait until it answers.
daemon_start() {
	chaosd >> "$work/chaosd.log" 2>&1 &
	wait_for "chaosd answers" ask Status
}

daemon_pid() {
	ask Status | jq -e .pid
}

daemon_end() { # daemon_end SIGNAL
	local pid
	pid=$(daemon_pid)
	kill "-$1" "$pid"
	wait_for "chaosd ends" is_gone "$pid"
}

is_gone() {
	! kill -0 "$1"
}

# exchange CALL… - the answers to calls on one connection, a line each
#
# In one write: to a call that is too long, chaosd answers, and hangs up on the rest.
exchange() {
	local calls=$work/calls.$BASHPID # that of a pipe's end is another
	printf '%s\0' "$@" > "$calls"
	# A newer socat says that it was hung up on, when it has read all.
	{ socat -b 262144 -t 30 - "UNIX-CONNECT:$SOCKET" < "$calls" 2> "$calls.said" ||
		grep 'Connection reset by peer' "$calls.said" >&2; } | tr '\0' '\n'
}

ask() { # ask METHOD - what its answer says; fails if that is an error
	exchange "{\"method\":\"org.noxs.chaos.$1\"}" |
		jq -ec 'select(.error == null).parameters'
}

# declared BEGINNING - the fields of what begins so, a regular expression, in what
# chaosd says of its interface; a line each
declared() {
	local call='{"method":"org.varlink.service.GetInterfaceDescription"'
	exchange "$call,\"parameters\":{\"interface\":\"org.noxs.chaos\"}}" |
		jq -er .parameters.description | tr '\n' ' ' |
		sed -nE "s/.*$1([^)]*)\).*/\1/p" | grep -o '[a-z_]*:' |
		tr -d : | sort
}

# listen - collect events in $work/events, from now on
listen() {
	chaos events > "$work/events" 2>> "$work/chaosd.log" &
	listener=$!
	wait_for "events come" grep -q '"event":"ready"' "$work/events"
}

listen_end() {
	kill "$listener"
	wait "$listener" || true
}

# happened JQ… - whether there was such an event
happened() {
	jq -es "map(select($1)) | length >= ${2:-1}" "$work/events"
}

# stub_config NAME CHARACTERS [LINE…] - a guest that obeys them: see stub.c
stub_config() {
	[[ "$*" == *'kernel = '* ]] || echo "kernel = '$SYSTEM/stub'"
	[[ "$*" == *'memory = '* ]] || echo "memory = 8"
	printf '%s\n' "name = '$1'" "extra = '$2'" "${@:3}"
}

stub_start() {
	stub_config "$@" > "$work/$1.cfg"
	chaos create -q "$work/$1.cfg"
}

# tell NAME CHARACTERS - to a stub's console
tell() {
	printf '%s' "$2" | socat -t 0.2 - \
		"UNIX-CONNECT:/run/chaos/console/$(domid_of "$1").sock" > /dev/null
}

exists() {
	domid_of "$1" > /dev/null
}

absent() {
	! exists "$1"
}

# What is known of guests, without chaosd's own files.
traces() {
	find /run/chaos/names /run/chaos/domains /run/chaos/console -type f,s
	cat '/sys/class/misc/xen!noxs/domains'
	chaos list -j | jq -r '.[].domid'
}

nothing_is_left() {
	traces > "$work/left"
	is "what is left" "$(< "$work/left")" 0
}

log_of() {
	echo "/var/log/chaos/console-$1.log"
}

log_has() {
	grep -q "$2" "$(log_of "$1")"
}

pause() { # pause MS
	sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"
}

# try NAME FUNCTION [ARGUMENT…] - one test, if it is wanted
try() {
	local guest
	[[ -z ${wanted-} || " $wanted " == *" $2 "* ]] || return 0
	check "$@"
	# What a test that failed left must not make others fail.
	for guest in $(chaos list -j | jq -r '.[].domid'); do
		chaos destroy "$guest" || true
	done
}
