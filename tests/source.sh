# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The sources, for tests that build them: in copies, so that nothing in the
# checkout changes, and what a build left there doesn't matter. And what the texts among
# them say is to be done.

# sources CHECKOUT - print the files of which it consists, NUL-terminated: not what
# git ignores, such as what was built there; all of them if it is such a copy
sources() {
	if [[ -e $1/.git ]]; then
		git -C "$1" -c safe.directory='*' ls-files -z -co --exclude-standard
	else
		(cd "$1" && find . -type f,l -print0)
	fi
}

# copy_source CHECKOUT DIR - copy them
copy_source() {
	mkdir -p "$2"
	# What git lists may have been removed.
	sources "$1" | tar -C "$1" --null -T - --ignore-failed-read -cf - 2> /dev/null |
		tar -C "$2" -xf -
}

# headers_of SERIES - the newest installed headers of a series of kernels
headers_of() {
	local all
	all=$(printf '%s\n' /lib/modules/"$1".*/build/ | sort -V | tail -n 1)
	[[ -d $all ]] || {
		echo "no headers of Linux $1 are installed"
		return 1
	}
	printf '%s\n' "$all"
}

# series_here - the kernels that this machine's Debian has headers of, its own first. After
# tests/rig/lib.sh
series_here() {
	if [[ $(this_release) == 12 ]]; then
		printf '%s\n' 6.1 6.12
	else
		echo 6.12
	fi
}

# module_dirs - the directories of which Kbuild makes a module each, for users
module_dirs() {
	sed -n 's/^obj-.* += \([a-z-]*\)\/$/\1/p' Kbuild
}

# block NAME FILE - what a text has in the block after its line "<!-- test: NAME -->"
block() {
	awk -v mark="<!-- test: $1 -->" '
		$0 == mark { inside = 1; next }
		inside && /^    / { print substr($0, 5); begun = 1; next }
		inside && /^$/ { if (begun) print; next }
		{ found += begun; inside = begun = 0 }
		END { exit !(found + begun) }' "$2" || {
		echo "$2 has no block for $1" >&2
		return 1
	}
}
