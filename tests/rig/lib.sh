# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the scripts of the rig share: messages, package versions and the cache.
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

# packages GROUP… - the packages of these groups, one a line
packages() {
	local group
	for group; do
		grep -q "^$group:" "$RIG/packages" ||
			die "no package group '$group' in tests/rig/packages"
		sed -n "s/^$group: *//p" "$RIG/packages"
	done | tr -s ' ' '\n' | sort -u
}

# aptq COMMAND ARG… - ask apt-cache, and remember the answer as long as apt's
# lists and settings stay the same: it takes half a second to think
aptq() {
	local key answer new
	key=$(stat -L -c '%n %Y %s' /etc/apt /etc/apt/* /var/lib/apt/lists/* |
		cat - <(echo "$@") | sha256sum | cut -c1-16)
	answer=$CACHE/apt/$key
	if [[ ! -s $answer ]]; then
		mkdir -p "$CACHE/apt"
		find "$CACHE/apt" -type f -mtime +7 -delete
		new=$(mktemp "$CACHE/apt/new.XXXXXX")
		LC_ALL=C apt-cache "$@" > "$new"
		mv "$new" "$answer"
	fi
	cat "$answer"
}

# versions PACKAGE… - "package=version" of each one's present candidate
versions() {
	aptq policy "$@" | awk '
		/^[^ ].*:$/ { name = substr($1, 1, length($1) - 1) }
		$1 == "Candidate:" { print name "=" $2 }'
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
			rm -rf "$tmp"
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
				rm -rf "$old" "$CACHE/lock/${old##*/}"
			fi
		done
}

# download DIR PACKAGE… - unpack packages into DIR without installing them
download() {
	local dir=$1 debs deb
	shift
	debs=$(mktemp -d "$CACHE/tmp.debs.XXXXXX")
	(
		cd "$debs"
		# An unprivileged _apt user may not write here.
		apt-get -q -o APT::Sandbox::User=root download "$@"
	) || {
		rm -rf "$debs"
		die "apt-get download $* failed; are apt's lists up to date?"
	}
	for deb in "$debs"/*.deb; do
		dpkg -x "$deb" "$dir"
	done
	rm -rf "$debs"
}

# Where this machine's apt gets Debian from, and how (proxy and the like).
apt_sources() {
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets \
		--format '$(ORIGIN) deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Identifier: Packages' | sed -n 's/^Debian //p' | sort -u
}

apt_options() {
	apt-config dump Acquire | grep -E '^Acquire::(Check-|[a-z]+::)' || true
}

# make_root DIR PACKAGE,… [OPTION…] - make a Debian 12 in DIR; OPTIONs are
# mmdebstrap's
make_root() {
	local dir=$1 include=$2 settings
	shift 2
	settings=$(mktemp -d)
	apt_options > "$settings/apt.conf"
	apt_sources > "$settings/sources.list"
	[[ -s $settings/sources.list ]] ||
		die "apt has no Debian source; try apt-get update"

	# Documentation and translations only cost time. A python3 that is found
	# before Debian's would be started for each package, and takes longer.
	PATH=/usr/sbin:/usr/bin:/sbin:/bin mmdebstrap --quiet --mode=root \
		--variant=essential --include="$include" \
		--aptopt="$settings/apt.conf" \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		"$@" bookworm "$dir" "$settings/sources.list"
	rm -r "$settings"
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
