#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# transcript.sh [-w] FILE - do what FILE has in its indented lines, one command after the
# other in one shell, and compare what each prints; with -w, print FILE with that instead
#
# A command is a line that begins with "# ", and lines after it that begin with "> "; what
# it prints comes after it. Of that, blanks are all alike. "…" stands for anything in a line,
# and for any lines if it has one for itself.

set -uo pipefail

write=0
[[ $1 != -w ]] || {
	write=1
	shift
}
said=$(mktemp)
trap 'rm -f "$said"' EXIT
bad=0 command='' commands=0
expected=()

# like TEXT PATTERN
like() {
	local text pattern=$2
	read -ra text <<< "$1"
	pattern=${pattern//\\/\\\\}
	pattern=${pattern//\*/\\*}
	pattern=${pattern//\?/\\?}
	pattern=${pattern//\[/\\[}
	read -ra pattern <<< "${pattern//…/*}"
	# shellcheck disable=SC2053 # it is one
	[[ "${text[*]}" == ${pattern[*]} ]]
}

# Whether what was said is as expected.
fits() {
	local line i=0 any=0
	while IFS= read -r line; do
		if [[ ${expected[i]-} == '…' ]]; then
			any=1
			i=$((i + 1))
		fi
		if ((i < ${#expected[@]})) && like "$line" "${expected[i]}"; then
			any=0
			i=$((i + 1))
		elif ((!any)); then
			return 1
		fi
	done < "$said"
	[[ ${expected[i]-} != '…' ]] || i=$((i + 1))
	((i == ${#expected[@]}))
}

run() {
	[[ -n $command ]] || return 0
	commands=$((commands + 1))
	# Like a terminal of which nothing is typed.
	eval "$command" > "$said" 2>&1 < /dev/null
	if ((write)); then
		sed 's/^/    /' "$said"
	elif ! fits; then
		bad=1
		printf '%s\n' "It says: # $command" "$(< "$said")" "instead of:" "${expected[@]}"
	fi
	command='' expected=()
}

while IFS= read -r line; do
	if [[ $line == '    # '* ]]; then
		run
		command=${line#'    # '}
	elif [[ $line == '    > '* ]]; then
		command+=$'\n'${line#'    > '}
	elif [[ $line == '    '* ]]; then
		expected+=("${line#'    '}")
		((!write)) || continue
	else
		run
	fi
	((!write)) || printf '%s\n' "$line"
done < "$1"
run
((write)) || echo "$commands commands"
((commands > 0)) || bad=1
exit "$bad"
