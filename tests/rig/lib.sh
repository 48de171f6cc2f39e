# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the scripts of the rig share: messages, names of packages and the cache.
#
# The cache holds finished things only: each is built in a temporary directory
# beside its place and renamed into it, under a lock of its own, so that an
# interrupted build leaves nothing behind that looks whole.  A name carries a
# hash of all that the thing is made from.

RIG=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${NOXS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/noxs}

# Exit status of a failure of the rig itself, as in timeout(1).
RIG_FAILED=125

# A failure inside $(…) or a function ends the script, and says where.
shopt -s inherit_errexit
set -E
trap 'note "failed at ${BASH_SOURCE[0]##*/}:$LINENO"' ERR

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit "$RIG_FAILED"
}

note() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# The release of Debian that this machine is, or nothing.
this_release() {
	sed -n 's/^VERSION_ID="\?\([0-9]*\)"\?$/\1/p' /etc/os-release 2> /dev/null
}

# packages RELEASE GROUP… - the packages of these groups in that Debian, one a line
packages() {
	local release=$1 group
	shift
	for group; do
		grep -qE "^$group(@[0-9]+)?:" "$RIG/packages" ||
			die "no package group '$group' in tests/rig/packages"
		sed -nE "s/^$group(@$release)?: *//p" "$RIG/packages"
	done | tr -s ' ' '\n' | sort -u
}

# hash_of FILE… - one short hash over the names and contents of the files and
# over standard input
hash_of() {
	{
		cat
		local f
		for f; do
			printf '%s ' "${f##*/}"
			sha256sum < "$f"
		done
	} | sha256sum | cut -c1-16
}

# cached KIND KEY BUILDER ARG… - print the path of $CACHE/KIND-KEY
#
# If it is absent, run BUILDER ARG… DIR, which fills the empty directory DIR.
cached() {
	local kind=$1 key=$2 place tmp lock
	shift 2
	place=$CACHE/$kind-$key
	if [[ ! -e $place ]]; then
		mkdir -p "$CACHE/lock" || die "cannot make the cache in $CACHE"
		exec {lock}> "$CACHE/lock/$kind-$key"
		flock "$lock"
		if [[ ! -e $place ]]; then
			tmp=$CACHE/tmp.$kind-$key
			rm -rf --one-file-system "$tmp"
			mkdir -p "$tmp"
			note "making $kind-$key"
			# The builder must not keep the lock if it leaves
			# something running.  "|| die" would switch errexit
			# off in it.
			"$@" "$tmp" {lock}>&- >&2
			mv -T "$tmp" "$place"
		fi
		exec {lock}>&-
	fi
	touch "$place"
	printf '%s\n' "$place"
}

# prune KIND KEEP - remove all but the KEEP most recently used of a kind
#
# Anything used within the last day stays: a run may have it open. What others
# make or remove meanwhile may vanish under find's eyes.
prune() {
	local kind=$1 keep=$2 old
	{ find "$CACHE" -maxdepth 1 -name "$kind-*" -printf '%T@ %p\n' \
		2> /dev/null || true; } |
		sort -rn | tail -n "+$((keep + 1))" | cut -d' ' -f2- |
		while read -r old; do
			if [[ -n $(find "$old" -maxdepth 0 -mmin +1440 \
				2> /dev/null || true) ]]; then
				rm -rf --one-file-system "$old" \
					"$CACHE/lock/${old##*/}"
			fi
		done
}

# loading_order ROOT RELEASE MODULE… - the paths of modules in ROOT/lib/modules,
# each after what it depends on; what is built in or missing has none
loading_order() {
	local root=$1 release=$2 module
	shift 2
	for module; do
		modprobe -C /dev/null -d "$root" -S "$release" \
			--show-depends "$module" 2> /dev/null || true
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# in_root ROOT COMMAND ARG… - run it in a root that make_root has made, where the
# cache is at the same place as here, if there is one; or here, if ROOT is /
#
# The command isn't the first process there: that one's signals to itself do nothing, and
# a make that wants to end by one goes on without its children, for ever.
in_root() {
	if [[ $1 == / ]]; then
		"${@:2}"
		return
	fi
	# shellcheck disable=SC2016 # the shell that unshare starts expands it
	unshare --mount --pid --fork --kill-child --propagation private bash -ec '
		mount -t proc proc "$1/proc"
		mount --rbind /dev "$1/dev"
		[ ! -d "$1$2" ] || mount --bind "$2" "$1$2"
		PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$1" "${@:3}" || exit' \
		in_root "$1" "$CACHE" "${@:2}"
}

# option_of NAME DEFAULT ARG… - what the last --NAME among the arguments is followed by
option_of() {
	local name=$1 value=$2 previous='' arg
	shift 2
	for arg; do
		[[ $previous != "--$name" ]] || value=$arg
		previous=$arg
	done
	echo "$value"
}

# host_of ARG… - "RELEASE KERNEL" of dom0, as it is with these options of xenhost: the
# newest Debian, but one of the earlier's kernels makes it that
host_of() {
	local release kernel
	release=$(option_of host '' "$@")
	kernel=$(option_of kernel '' "$@")
	if [[ -z $release ]]; then
		case $kernel in
		6.1 | debug) release=12 ;;
		*) release=13 ;;
		esac
	fi
	if [[ -z $kernel ]]; then
		kernel=6.12
		[[ $release != 12 ]] || kernel=6.1
	fi
	echo "$release $kernel"
}

# take_modules TREE DIR - copy the modules that were compiled in a tree
take_modules() {
	find "$1" -name '*.ko' -exec cp -t "$2" {} +
	find "$2" -name '*.ko' -exec objcopy --strip-debug {} \;
}
