# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The sources, for tests that build them: in copies, so that nothing in the
# checkout changes, and what a build left there doesn't matter.

# copy_source CHECKOUT DIR - copy all but what was built
copy_source() {
	mkdir -p "$2"
	tar -C "$1" --exclude=.git --exclude='./tests/*/build/*' \
		--exclude='*.[oad]' --exclude='*.ko' --exclude='*.mod' \
		--exclude='*.mod.c' --exclude='.*.cmd' \
		--exclude=modules.order --exclude=Module.symvers \
		--exclude=./chaos/chaos --exclude=./chaos/chaosd \
		--exclude='.checkpatch-*' -cf - . |
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

# module_dirs - the directories of which Kbuild makes a module each, for users
module_dirs() {
	sed -n 's/^obj-.* += \([a-z-]*\)\/$/\1/p' Kbuild
}
