# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# TAP for tests that are shell scripts: check NAME COMMAND… for each test, and
# done_testing at the end. A script that ends without it has no plan, which
# tests/check takes for a failure.
#
# Where a script is at the moment is in $TAP_NOW, a directory, for those who have to
# say where it was when it was ended (tap_where). There are
#
#   test	the test that runs, or ran last
#   said	what it has said so far
#   waiting	what it waits for, and what the last look at that said

tap_tests=0
tap_failed=0
tap_now=${TAP_NOW-}

# diag - print standard input as diagnostics
diag() {
	sed 's/^/# /'
}

# tap RESULT NAME - print the result of one test, "ok" or "not ok"
tap() {
	tap_tests=$((tap_tests + 1))
	[[ $1 == ok ]] || tap_failed=$((tap_failed + 1))
	printf '%s %d - %s\n' "$1" "$tap_tests" "$2"
}

tap_make_now() {
	[[ -n $tap_now ]] || tap_now=$(mktemp -d)
	[[ -d $tap_now ]] || mkdir -p "$tap_now"
}

# check NAME COMMAND ARG… - one test: it passes if the command does
#
# What the command says is shown if it fails. It runs in a subshell, and ends at
# the first failure, unless check itself is part of a condition: don't do that.
check() {
	local name=$1 status began=${EPOCHREALTIME/./}
	shift
	tap_make_now
	printf 'in "%s"\n' "$name" > "$tap_now/test"
	: > "$tap_now/said"
	# To start rm(1) each time would cost an emulated machine more than the test.
	[[ ! -e $tap_now/waiting ]] || rm -f "$tap_now/waiting"
	set +e
	(
		exec >> "$tap_now/said" 2>&1
		set -eE
		trap 'echo "failed: ${BASH_SOURCE[0]##*/}:$LINENO"' ERR
		"$@"
	)
	status=$?
	set -e
	if ((status == 0)); then
		tap ok "$name"
	else
		tap 'not ok' "$name"
		diag < "$tap_now/said"
		echo "# exit status $status"
	fi
	printf 'after "%s"\n' "$name" > "$tap_now/test"
	tap_took "$began"
}

# tap_took BEGAN - tell how long the last test took, which began then: microseconds
tap_took() {
	local tenths=$(((${EPOCHREALTIME/./} - $1) / 100000))
	printf '# took %d.%d s\n' $((tenths / 10)) $((tenths % 10))
}

# tap_waits WHAT FILE - note that a test waits, and what its last look said
tap_waits() {
	tap_make_now
	{ echo "it waits: $1"; tail -n 20 "$2"; } > "$tap_now/waiting"
}

# tap_where DIR - print where a script was that had DIR for $TAP_NOW
tap_where() {
	[[ ! -e $1/test ]] || printf 'it was %s\n' "$(< "$1/test")"
	[[ ! -s $1/said ]] || tail -n 20 "$1/said"
	[[ ! -s $1/waiting ]] || tail -n 20 "$1/waiting"
}

# is WHAT GOT EXPECTED - part of a test
is() {
	[[ $2 == "$3" ]] || {
		echo "$1 is '$2', not '$3'"
		return 1
	}
}

# done_testing - print what it cost, if tap_cost knows, and the plan, and exit
done_testing() {
	! declare -F tap_cost > /dev/null || tap_cost
	printf '1..%d\n' "$tap_tests"
	[[ -n ${TAP_NOW-} || -z $tap_now ]] || rm -r "$tap_now"
	exit $((tap_failed > 0))
}
