# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# How a kernel is configured and built from Debian 12's source, for the debug
# kernel here and for tinyx/. After tests/rig/lib.sh and debian.sh.

# find_source - set $version to the "package=version" of it
find_source() {
	use_debian 12
	# shellcheck disable=SC2034 # for the caller
	version=$(versions linux-source-6.1)
}

# unpack_source PACKAGE=VERSION TREE
unpack_source() {
	local package=${1%%=*}
	note "unpacking ${1/=/ }"
	mkdir -p "$2"
	download "$2/.package" "$1"
	tar -xf "$2/.package/usr/src/$package.tar.xz" -C "$2" \
		--strip-components=1
	rm -r "$2/.package"
}

# apply_patch TREE PATCH
apply_patch() {
	# Not the repository's, should the cache be inside one.
	GIT_CEILING_DIRECTORIES=$(dirname "$1") git -C "$1" apply "$2"
}

# small_source PACKAGE=VERSION PATCH - print the path of a source, unpacked and
# patched, which stays clean: builds have directories of their own (O=)
#
# Whoever grafts noxs on it holds its lock, PATH.lock, until the build is done.
small_source() {
	cached linux-source "$(hash_of "$2" <<< "$1")" unpack_patched "$1" "$2"
	prune linux-source 2
}

unpack_patched() {
	unpack_source "$1" "$3"
	apply_patch "$3" "$2"
}

# kernel_make TREE ARG…
#
# The caller may be a make with variables of its own (M=, C=2, W=1, ARCH=).
kernel_make() {
	env -i PATH="$PATH" HOME="$HOME" TMPDIR="${TMPDIR:-/tmp}" LC_ALL=C \
		KBUILD_BUILD_USER=noxs KBUILD_BUILD_HOST=noxs \
		nice make -s -C "$1" -j"$(nproc)" "${@:2}"
}

# ungranted WANTED CONFIG - the lines of WANTED that do not hold in CONFIG:
# Kconfig says nothing of them
ungranted() {
	local line option

	while read -r line; do
		case $line in
		CONFIG_*)
			grep -qxF -- "$line" "$2" || echo "$line"
			;;
		'# CONFIG_'*' is not set')
			option=${line#'# '}
			! grep -q "^${option%% *}=" "$2" || echo "$line"
			;;
		esac
	done < "$1"
}
