#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# chaosd: guests that end are dealt with as their configuration says; consoles
# are logged, whatever a guest prints; who may talk to it, and what wrong words
# cost; it is killed at any moment, and nothing is lost or left over; xenstored
# and xl live beside it
#
# chaosd.sh [FUNCTION…] runs only those tests. NOXS_SEED repeats the moments at which it is killed.
#
# cost: boots 1 guests 222 seconds 480

set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/chaosd-lib.sh"

CREATES=$((LONG ? 100 : 20))
KILLS=$((LONG ? 20 : 5))
seed=${NOXS_SEED:-$RANDOM}

state_is() { # state_is NAME STATE
	is "state of $1" "$(chaos list -j |
		jq -r --arg name "$1" '.[] | select(.name == $name).state')" "$2"
}

only_one_runs() {
	local status=0
	chaosd 2> "$work/stderr" || status=$?
	is status "$status" 1
	is message "$(< "$work/stderr")" "chaosd: another chaosd runs"
	status=0
	chaosd nonsense 2> "$work/stderr" || status=$?
	is status "$status" 2
}

poweroff_is_reaped() {
	stub_start off p
	wait_for "it is gone" absent off
	wait_for "there was an event" happened \
		'.event == "shutdown" and .name == "off" and .reason == "poweroff" and .action == "destroy"'
	wait_for "there was another" happened '.event == "destroyed" and .name == "off"'
	wait_for "nothing is left" nothing_is_left
}

crash_is_reaped() {
	stub_start crash c "$(vif_line 1)"
	wait_for "it is gone" absent crash
	wait_for "there was an event" happened \
		'.event == "shutdown" and .name == "crash" and .reason == "crash"'
	wait_for "nothing is left" nothing_is_left
}

crash_is_preserved() {
	stub_start kept '' "on_crash = 'preserve'"
	tell kept c
	wait_for "it has crashed" state_is kept crashed
	wait_for "there was an event" happened \
		'.name == "kept" and .action == "preserve"'
	# Another one that ends later is dealt with, and this one still there.
	stub_start later p
	wait_for "the other one is gone" absent later
	state_is kept crashed
	guest_destroy kept
	wait_for "nothing is left" nothing_is_left
}

reboot_restarts() {
	local mac domid
	stub_start again '' "vif = [ 'bridge=$BRIDGE' ]" \
		"uuid = '00000000-1111-2222-3333-444444444444'"
	mac=$(chaos vif list -j again | jq -r '.[0].mac')
	domid=$(domid_of again)
	tell again r
	wait_for "it was made again" happened ".event == \"restarted\" and .former == $domid"
	wait_for "it is another domain" running_anew again "$domid"
	is mac "$(chaos vif list -j again | jq -r '.[0].mac')" "$mac"
	# Name and UUID are its own as before.
	must_fail chaos create -q "$work/again.cfg"
	guest_destroy 00000000-1111-2222-3333-444444444444
	wait_for "nothing is left" nothing_is_left
}

# chaosd is somewhere else than the one who makes it.
relative_paths_stay() {
	local domid
	stub_config near '' "kernel = 'stub'" > "$work/near.cfg"
	(cd "$SYSTEM" && chaos create -q "$work/near.cfg")
	# The second time, it is chaosd's own record that says where.
	for _ in 1 2; do
		domid=$(domid_of near)
		tell near r
		wait_for "it is another domain" running_anew near "$domid"
	done
	guest_destroy near
	wait_for "nothing is left" nothing_is_left
}

# Without relative paths, that directory may go.
directory_may_go() {
	local domid
	mkdir "$work/gone"
	stub_config gone '' > "$work/gone.cfg"
	(cd "$work/gone" && chaos create -q "$work/gone.cfg")
	rmdir "$work/gone"
	domid=$(domid_of gone)
	tell gone r
	wait_for "it is another domain" running_anew gone "$domid"
	guest_destroy gone
	wait_for "nothing is left" nothing_is_left
}

# While that fails, it is there, and chaosd tries again.
restart_fails() {
	local domid
	cp "$SYSTEM/stub" "$work/kernel"
	stub_start again '' "kernel = '$work/kernel'"
	domid=$(domid_of again)
	mv "$work/kernel" "$work/kernel.away"
	tell again r
	wait_for "it can't be made again" state_is again restarting
	chaos list | grep -E "^ *$domid +again .* restarting "
	chaos info again | grep -E '^state +gone$'
	mv "$work/kernel.away" "$work/kernel"
	wait_for "it is another domain" running_anew again "$domid"
	is guests "$(chaos list -j | jq length)" 1
	guest_destroy again
	wait_for "nothing is left" nothing_is_left
}

running_anew() {
	local domid
	domid=$(domid_of "$1") && [[ $domid != "$2" ]]
}

run_says() { # run_says STATUS CHARACTERS [LINE] - how "chaos run" ends if a guest does that
	local status=0
	stub_config fore "$2" "${@:3}" > "$work/fore.cfg"
	chaos run "$work/fore.cfg" < /dev/null > /dev/null || status=$?
	is "exit status of $2 with ${3-nothing}" "$status" "$1"
	absent fore
}

# chaos@.service starts a guest again when it says 3.
run_says_what_is_wanted() {
	run_says 3 r
	run_says 0 r "on_reboot = 'destroy'"
	run_says 0 p
	run_says 3 p "on_poweroff = 'restart'"
	run_says 4 c
	run_says 3 c "on_crash = 'restart'"
}

# run_begin [OPTION…] - run the guest of fore.cfg, and wait until it is there
run_begin() {
	chaos run "$@" "$work/fore.cfg" < /dev/null > "$work/run" 2>&1 &
	run=$!
	wait_for "it runs" is_run
}

# Before, it is paused: until somebody sees what it says.
is_run() {
	kill -0 "$run"
	chaos list -j | jq -e 'any(.name == "fore" and .state != "paused")'
}

# run_takes_over - run the guest of fore.cfg that is there, and whose run was killed
run_takes_over() {
	chaos run "$@" "$work/fore.cfg" < /dev/null > "$work/run" 2>&1 &
	run=$!
	wait_for "it takes it over" grep "was left by another, and goes on" "$work/run"
}

run_kill() {
	kill -KILL "$run"
	wait "$run" || true
}

run_ends() { # run_ends STATUS
	local status=0
	wait "$run" || status=$?
	is "exit status" "$status" "$1"
	absent fore
}

# Who comes next has it till its end, which was asked for; then it is wanted again.
run_is_killed() {
	local was
	stub_config fore '' > "$work/fore.cfg"
	run_begin
	was=$(domid_of fore)
	must_fail chaos run "$work/fore.cfg" < /dev/null 2> "$work/stderr"
	grep "name: domain $was has it, and another chaos run" "$work/stderr"
	run_kill
	run_takes_over
	is domain "$(domid_of fore)" "$was"
	echoes fore still
	wait_for "it is seen" grep still "$work/run"
	tell fore p
	run_ends 3
	# If it has ended, it is made anew.
	run_begin
	run_kill
	tell fore r
	wait_for "nothing is left" nothing_is_left
	run_begin
	[[ $(domid_of fore) != "$was" ]]
	tell fore p
	run_ends 0
	wait_for "nothing is left" nothing_is_left
}

# A stub hears of nothing: it is destroyed when its time is up.
run_is_left() {
	stub_config fore '' > "$work/fore.cfg"
	run_begin -t 0.5
	run_kill
	wait_for "it is gone" absent fore
	# So is one that isn't made yet, or doesn't run.
	chaos run -t 0.5 "$work/fore.cfg" < /dev/null > "$work/run" 2>&1 &
	run=$!
	run_kill
	wait_for "nothing is left" nothing_is_left
}

run_is_kept() {
	local was
	stub_config fore '' "on_crash = 'preserve'" > "$work/fore.cfg"
	run_begin
	was=$(domid_of fore)
	tell fore c
	wait "$run" || is "exit status" "$?" 4
	state_is fore crashed
	# The next one has it made anew.
	run_begin
	[[ $(domid_of fore) != "$was" ]]
	tell fore p
	run_ends 0
	wait_for "nothing is left" nothing_is_left
}

# chaosd is killed, or started again; the guest, its console and its run go on.
run_outlives_chaosd() {
	local was signal
	stub_config fore '' > "$work/fore.cfg"
	run_begin
	was=$(domid_of fore)
	for signal in KILL TERM; do
		daemon_end "$signal"
		daemon_start
		wait_for "$signal: the console is there" echoes_once "seen$signal"
	done
	is domain "$(domid_of fore)" "$was"
	must_fail chaos run "$work/fore.cfg" < /dev/null
	tell fore r
	run_ends 3
	# What happens in between, it is told later.
	run_begin
	daemon_end TERM
	tell fore c
	wait_for "it has crashed" state_is fore crashed
	daemon_start
	run_ends 4
	# And what it is told.
	run_begin -t 300
	daemon_end TERM
	kill "$run"
	daemon_start
	kill "$run"
	run_ends 6
	# Nobody is there who could end it.
	run_begin
	daemon_end TERM
	kill "$run"
	pause 500
	kill "$run"
	wait "$run" || is "exit status" "$?" 1
	grep "chaosd doesn't run, and the guest goes on" "$work/run"
	exists fore
	daemon_start
	guest_destroy fore
	wait_for "nothing is left" nothing_is_left
}

# It was left, and asked for its end, before chaosd was killed: then it is wanted again.
run_is_left_before() {
	stub_config fore '' > "$work/fore.cfg"
	run_begin -t 300
	run_kill
	wait_for "it is written down" is_left fore
	daemon_end KILL
	daemon_start
	run_takes_over
	tell fore p
	run_ends 3
	wait_for "nothing is left" nothing_is_left
}

is_left() { # is_left NAME - its record says that it was asked, and by nobody who runs it
	jq -e '.stop_until > 0 and .stop_told == 0' "/run/chaos/domains/$(domid_of "$1").json"
}

# echoes_once WORD - it comes back to who runs the guest; see echoes
echoes_once() {
	tell fore "$1"
	grep "$1" "$work/run"
}

# The next chaosd waits half a minute for whoever has it, and then asks it to shut down.
run_is_waited_for() {
	local was began
	stub_config fore '' > "$work/fore.cfg"
	run_begin -t 0.5
	was=$(domid_of fore)
	daemon_end TERM
	run_kill
	daemon_start
	run_takes_over -t 0.5
	is domain "$(domid_of fore)" "$was"
	daemon_end TERM
	run_kill
	began=$SECONDS
	daemon_start
	wait_for "it is gone" absent fore
	((SECONDS - began >= 29))
	wait_for "nothing is left" nothing_is_left
}

run_needs_chaosd() {
	local status=0
	stub_config fore '' > "$work/fore.cfg"
	daemon_end TERM
	chaos run "$work/fore.cfg" < /dev/null 2> "$work/stderr" || status=$?
	daemon_start
	is "exit status" "$status" 1
	is message "$(< "$work/stderr")" \
		"chaos: run: chaosd doesn't run: \"systemctl start chaosd\", or \"chaosd &\", starts it"
}

# However much is typed, and the guest reads nothing.
run_can_be_ended() {
	stub_config fore '' > "$work/fore.cfg"
	chaos run -t 1 "$work/fore.cfg" < <(yes) > "$work/run" 2>&1 &
	run=$!
	wait_for "it runs" is_run
	chaos pause fore
	pause 500
	kill "$run"
	run_ends 6
	wait_for "nothing is left" nothing_is_left
}

# A stub hears of nothing.
run_reboots() {
	stub_config fore '' > "$work/fore.cfg"
	run_begin
	chaos reboot -F -w 1 fore
	run_ends 3
	wait_for "nothing is left" nothing_is_left
}

# One that ends as soon as it is made: at once, after 1 s, after 2 s, …
restarts_have_a_limit() {
	local delays
	stub_start loop c "on_crash = 'restart'"
	wait_for "it crashed four times" happened \
		'.event == "shutdown" and .name == "loop"' 4
	delays=$(jq -cs '[.[] | select(.event == "shutdown" and .name == "loop") | .delay][:4]' \
		"$work/events")
	is delays "$delays" "[0,1000,2000,4000]"
	guest_destroy loop
	wait_for "nothing is left" nothing_is_left
}

many_end_at_once() {
	local n
	for n in {1..10}; do
		stub_start "many$n" ''
	done
	for n in {1..10}; do
		tell "many$n" "$([[ $((n % 2)) == 0 ]] && echo p || echo c)" &
	done
	wait_for "nothing is left" nothing_is_left
}

rotated() {
	[[ $(stat -c %s "$(log_of flood).1") -gt 1000000 ]]
}

# A guest that prints without end fills no disk, and stops nobody.
flood_is_bounded() {
	rm -f "$(log_of flood)"*
	stub_start flood f
	wait_for "the log was rotated" rotated
	ask Status
	stub_start other p
	wait_for "another one is dealt with" absent other
	(($(stat -c %s "$(log_of flood)") <= 1048576))
	(($(stat -c %s "$(log_of flood).1") <= 1048576))
	# What was printed is what is there.
	sed -n '2,1000s/\r$//p' "$(log_of flood).1" > "$work/flood"
	[[ -s $work/flood ]]
	must_fail grep -vE '^[a-z]{62}$' "$work/flood"
	guest_destroy flood
	wait_for "nothing is left" nothing_is_left
}

# Whoever serves the console: what is typed comes back, and is in the log. A
# word has none of the characters that a stub obeys.
echoes() { # echoes NAME WORD
	tell "$1" "$2"
	wait_for "$1 prints $2" log_has "$1" "$2"
}

consoles() {
	ask Status | jq .consoles
}

serves() { # serves COUNT - of consoles, chaosd itself
	[[ $(consoles) == "$1" ]]
}

console_goes_on() {
	rm -f "$(log_of talk)"*
	stub_start talk ''
	echoes talk daemon
	daemon_end KILL
	daemon_start
	echoes talk killed
	daemon_end TERM
	# Now it is a process of its own.
	pgrep -f "chaos-console talk"
	echoes talk alone
	daemon_start
	echoes talk again
	is "consoles that chaosd serves" "$(consoles)" 0
	kill -KILL "$(pgrep -f "chaos-console talk")"
	wait_for "chaosd takes over" serves 1
	echoes talk taken
	tell talk p
	wait_for "nothing is left" nothing_is_left
}

console_is_opened_later() {
	local sock
	stub_start late ''
	sock=/run/chaos/console/$(domid_of late).sock
	daemon_end KILL
	rm "$sock"
	mkdir -p "$sock/in-the-way"
	daemon_start
	wait_for "it can't be opened" grep "console: late: .*$sock" \
		"$work/chaosd.log"
	rm -r "$sock"
	wait_for "it is served" test -S "$sock"
	echoes late again
	tell late p
	wait_for "nothing is left" nothing_is_left
}

# As after a create that was killed, which its record doesn't say was made to the end.
half_is_made_anew() {
	local was
	stub_start half ''
	was=$(domid_of half)
	sed -i 's/"made": *[0-9]*/"made": 0/' "/run/chaos/domains/$was.json"
	chaos create -q "$work/half.cfg"
	[[ $(domid_of half) != "$was" ]]
	must_fail chaos create -q "$work/half.cfg" 2> "$work/stderr"
	grep "name: domain $(domid_of half) has it" "$work/stderr"
	guest_destroy half
	wait_for "nothing is left" nothing_is_left
}

pins_are() {
	[[ $(pgrep -c -x 'chaosd: VcpuPin') == "$1" ]]
}

# Whoever waits for another chaos can be interrupted, and then nothing is done.
waiting_can_be_left() {
	local pid status=0 began
	stub_start busy ''
	exec 7< /run/chaos/names/busy
	flock 7
	chaos vcpu-pin busy 0 all 2> "$work/stderr" 7<&- &
	pid=$!
	wait_for "it waits" pins_are 1
	began=$SECONDS
	kill -TERM "$pid"
	wait "$pid" || status=$?
	is status "$status" 143
	wait_for "it is given up" pins_are 0
	exec 7<&-
	((SECONDS - began < 30))
	# A create that waits for devices keeps nobody from the guest.
	stub_config slow '' "$(vif_line 8)" > "$work/slow.cfg"
	chaos create -qw 1000 "$work/slow.cfg" 2> "$work/stderr" &
	pid=$!
	wait_for "it is made" happened '.event == "created" and .name == "slow"'
	chaos destroy slow
	status=0
	wait "$pid" || status=$?
	is status "$status" 1
	is message "$(< "$work/stderr")" "chaos: create: slow: its domain is gone"
	guest_destroy busy
	wait_for "nothing is left" nothing_is_left
}

# A stub has no drivers.
waits_in_vain() {
	local why="not connected in time: backend InitWait, frontend Unknown (the guest has no driver for it, or not yet)"
	stub_config alone '' "vif = [ 'bridge=$BRIDGE', 'bridge=$BRIDGE' ]" \
		> "$work/alone.cfg"
	fails 1 chaos create -w 1 "$work/alone.cfg"
	is message "$(< "$work/stderr")" \
		"chaos: create: alone: sysctl 0: $why; vif 0: $why; vif 1: $why"
	wait_for "nothing is left" nothing_is_left
	stub_start alone ''
	fails 1 chaos vif add -w 1 alone "bridge=$BRIDGE"
	# On a terminal it shows, after a second, how long it waits yet, and that goes again.
	script -qc "chaos vif add -w 4 alone bridge=$BRIDGE" /dev/null <&"$never" \
		> "$work/said" || true
	grep -E 'waiting: at most [0-3] s' "$work/said"
	grep -F $'\r\e[K' "$work/said"
	grep -F 'chaos: vif add: alone: ' "$work/said"
	is message "$(< "$work/stderr")" "chaos: vif add: alone: vif 0: $why"
	is "its vifs" "$(chaos vif list -j alone | jq length)" 0
	guest_destroy alone
	wait_for "nothing is left" nothing_is_left
}

# Nobody hears of a guest that was made, and then there is none.
unheard_creates_undo() {
	local args status message
	stub_config mute '' > "$work/mute.cfg"
	for args in '' '-n 2' -j; do
		# shellcheck disable=SC2086 # several words
		must_fail chaos create $args "$work/mute.cfg" > /dev/full \
			2> "$work/stderr"
		message="chaos: cannot write to standard output"
		[[ $args != -j ]] ||
			message='{"command":null,"object":null,"error":"cannot write to standard output"}'
		is message "$(< "$work/stderr")" "$message"
		wait_for "nothing is left" nothing_is_left
	done
	# As to a pipe that nobody reads; its writer must not be killed half way.
	mkfifo "$work/unread"
	# shellcheck disable=SC2094 # so that it is open for reading, too, for a moment
	exec 9<> "$work/unread" 7> "$work/unread" 9>&-
	status=0
	chaos create "$work/mute.cfg" >&7 2> "$work/stderr" || status=$?
	exec 7>&-
	is status "$status" 1
	wait_for "nothing is left" nothing_is_left
	# Whoever wants to hear nothing has it.
	chaos create -q "$work/mute.cfg" > /dev/full
	guest_destroy mute
	wait_for "nothing is left" nothing_is_left
}

xens_limits_are_named() {
	# From Xen 4.18 on, that is no more than what a domain has that doesn't ask for it.
	stub_config large '' 'max_grant_frames = 256' > "$work/large.cfg"
	if (($(< /sys/hypervisor/version/minor) < 18)); then
		fails 1 chaos create "$work/large.cfg"
		grep "max_grant_frames: 256 is more than Xen's own limit, 64;" \
			"$work/stderr"
	else
		chaos create "$work/large.cfg"
		chaos destroy large
	fi
	stub_config large '' 'max_event_channels = 15' \
		"vif = [ 'bridge=$BRIDGE', 'bridge=$BRIDGE' ]" > "$work/large.cfg"
	fails 1 chaos create "$work/large.cfg"
	is message "$(< "$work/stderr")" \
		"chaos: create: large: max_event_channels: the guest has 15, its CPUs and devices need 16"
	wait_for "nothing is left" nothing_is_left
}

# All grants that dom0 may give are taken: no guest, no device, and it is said why.
grants_of_the_host_are_named() {
	local why="no memory, grants (gnttab_max_frames=) or event channels are left"
	stub_start before ''
	"$SYSTEM/ledger" hold > "$work/held" &
	wait_for "there are none left" test -s "$work/held"
	echo "held: $(< "$work/held")"
	fails 1 chaos vif add before "bridge=$BRIDGE"
	grep -F "vif 0: $why" "$work/stderr"
	stub_config after '' > "$work/after.cfg"
	fails 1 chaos create "$work/after.cfg"
	grep -F "$why" "$work/stderr"
	kill "$!"
	wait "$!" || true
	chaos vif add before "bridge=$BRIDGE"
	guest_destroy before
	wait_for "nothing is left" nothing_is_left
}

# Of guests that are gone; how many days they stay, chaosd is told.
old_logs_go() {
	stub_start alive ''
	touch -d '8 days ago' "$(log_of old)" "$(log_of alive)"
	touch -d '6 days ago' "$(log_of new)"
	daemon_end TERM
	CHAOS_LOG_DAYS=7 chaosd >> "$work/chaosd.log" 2>&1 &
	wait_for "chaosd answers" ask Status
	wait_for "the old one is gone" test ! -e "$(log_of old)"
	[[ -e $(log_of new) && -e $(log_of alive) ]]
	guest_destroy alive
	wait_for "nothing is left" nothing_is_left
}

# While it is away, nothing happens; when it is back, what has to.
ends_are_noticed_later() {
	stub_start away1 ''
	stub_start away2 '' "on_crash = 'restart'"
	daemon_end KILL
	domid_of away2 > "$work/away2"
	stub_start away3 p
	daemon_start
	wait_for "away3 is gone" absent away3
	tell away2 c
	wait_for "away2 is made again" running_anew away2 "$(< "$work/away2")"
	guest_destroy away1 away2
	wait_for "nothing is left" nothing_is_left
}

# What chaosd says of itself is what it does.
answers_are_as_described() {
	local info
	info=$(exchange '{"method":"org.varlink.service.GetInfo"}')
	is interfaces "$(jq -c .parameters.interfaces <<< "$info")" \
		'["org.varlink.service","org.noxs.chaos"]'
	is "fields of Status" "$(ask Status | jq -r 'keys[]' | sort)" \
		"$(declared 'method Status\(\) -> \(')"
	is "fields of Pools" "$(ask Pools | jq -r 'keys[]' | sort)" \
		"$(declared 'method Pools\(\) -> \(')"
	jq -r 'keys[]' "$work/events" | sort -u > "$work/fields"
	(($(wc -l < "$work/fields") >= 8))
	is "fields of events that aren't declared" "$(comm -23 "$work/fields" \
		<(declared 'type Event \('))" ""
}

error_of() { # error_of CALL - its name, and what it says
	exchange "$1" | jq -er '"\(.error): \(.parameters | to_entries[0].value)"'
}

wrong_calls() {
	local call word
	is error "$(error_of nonsense)" \
		"org.noxs.chaos.Malformed: call: is not JSON"
	is error "$(error_of '{"method":"org.noxs.chaos.Nothing"}')" \
		"org.varlink.service.MethodNotFound: org.noxs.chaos.Nothing"
	is error "$(error_of '{"method":"org.noxs.chaos.Events"}')" \
		"org.varlink.service.ExpectedMore: null"
	call='{"method":"org.noxs.chaos.Notify","parameters":{"event":"created","domid"'
	for word in '"1"' 0 1e99 null; do
		is error "$(error_of "$call:$word}}")" \
			"org.varlink.service.InvalidParameter: domid"
	done
	exchange "$call:4711}}" |
		jq -e '.error == "org.noxs.chaos.Failed" and .parameters.errno == 2'
	printf -v call '%0170000d' 0
	error_of "$call" | grep 'longer than 163840 octets'
	# After a wrong one, and one without an answer, the next one is as good as ever.
	is answers "$(exchange x '{"method":"org.noxs.chaos.Status","oneway":true}' \
		'{"method":"org.noxs.chaos.Status"}' |
		jq -r 'if .error then .error else "answer" end' | tr '\n' ' ')" \
		'org.noxs.chaos.Malformed answer '
	# After Events there is none.
	exchange '{"method":"org.noxs.chaos.Events","more":true}' \
		'{"method":"org.noxs.chaos.Status"}' > "$work/answers"
	is answers "$(jq -cs 'map([.parameters.event.event, .continues, .error])' \
		"$work/answers")" \
		'[["ready",true,null],[null,null,"org.noxs.chaos.Failed"]]'
}

# They may come in any order, but 64 are served, and the others hear why not.
only_so_many_clients() {
	local n pids=()
	mkdir "$work/clients"
	for n in {1..67}; do
		socat -u "UNIX-CONNECT:$SOCKET" - > "$work/clients/$n" &
		pids+=($!)
	done
	wait_for "no more is served" three_are_refused
	must_fail is_served
	fails 1 chaos pool list
	grep -q 'there are 64 clients already' "$work/stderr"
	kill "${pids[@]}" || true
	wait "${pids[@]}" || true
	three_are_refused
	wait_for "others are served again" is_served
}

is_served() {
	ask Status
}

# What they wait for takes as long as it takes, and others have their places.
waiting_takes_no_place() {
	local n pids=()
	stub_start busy ''
	exec 7< /run/chaos/names/busy
	flock 7
	printf '{"method":"org.noxs.chaos.Pause","parameters":{"guest":"busy"}}\0' \
		> "$work/call"
	rm -f "$work"/clients/*
	for n in {1..70}; do
		socat -t 600 - "UNIX-CONNECT:$SOCKET" < "$work/call" \
			> "$work/clients/$n" 7<&- &
		pids+=($!)
	done
	wait_for "all of them wait" clients_are 71
	is "what is done for them" "$(ask Status | jq .jobs)" 1
	chaos pool list
	exec 7<&-
	wait "${pids[@]}"
	is answers "$(cat "$work"/clients/* | tr '\0' '\n' |
		jq -s 'map(select(.parameters.domid)) | length')" 70
	guest_destroy busy
	wait_for "nothing is left" nothing_is_left
}

clients_are() { # clients_are NUMBER - or more, with the one who asks
	(($(ask Status | jq .clients) >= $1))
}

three_are_refused() {
	local refused
	refused=$(cat "$work"/clients/* | tr '\0' '\n' |
		jq -es 'map(select(.parameters.text | test("64 clients"))) | length')
	is refused "$refused" 3
}

as() { # as USER GROUP METHOD - what somebody else is told
	printf '{"method":"org.noxs.chaos.%s"}\0' "$3" |
		setpriv --reuid="$1" --regid="$2" --clear-groups \
			socat -t 30 - "UNIX-CONNECT:$SOCKET" | tr '\0' '\n'
}

# What somebody else hears without having said a word: to say one to who hangs up
# at once may fail before the answer is read.
told() { # told USER GROUP
	setpriv --reuid="$1" --regid="$2" --clear-groups \
		socat -t 30 -u "UNIX-CONNECT:$SOCKET" - | tr '\0' '\n'
}

interrupts() {
	wait_for "it has taken the terminal" grep -F $'\e[?25l' "$work/top"
	printf '\003'
	wait_for "it has ended" grep 'status 0' "$work/top"
}

# Also while it waits for a chaosd that doesn't answer.
top_can_be_left() {
	local pid status=0
	pid=$(daemon_pid)
	: > "$work/top"
	kill -STOP "$pid"
	interrupts | script -qfc 'trap : INT
		chaos top; echo "status $?"; stty -a' /dev/null > "$work/top" || status=$?
	kill -CONT "$pid"
	is status "$status" 0
	grep -E ' icanon' "$work/top"
	grep -E ' echo ' "$work/top"
}

member() { # member COMMAND… - as one of the group, and nobody else
	setpriv --reuid=nobody --regid=chaos --clear-groups "$@"
}

strangers_are_refused() {
	must_fail as nobody nogroup Status
	# Even if they could reach the socket.
	chmod 666 "$SOCKET"
	is answer "$(told nobody nogroup | jq -r .parameters.text)" \
		"only for root and the group chaos"
	groupadd -f chaos
	daemon_end TERM
	daemon_start
	is mode "$(stat -c %a:%G "$SOCKET")" 660:chaos
	must_fail as nobody nogroup Status
	is answer "$(as nobody chaos Status | jq '.parameters.pid > 0')" true
	# Others may only look.
	is answer "$(as nobody chaos Notify | jq -r .error)" \
		org.varlink.service.PermissionDenied
	is answer "$(as nobody chaos Pause | jq -r .error)" \
		org.varlink.service.PermissionDenied
	is "a name" "$(member chaos domname 0)" Domain-0
	is "Linux" "$(member chaos host -j | jq -r .linux)" "$(uname -r)"
	is "guests that are counted" "$(member chaos stat -d 0.1 -j | jq length)" \
		"$(chaos list -j | jq length)"
	member chaos stat --prometheus | grep -x 'chaos_daemon_up 1'
	groupdel chaos
	daemon_end TERM
	daemon_start
}

# asked METHOD PARAMETERS - what chaosd answers
asked() {
	exchange "{\"method\":\"org.noxs.chaos.$1\",\"parameters\":$2}"
}

# What Xen then says is in its log.
debug_keys_are_asked() {
	local said="'h' pressed -> showing installed handlers"
	chaos dmesg -c > /dev/null
	is answer "$(asked DebugKeys '{"keys":"h"}')" '{"parameters":{}}'
	wait_for "Xen says so" xen_says "$said"
	chaos dmesg -c > /dev/null
	chaos debug-keys h
	wait_for "Xen says so again" xen_says "$said"
	asked DebugKeys '{"keys":""}' | jq -e '.parameters.parameter == "keys"'
}

xen_says() {
	chaos dmesg | grep -F "$1"
}

# calls_of COMMAND… - how many system calls it makes of itself
calls_of() {
	local buffer=$trace/instances/calls
	mkdir "$buffer"
	echo 1 > "$buffer/events/raw_syscalls/sys_enter/enable"
	"$@" > /dev/null
	echo 0 > "$buffer/events/raw_syscalls/sys_enter/enable"
	grep -c " $1-[0-9]" "$buffer/trace"
	rmdir "$buffer"
}

# chaos only asks; chaosd's workers do it.
verbs_are_asked() {
	local domid calls
	stub_start asked ''
	domid=$(domid_of asked)
	chaos pause asked
	state_is asked paused
	chaos pause "$domid"
	chaos unpause asked
	must_fail state_is asked paused
	chaos rename asked renamed
	is domid "$(domid_of renamed)" "$domid"
	wait_for "all of it was told" happened ".event == \"renamed\" and .domid == $domid"
	# What changed nothing isn't told.
	is events "$(jq -cs "map(select(.domid == $domid and .type == null).event)" \
		"$work/events")" '["created","paused","unpaused","renamed"]'
	is answer "$(asked Pause '{"guest":"renamed"}' | jq -c .parameters)" \
		"{\"changed\":true,\"domid\":$domid}"
	is answer "$(asked Pause "{\"guest\":\"$domid\"}" | jq -c .parameters.changed)" false
	asked Pause '{"guest":"asked"}' |
		jq -e '.error == "org.noxs.chaos.Failed" and .parameters.errno == 2'
	calls=$(calls_of chaos unpause renamed)
	echo "chaos unpause: $calls system calls"
	((calls > 20 && calls <= 80))
	fails 1 chaos unpause nobody
	is message "$(< "$work/stderr")" "chaos: unpause: nobody: no such guest"
	fails 1 chaos rename renamed a/b
	grep '^chaos: rename: renamed: the new name ' "$work/stderr"
	is answer "$(asked Destroy '{"guest":"renamed","force":false}' |
		jq -c .parameters)" "{\"domid\":$domid}"
	wait_for "nothing is left" nothing_is_left
	wait_for "that was told, too" happened ".event == \"destroyed\" and .domid == $domid"
	fails 1 chaos destroy 0
	is message "$(< "$work/stderr")" "chaos: destroy: 0: is the host"
}

# Whoever waits for a guest keeps nobody else waiting: 28 workers are for clients.
those_who_wait_keep_nobody() {
	local n pids=() domid
	stub_start deaf ''
	stub_start other ''
	domid=$(domid_of deaf)
	mkdir "$work/waiters"
	printf '{"method":"org.noxs.chaos.Shutdown","parameters":%s}\0' \
		'{"guest":"deaf","wait":3600000,"force":false}' > "$work/call"
	for n in {1..30}; do
		socat -t 3600 - "UNIX-CONNECT:$SOCKET" < "$work/call" \
			> "$work/waiters/$n" &
		pids+=($!)
	done
	wait_for "all of them wait" clients_are 31
	wait_for "nobody is at work" jobs_are 0
	# Another client is answered, also one who wants the same guest.
	chaos pause other
	chaos pause deaf
	chaos unpause deaf
	# Its deadline is kept, and whoever hangs up is forgotten.
	fails 1 chaos shutdown -w 1 deaf
	is message "$(< "$work/stderr")" \
		"chaos: shutdown: deaf: the guest has no driver for it, or not yet"
	kill "${pids[29]}"
	wait "${pids[29]}" || true
	unset 'pids[29]'
	wait_for "nobody is at work" jobs_are 0
	state_is other paused
	tell deaf p
	wait "${pids[@]}"
	is answers "$(cat "$work"/waiters/* | tr '\0' '\n' |
		jq -s "map(select(.parameters.domid == $domid)) | length")" 29
	absent deaf
	guest_destroy other
	wait_for "nothing is left" nothing_is_left
}

vifs_are() { # vifs_are NAME IDS
	[[ $(chaos vif list -j "$1" | jq -c 'map(.id)') == "$2" ]]
}

# Nor from the guest to which it has added something.
devices_are_waited_for() {
	local add status=0
	stub_start waits ''
	chaos vif add -w 3600 waits "bridge=$BRIDGE" &
	add=$!
	wait_for "it is there" vifs_are waits '[0]'
	wait_for "nobody is at work" jobs_are 0
	chaos pause waits
	chaos unpause waits
	chaos vif add waits "bridge=$BRIDGE" id=2
	kill "$add"
	wait "$add" || true
	wait_for "it is taken back" vifs_are waits '[2]'
	chaos vif add -w 3600 waits "bridge=$BRIDGE" 2> "$work/add" &
	add=$!
	wait_for "it is there" vifs_are waits '[0,2]'
	tell waits p
	wait "$add" || status=$?
	is status "$status" 1
	grep -xE 'chaos: vif add: waits: (its domain is gone|the guest has stopped)' \
		"$work/add"
	wait_for "nothing is left" nothing_is_left
}

# creation TOKEN FILE - what chaosd is asked for, to make a guest of a file
creation() {
	jq -cn --arg token "$1" --rawfile config "$2" '{config: $config, file: "a file",
		directory: "/", paused: false, wait: 0, token: $token}'
}

# In the protocol's words; and what has no place in a request.
create_is_asked() {
	local answer domid pid status=0
	stub_config asked '' 'pae = 1' > "$work/asked.cfg"
	answer=$(asked Create "$(creation mine "$work/asked.cfg")")
	is fields "$(jq -r '.parameters | keys[]' <<< "$answer" | sort)" \
		"$(printf '%s\n' domid handle name warnings)"
	domid=$(jq -r .parameters.domid <<< "$answer")
	is domid "$(domid_of asked)" "$domid"
	is handle "$(handle_of asked)" "$(jq -r .parameters.handle <<< "$answer")"
	jq -e '.parameters.warnings[0] | startswith("a file:")' <<< "$answer"
	wait_for "it was told" happened ".event == \"created\" and .domid == $domid"
	chaos info -j asked | jq -e 'has("token") | not'
	# Who wasn't answered has it; nobody else has.
	is again "$(asked Create "$(creation mine "$work/asked.cfg")" | jq -c .)" \
		"$(jq -c . <<< "$answer")"
	asked Create "$(creation other "$work/asked.cfg")" | jq -e '.parameters |
		.errno == 17 and .name == "asked" and (.warnings | length) == 1'
	printf '%s\n' 'memory = "x"' 'vcpus = 0' > "$work/wrong.cfg"
	asked Create "$(creation wrong "$work/wrong.cfg")" |
		jq -r '.parameters.wrongs[]' > "$work/wrongs"
	must_fail chaos create "$work/wrong.cfg" 2> "$work/stderr"
	is wrongs "$(sed "s|^a file|chaos: create: $work/wrong.cfg|" "$work/wrongs")" \
		"$(< "$work/stderr")"
	(($(wc -l < "$work/wrongs") > 2))
	guest_destroy asked
	# What only waits is undone when nobody waits for it any longer.
	stub_config slow '' > "$work/slow.cfg"
	chaos create -qw 1000 "$work/slow.cfg" &
	pid=$!
	wait_for "it is made" happened '.event == "created" and .name == "slow"'
	wait_for "nobody is at work" jobs_are 0
	kill "$pid"
	wait "$pid" || status=$?
	is status "$status" 143
	wait_for "nothing is left" nothing_is_left
	# A long one, beyond ASCII; and what is no text.
	{
		stub_config large ''
		printf '# %050000d\n# caf\xc3\xa9\n' 0
	} > "$work/large.cfg"
	is answer "$(chaos create "$work/large.cfg")" "large $(domid_of large)"
	guest_destroy large
	printf '# \xff\n' >> "$work/large.cfg"
	fails 1 chaos create "$work/large.cfg"
	grep -F 'large.cfg: must be text, in UTF-8' "$work/stderr"
	printf '# %066000d\n' 0 > "$work/large.cfg"
	fails 1 chaos create "$work/large.cfg"
	grep -F 'is larger than 65536 bytes' "$work/stderr"
	wait_for "nothing is left" nothing_is_left
}

many_config() { # many_config [LINE] - with a disk that all of them may have
	modprobe loop
	truncate -s 1M "$work/many.disk"
	stub_config many '' "disk = [ '$work/many.disk,raw,xvda,r' ]" "$@" \
		> "$work/many.cfg"
}

# many_begin - three that have all but their disks, as nobody gets one till 8 is closed
many_begin() {
	exec 8> /run/chaos/disks.lock
	flock 8
	chaos create -n 3 "$work/many.cfg" > "$work/many" 2> "$work/stderr" 8>&- &
	many=$!
	wait_for "two are begun" maker_of many-1
	wait_for "two are begun" maker_of many-2
}

maker_of() { # maker_of NAME - the process that makes it
	jq -er --arg name "$1" 'select(.name == $name).maker' \
		/run/chaos/domains/*.json
}

many_are_asked() {
	local n status=0
	many_config
	chaos create -n 3 -j "$work/many.cfg" > "$work/many"
	is guests "$(jq -r '.[] | "\(.name) \(.domid)"' "$work/many" | xargs)" \
		"$(for n in 1 2 3; do echo "many-$n $(domid_of "many-$n")"; done | xargs)"
	is handles "$(jq -r '.[].handle' "$work/many")" \
		"$(for n in 1 2 3; do handle_of "many-$n"; done)"
	wait_for "all were told" happened \
		'.event == "created" and (.name | startswith("many-"))' 3
	state_is many-3 blocked
	# Their names are taken, and nothing happens to them.
	fails 1 chaos create -n 4 "$work/many.cfg"
	grep -E 'chaos: create: many: many-[12]: name: domain' "$work/stderr"
	is guests "$(chaos list -j | jq -r '.[].name' | grep -c many-)" 3
	guest_destroy many-1 many-2
	# One is taken: what was made before goes again.
	fails 1 chaos create -n 3 "$work/many.cfg"
	grep -F 'many: many-3: name: domain' "$work/stderr"
	is guests "$(chaos list -j | jq -r '.[].name' | grep many-)" many-3
	guest_destroy many-3
	chaos create --dry-run -n 2 -j "$work/many.cfg" | jq -e 'length == 2 and
		.[1].name == "many-2" and .[1].disks[0].vdev == "xvda"'
	wait_for "nothing is left" nothing_is_left
	# One who makes them is killed.
	many_begin
	kill -KILL "$(maker_of many-1)"
	exec 8>&-
	wait "$many" || status=$?
	is status "$status" 1
	is message "$(< "$work/stderr")" "chaos: create: many: many-1: was killed"
	wait_for "nothing is left" nothing_is_left
	# Who asks for them is.
	many_begin
	kill -KILL "$many"
	wait "$many" || true
	exec 8>&-
	wait_for "nothing is left" nothing_is_left
}

# The console is there before its first instruction.
attached_from_the_first() {
	stub_config near 'say it p' > "$work/near.cfg"
	chaos create -c "$work/near.cfg" < /dev/null > "$work/said"
	grep 'say it' "$work/said"
	grep -E '^near [0-9]+$' "$work/said"
	wait_for "nothing is left" nothing_is_left
	# It can't be let run any more, and so it isn't left.
	stub_config near '' "$(vif_line 1)" > "$work/near.cfg"
	must_fail chaos create -cw 0.5 "$work/near.cfg" < /dev/null > "$work/said" \
		2> "$work/stderr"
	grep -F 'chaos: create: near: ' "$work/stderr"
	wait_for "nothing is left" nothing_is_left
}

# chaosd is killed: who waits for the guest has it, and no other one.
create_is_asked_again() {
	local domid pid status=0
	stub_config again '' > "$work/again.cfg"
	chaos create -qw 1000 "$work/again.cfg" 2> "$work/stderr" &
	pid=$!
	wait_for "it is made" is_made again
	wait_for "nobody is at work" jobs_are 0
	domid=$(domid_of again)
	daemon_end KILL
	daemon_start
	wait_for "it waits again" waits_again "$pid"
	is domid "$(domid_of again)" "$domid"
	chaos destroy again
	wait "$pid" || status=$?
	is status "$status" 1
	is message "$(< "$work/stderr")" "chaos: create: again: its domain is gone"
	wait_for "nothing is left" nothing_is_left
}

# chaosd is killed: they are made all the same, and each only once.
many_are_asked_again() {
	local n
	many_config
	many_begin
	daemon_end KILL
	exec 8>&-
	daemon_start
	wait "$many"
	is guests "$(chaos list -j | jq -r '.[].name' | grep -c many-)" 3
	is answer "$(sort "$work/many" | xargs)" \
		"$(for n in 1 2 3; do echo "many-$n $(domid_of "many-$n")"; done | xargs)"
	guest_destroy many-{1..3}
	wait_for "nothing is left" nothing_is_left
}

# They can't be asked for again: those that were made don't stay.
many_are_asked_in_vain() {
	local pid status=0
	cp "$SYSTEM/stub" "$work/kernel"
	many_config "kernel = '$work/kernel'"
	chaos create -n 2 -w 1000 "$work/many.cfg" > "$work/many" 2> "$work/stderr" &
	pid=$!
	wait_for "both run" both_run
	rm "$work/kernel"
	daemon_end KILL
	daemon_start
	wait "$pid" || status=$?
	is status "$status" 1
	grep -F "$work/kernel" "$work/stderr"
	wait_for "nothing is left" nothing_is_left
}

both_run() {
	state_is many-1 blocked
	state_is many-2 blocked
}

# For the next chaosd, or without one, if that was too late.
waits_again() { # waits_again PID
	[[ $(readlink "/proc/$1/fd/"*) == */dev/xen/noxs* ]] || clients_are 2
}

is_made() {
	chaos info -j "$1" | jq -e '.uptime != null'
}

# A stub hears of nothing, and so its time is always up.
stops_are_asked() {
	local domid
	stub_start asked ''
	domid=$(domid_of asked)
	fails 2 chaos sysrq asked ss
	asked Sysrq '{"guest":"asked","key":"ss"}' |
		jq -e '.error == "org.varlink.service.InvalidParameter"'
	fails 1 chaos reboot -w 0.5 asked
	is domid "$(domid_of asked)" "$domid"
	chaos reboot -F -w 0.5 asked
	wait_for "it was told" happened \
		".event == \"created\" and .name == \"asked\" and .domid != $domid"
	domid=$(domid_of asked)
	asked Reboot '{"guest":"asked","wait":500,"force":true}' |
		jq -e ".parameters.changed and .parameters.domid != $domid"
	chaos shutdown -F -w 0.5 asked
	absent asked
	fails 1 chaos shutdown asked
	is message "$(< "$work/stderr")" "chaos: shutdown: asked: no such guest"
	wait_for "nothing is left" nothing_is_left
}

# In the guest's words, and the protocol's: what isn't said is as before.
memory_and_cpus_are_asked() {
	local domid
	stub_start asked ''
	domid=$(domid_of asked)
	asked MemoryMax '{"guest":"asked","memory":16}' |
		jq -e ".parameters.domid == $domid"
	chaos mem-max asked 24
	is maxmem "$(chaos info -j asked | jq .maxmem)" 24
	fails 1 chaos mem-set -w 1 asked 8
	is message "$(< "$work/stderr")" \
		"chaos: mem-set: asked: the guest has no driver for it, or not yet"
	asked VcpuPin "{\"guest\":\"$domid\",\"cpus\":\"1\",\"vcpu\":null}" |
		jq -e ".parameters.domid == $domid"
	chaos vcpu-pin asked 0 - 0
	is affinity "$(chaos info -j asked | jq -r '.vcpu[0] | .cpus + " " + .cpus_soft')" "1 0"
	asked ShareSet '{"guest":"asked","cap":50}' | jq -e ".parameters.domid == $domid"
	chaos sched-credit2 -d asked -w 512
	is share "$(chaos sched-credit2 -j -d asked | jq -r '.[0] | "\(.cpu_weight) \(.cap)"')" \
		"512 50"
	guest_destroy asked
	wait_for "nothing is left" nothing_is_left
}

# All at a time; a stub hears of nothing. Of one that is run, others see to the end.
all_are_asked() {
	local name why="the guest has no driver for it, or not yet" began=$SECONDS pid status=0
	for name in one two; do
		stub_start "$name" ''
	done
	stub_config fore '' > "$work/fore.cfg"
	chaos run "$work/fore.cfg" < /dev/null > /dev/null 2>&1 &
	wait_for "it runs" exists fore
	chaos shutdown -aw 2 2> "$work/stderr" || status=$?
	is status "$status" 1
	is messages "$(sort "$work/stderr")" \
		"$(printf 'chaos: shutdown: %s: %s\n' one "$why" two "$why")"
	is answers "$(exchange '{"method":"org.noxs.chaos.ShutdownAll","more":true,
			"parameters":{"wait":100,"force":false}}' |
		jq -cs 'map([.parameters.failed, .continues])')" '[[1,true],[2,true],[2,null]]'
	# Nobody is at work for who waits, nor once he has gone.
	chaos shutdown -aw 3600 &
	pid=$!
	wait_for "it waits" clients_are 3
	wait_for "nobody is at work" jobs_are 0
	tell one p
	wait_for "one is off" absent one
	kill "$pid"
	wait "$pid" || true
	exists two
	chaos shutdown -aFw 0.5
	absent two
	exists fore
	chaos shutdown -Fw 0.5 fore
	wait || true
	wait_for "nothing is left" nothing_is_left
	((SECONDS - began < 200))
}

# chaosd is killed, and whoever waited goes on waiting, for the next one or without one.
stop_is_asked_again() {
	local pid
	stub_start asked ''
	chaos shutdown -w 3600 asked &
	pid=$!
	wait_for "it waits" clients_are 2
	wait_for "nobody is at work" jobs_are 0
	daemon_end KILL
	daemon_start
	tell asked p
	wait "$pid"
	absent asked
	wait_for "nothing is left" nothing_is_left
}

# In the guest's words, and the protocol's.
devices_are_asked() {
	local list
	stub_start asked ''
	is id "$(chaos vif add -j asked "bridge=$BRIDGE" id=3 | jq -c .)" '{"id":3}'
	is id "$(chaos vif add asked "bridge=$BRIDGE")" 0
	list=$(asked VifList '{"guest":"asked"}' | jq -c .parameters.devices)
	is list "$list" "$(chaos vif list -j asked | jq -c .)"
	is "fields of Vif" "$(jq -r '.[0] | keys[]' <<< "$list" | sort)" \
		"$(declared 'type Vif \(')"
	chaos vif list asked | grep -E " $BRIDGE +$(vif_name asked 3) +InitWait "
	chaos vif del -F asked 3
	chaos vif del -F asked 0
	is vifs "$(chaos vif list -j asked | jq -c .)" '[]'
	modprobe loop
	truncate -s 1M "$work/disk.img"
	is id "$(chaos vbd add asked "$work/disk.img,raw,xvdb,w")" 1
	list=$(asked VbdList '{"guest":"asked"}' | jq -c .parameters.devices)
	is list "$list" "$(chaos vbd list -j asked | jq -c .)"
	is "fields of Vbd" "$(jq -r '.[0] | keys[]' <<< "$list" | sort)" \
		"$(declared 'type Vbd \(')"
	truncate -s 2M "$work/disk.img"
	is size "$(chaos vbd resize asked xvdb)" 2097152
	chaos vbd del -F asked xvdb
	fails 1 chaos vif add asked bridge=nowhere
	grep '^chaos: vif add: asked: vif 0: ' "$work/stderr"
	fails 1 chaos vif del asked 0
	is message "$(< "$work/stderr")" "chaos: vif del: asked: vif 0: no such device"
	fails 1 chaos vbd add asked nonsense
	fails 2 chaos vif del asked x
	fails 2 chaos vif resize asked 0
	fails 2 chaos vbd list -w 1 asked
	guest_destroy asked
	wait_for "nothing is left" nothing_is_left
}

# sampled FILTER - whether there is such a sample of the guest "hist"
sampled() {
	chaos stat --history -j hist | jq -e "[.samples[] | select($1)] | length > 0"
}

samples() {
	chaos stat --history -j hist | jq '.samples | length'
}

# What the list of guests takes, and nobody's place.
history_is_empty() {
	(($(stat -c %b /run/chaos/history) <= 104))
}

# Samples of the last hour, which stay when chaosd is killed, and go with the guest.
history_is_kept() {
	local ping count
	pong_start hist 60
	wait_for "it answers" ping -q -c 1 -W 1 10.0.0.60
	ping -q -i 0.2 10.0.0.60 > /dev/null &
	ping=$!
	wait_for "it is in a sample" sampled \
		'.received_per_s > 200 and .sent_per_s > 200 and .cpu_percent > 0'
	kill "$ping"
	sampled '.memory_now > 0 and .read_per_s == 0 and .time / 1000 - now > -60'
	is interval "$(chaos stat --history -j hist | jq .interval)" 10000
	is "fields of Listed" "$(asked List '{"guest":"hist"}' |
		jq -r '.parameters.guests[0] | keys[]' | sort)" "$(declared 'type Listed \(')"
	is "what Info tells" "$(asked Info '{"guest":"hist"}' | jq -r .parameters.guest.name)" \
		hist
	is "fields of History" "$(asked History '{"guest":"hist"}' |
		jq -r '.parameters | keys[]' | sort)" \
		"$(declared 'method History\(guest: string\) -> \(')"
	is "fields of Sample" "$(asked History '{"guest":"hist"}' |
		jq -r '.parameters.samples[0] | keys[]' | sort)" "$(declared 'type Sample \(')"
	chaos stat --history hist | grep -E '^received per s .* K?i?B\|.*[.:=+*#-]\|$'
	chaos stat --history | grep -E ' hist .*\|.*[.:=+*#-]\|$'
	is guests "$(chaos stat --history -j | jq -c 'map(.name)')" '["hist"]'
	daemon_end KILL
	# Without chaosd there is what it had.
	count=$(samples)
	((count))
	daemon_start
	wait_for "there are more" more_samples "$count"
	fails 1 chaos stat --history nobody
	is message "$(< "$work/stderr")" "chaos: stat: nobody: no such guest"
	fails 2 chaos stat --history hist hist
	fails 2 chaos stat hist
	guest_destroy hist
	wait_for "its place is free" history_is_empty
	wait_for "nothing is left" nothing_is_left
}

more_samples() {
	(($(samples) > $1))
}

jobs_are() {
	[[ $(ask Status | jq .jobs) == "$1" ]]
}

# Those that have begun; else they are called otherwise.
pauses_are() {
	[[ $(pgrep -c -x 'chaosd: Pause') == "$1" ]]
}

# A worker that hangs, for whatever reason, has one guest and those who want that one.
hung_workers_keep_nobody() {
	local pids=() pid status n
	stub_start other ''
	for n in 1 2 3; do
		stub_start "hung$n" ''
	done
	exec 7< /run/chaos/names/hung1
	flock 7
	for n in 1 2; do
		chaos pause hung1 7<&- &
		pids+=($!)
	done
	wait_for "one is at work for them" pauses_are 1
	chaos pause other
	chaos unpause other
	# All that it knows of is that they leave.
	kill "${pids[@]}"
	wait_for "it is given up" jobs_are 0
	exec 7<&-
	must_fail state_is hung1 paused
	# As they do in a driver that doesn't return.
	pids=()
	for n in 2 3; do
		exec 7< "/run/chaos/names/hung$n"
		flock 7
		chaos pause "hung$n" 7<&- &
		pids+=($!)
		wait_for "it is at work" pauses_are $((n - 1))
		pkill -STOP -x 'chaosd: Pause'
		exec 7<&-
		chaos pause other
		chaos unpause other
	done
	pkill -KILL -x 'chaosd: Pause'
	for pid in "${pids[@]}"; do
		status=0
		wait "$pid" || status=$?
		is status "$status" 1
	done
	chaos pause hung2
	state_is hung2 paused
	guest_destroy other hung{1,2,3}
	wait_for "nothing is left" nothing_is_left
}

is_in_d() { # is_in_d - whether a worker is, in what waits for the device
	local pid
	pid=$(pgrep -x 'chaosd: VbdAdd')
	[[ $(cat "/proc/$pid/stat") == *') D '* ]]
}

none_adds() {
	must_fail pgrep -x 'chaosd: VbdAdd'
}

# The file's directory can't be read: nobody can be killed out of that.
device_that_hangs() {
	local add status=0
	modprobe -a dm-mod loop
	modprobe brd rd_nr=1 rd_size=8192
	mke2fs -q -t ext2 /dev/ram0
	dmsetup create hangs --table "0 16384 linear /dev/ram0 0"
	mount /dev/mapper/hangs /mnt
	truncate -s 1M /mnt/disk.img
	umount /mnt
	mount /dev/mapper/hangs /mnt
	dmsetup suspend --nolockfs hangs
	stub_start other ''
	stub_start stuck ''
	chaos vbd add stuck /mnt/disk.img,raw,xvda,w 2> "$work/add" &
	add=$!
	wait_for "it hangs" is_in_d
	chaos vif add other "bridge=$BRIDGE"
	chaos pause other
	chaos vbd list stuck
	# The next chaosd has other workers.
	daemon_end KILL
	wait "$add" || status=$?
	is status "$status" 1
	is message "$(< "$work/add")" "chaos: vbd add: stuck: chaosd: has hung up"
	daemon_start
	is_in_d
	chaos unpause other
	chaos vif del -F other 0
	dmsetup resume hangs
	wait_for "it has ended" none_adds
	guest_destroy other stuck
	wait_for "nothing is left" nothing_is_left
	wait_for "its file is free" umount /mnt
	dmsetup remove hangs
	rmmod brd
}

# What is asked of a guest meanwhile; whether it is done, only who hears the answer knows.
asking() { # asking DOMID
	local n
	for ((n = 0; ; n++)); do
		[[ ! -e $work/asked ]] || return 0
		chaos pause "$1" || true
		chaos rename "$1" "verb$n" || true
		chaos vif add "$1" "bridge=$BRIDGE" || true
		chaos unpause "$1" || true
		chaos vif del -F "$1" 0 || true
	done
}

verbs_are_killed() {
	local domid kills asking
	RANDOM=$seed
	stub_start verb ''
	domid=$(domid_of verb)
	asking "$domid" > "$work/asking" 2>&1 &
	asking=$!
	for ((kills = 0; kills < 2 * KILLS; kills++)); do
		pause $((RANDOM % 300))
		case $((kills % 3)) in
		0) daemon_end KILL && daemon_start ;;
		1) pkill -KILL -f '^chaosd-worker' || true ;;
		2) pkill -KILL -x chaos || true ;;
		esac
	done
	touch "$work/asked"
	wait "$asking"
	# Whatever is left of a name goes when chaosd begins.
	daemon_end KILL
	daemon_start
	wait_for "nobody is at work" jobs_are 0
	# It has one name, and does what it is asked to.
	chaos unpause "$domid"
	must_fail state_is "$(chaos domname "$domid")" paused
	wait_for "it has one name" one_name
	guest_destroy "$domid"
	wait_for "nothing is left" nothing_is_left
}

one_name() {
	is names "$(find /run/chaos/names -type f | wc -l)" 1
}

# What creates do meanwhile: half of the guests end by themselves.
churn() {
	local n
	for ((n = 1; n <= CREATES; n++)); do
		if ((n % 2)); then
			stub_start "churn$n" p || echo "create $n failed"
		else
			stub_start "churn$n" '' "vif = [ 'bridge=$BRIDGE' ]" ||
				echo "create $n failed"
			chaos destroy "churn$n" || echo "destroy $n failed"
		fi
	done
	touch "$work/churned"
}

killed_at_any_moment() {
	local kills=0
	rm -f "$work/churned"
	RANDOM=$seed
	churn > "$work/churn" 2>&1 &
	while [[ ! -e $work/churned ]] || ((kills < KILLS)); do
		pause $((RANDOM % 1000))
		daemon_end KILL
		kills=$((kills + 1))
		pause $((RANDOM % 200))
		daemon_start
		((kills < 10 * KILLS)) || break
	done
	wait_for "all were made" test -e "$work/churned"
	echo "killed $kills times; seed $seed"
	cat "$work/churn"
	must_fail grep failed "$work/churn"
	wait_for "nothing is left" nothing_is_left
}

# Whoever runs a guest meanwhile has it, or has it again.
runs_meet_kills() {
	local n
	RANDOM=$seed
	stub_config fore '' "$(vif_line 7)" > "$work/fore.cfg"
	for ((n = 1; n <= KILLS; n++)); do
		chaos run "$work/fore.cfg" < /dev/null > "$work/run" 2>&1 &
		run=$!
		pause $((RANDOM % 600))
		daemon_end KILL
		pause $((RANDOM % 200))
		daemon_start
		wait_for "it runs" is_run
		tell fore c
		run_ends 4
	done
	wait_for "nothing is left" nothing_is_left
}

# Nothing is left of a create that is killed, either.
makers_are_killed() {
	local n
	RANDOM=$seed
	# As one that was killed at the only moments that are hard to hit.
	touch -d '1 minute ago' /run/chaos/domains/32000.json.new
	timeout 1 socat -u UNIX-LISTEN:/run/chaos/console/32000.sock,unlink-close=0 \
		- || true
	[[ -S /run/chaos/console/32000.sock ]]
	: > /run/chaos/names/half0
	for ((n = 1; n <= CREATES; n++)); do
		stub_config "half$n" '' "$(vif_line 7)" \
			"uuid = '$(printf '00000000-0000-0000-0000-%012d' "$n")'" \
			> "$work/half.cfg"
		chaos create -q "$work/half.cfg" &
		pause $((RANDOM % 300))
		kill -9 $! 2> /dev/null || true
		wait $! 2> /dev/null || true
	done
	# Those that came to their end are there, with all that belongs to them.
	wait_for "each one has a name or is gone" all_have_names
	for n in $(chaos list -j | jq -r '.[].name'); do
		guest_destroy "$n"
	done
	wait_for "nothing is left" nothing_is_left || {
		cat "$work/left"
		return 1
	}
}

all_have_names() {
	chaos list -j | jq -e 'all(.name != null and .state != "paused")' &&
		is names "$(find /run/chaos/names -name 'half*' -size +0 | wc -l)" \
			"$(chaos list -j | jq length)"
}

has_virq() {
	ask Status | jq -e ".virq == $1"
}

xl_config() {
	cat <<- CONFIG
		name = 'xl1'
		type = 'pv'
		kernel = '$SYSTEM/stub'
		memory = 8
		extra = ''
	CONFIG
}

xl_has() {
	xl list "$1"
}

xl_lives_beside() {
	xenstored_start xenstored
	daemon_start
	has_virq false
	xl_config > "$work/xl1.cfg"
	xl create -q "$work/xl1.cfg"
	stub_start beside1 ''
	stub_start beside2 '' "$(vif_line 2)"
	xl list
	is "domains" "$(xl list | tail -n +2 | wc -l)" 4
	stub_start gone p
	wait_for "a guest of chaos is reaped" absent gone
	tell beside1 c
	wait_for "another one, too" absent beside1
	xl_has xl1
	# Whoever destroys it, what noxs has of it goes.
	xl destroy "$(domid_of beside2)"
	wait_for "nothing of it is left" nothing_is_left
	xl_has xl1
	xl destroy xl1
	wait_for "nothing is left" nothing_is_left
}

wanted=$*
bridge_up
ledger_open
daemon_start
listen
try "there is only one chaosd" only_one_runs
try "Xen tells it when a domain ends" has_virq true
try "a guest that shuts down is removed" poweroff_is_reaped
try "a guest that crashes is removed" crash_is_reaped
try "on_crash=preserve leaves it" crash_is_preserved
try "a guest that reboots is made again, with name, uuid and mac" reboot_restarts
try "its kernel's path began where it was made" relative_paths_stay
try "which may go, if no path begins there" directory_may_go
try "a guest that can't be made again yet is listed" restart_fails
try "run says whether the configuration wants it started again" \
	run_says_what_is_wanted
try "one that crashes at once is made again later and later" restarts_have_a_limit
try "ten that end at once are removed" many_end_at_once
try "a console that is flooded has a log of bounded size" flood_is_bounded
try "half a guest doesn't keep its name" half_is_made_anew
try "whoever waits for another chaos can leave" waiting_can_be_left
try "what doesn't connect is named, with the states of its ends" waits_in_vain
try "pause, unpause, rename and destroy are asked for, done and told" verbs_are_asked
try "and so is a guest" create_is_asked
try "and so are many: all or none" many_are_asked
try "create -c shows all that a guest says" attached_from_the_first
try "and so are shutdown, reboot and sysrq" stops_are_asked
try "and so are memory and CPUs" memory_and_cpus_are_asked
try "and so are devices" devices_are_asked
try "and so are keys of Xen's console" debug_keys_are_asked
try "a guest whose run was killed is the next one's" run_is_killed
try "or goes, when its time is up" run_is_left
try "one that is to be kept is" run_is_kept
try "reboot -F leaves it to run" run_reboots
try "run ends with a signal, whatever is typed" run_can_be_ended
listen_end
try "what guests use is kept for an hour" history_is_kept
try "consoles go on when chaosd is killed or stopped" console_goes_on
try "a console that can't be opened is opened later" console_is_opened_later
try "a guest that is run goes on when chaosd is killed or stopped" run_outlives_chaosd
try "one that was left before that is wanted again" run_is_left_before
try "and chaosd waits for whoever has it" run_is_waited_for
try "without chaosd, none is run" run_needs_chaosd
try "a create that can't say so leaves nothing" unheard_creates_undo
try "logs of guests that are gone go after a time" old_logs_go
try "a limit of Xen's is named" xens_limits_are_named
try "what happened while it was away" ends_are_noticed_later
try "answers are as chaosd describes them" answers_are_as_described
try "wrong calls" wrong_calls
try "only so many clients" only_so_many_clients
try "those who wait take nobody's place" waiting_takes_no_place
try "strangers are refused, the group isn't" strangers_are_refused
try "top can be left while chaosd doesn't answer" top_can_be_left
try "those who wait for a guest keep nobody back" those_who_wait_keep_nobody
try "nor do those who wait for a device" devices_are_waited_for
try "who waits for a guest goes on when chaosd is killed" stop_is_asked_again
try "who waits for a guest's devices has that guest when chaosd is killed" create_is_asked_again
try "and so has who waits for many" many_are_asked_again
try "or he has none of them" many_are_asked_in_vain
try "all are asked to shut down at a time" all_are_asked
try "workers that hang keep nobody back" hung_workers_keep_nobody
try "a device that hangs keeps nobody else back" device_that_hangs
try "chaosd, workers and clients killed while they work, seed $seed" verbs_are_killed
try "killed at $KILLS moments during $CREATES creates, seed $seed" \
	killed_at_any_moment
try "chaosd killed at $KILLS moments while guests are run, seed $seed" runs_meet_kills
try "$CREATES creates killed, seed $seed" makers_are_killed
daemon_end TERM
ledger_close
# The table doesn't become smaller again, and so the ledger can't be counted.
try "grants that the host lacks are named" grants_of_the_host_are_named
# xenstored keeps what it has of Xen: it comes after the ledger, too.
try "xenstored, xl and a guest of xl beside it" xl_lives_beside
done_testing
