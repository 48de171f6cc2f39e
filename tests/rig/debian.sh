# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Debian's releases: what packages they have, how to get them, and roots made of
# them. After lib.sh.
#
# A script says with use_debian which release it is about. It has lists of its own,
# in the cache, from the mirror that this machine uses: what this machine is, and
# which other sources it has, doesn't matter.

declare -A SUITES=([12]=bookworm [13]=trixie)

# Lists of today are good enough; a mirror that has gone on is asked again.
LISTS_MINUTES=1440

# The release that this machine is, if the rig knows it, or the newest that it does.
usual_debian() {
	local release
	release=$(this_release)
	[[ -n ${SUITES[${release:-none}]-} ]] ||
		release=$(printf '%s\n' "${!SUITES[@]}" | sort -n | tail -n 1)
	echo "$release"
}

# use_debian RELEASE [backports] - what follows is about 12 or 13; with what its
# backports have, which is taken only if nothing else will do
use_debian() {
	DEBIAN=$1 suite=${SUITES[$1]-} backports=
	[[ -n $suite ]] || die "there is no Debian $1; there are ${!SUITES[*]}"
	[[ -z ${2-} ]] || backports=$suite-backports
	APT=$CACHE/apt-${backports:-$suite}
	mkdir -p "$APT"
	(
		flock 9
		[[ -n $(find "$APT/updated" -mmin "-$LISTS_MINUTES" 2> /dev/null) ]] ||
			update_lists
	) 9> "$APT/lock"
}

# Where this machine gets Debian from, as "URI SUITE"; the archive of security is
# another one.
mirrors() {
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(CODENAME)' \
		'Identifier: Packages' | awk '
		$1 == "Debian" && NF == 3 && $3 ~ /^[a-z]+(-security)?$/ {
			which = $3 ~ /-security$/ ? "-security" : ""
			if (!(which in uri))
				uri[which] = $2
		}
		END {
			if (!("" in uri))
				uri[""] = "http://deb.debian.org/debian"
			if (!("-security" in uri))
				uri["-security"] = "http://deb.debian.org/debian-security"
			print uri[""], suite
			print uri[""], suite "-updates"
			print uri["-security"], suite "-security"
			if (backports != "")
				print uri[""], backports
		}' suite="$suite" backports="$backports"
}

# Get the lists anew. Old ones serve, if there are any, while there is no network.
update_lists() {
	local uri name keyring=/usr/share/keyrings/debian-archive-keyring
	[[ -e $keyring.pgp ]] && keyring+=.pgp || keyring+=.gpg
	mkdir -p "$APT"/{lists/partial,archives/partial,none}
	: > "$APT/status"
	mirrors | while read -r uri name; do
		echo "deb [signed-by=$keyring] $uri $name main"
	done > "$APT/sources.list"
	cat > "$APT/apt.conf" <<-END
		Dir::State "$APT";
		Dir::State::lists "$APT/lists";
		Dir::State::status "$APT/status";
		Dir::Cache "$APT";
		Dir::Etc::sourcelist "$APT/sources.list";
		Dir::Etc::sourceparts "$APT/none";
		Dir::Etc::preferences "$APT/none/preferences";
		Dir::Etc::preferencesparts "$APT/none";
		Acquire::Languages "none";
		APT::Sandbox::User "root";
	END
	note "asking what Debian $DEBIAN has"
	if apt_of_release apt-get -q -o APT::Update::Error-Mode=any update >&2; then
		touch "$APT/updated"
	elif [[ -e $APT/updated ]]; then
		note "going on with what is known of Debian $DEBIAN"
	else
		die "there is no Debian $DEBIAN at $(head -n 1 "$APT/sources.list")"
	fi
}

# apt_of_release COMMAND ARG… - one of apt's
apt_of_release() {
	LC_ALL=C APT_CONFIG=$APT/apt.conf "$@"
}

# aptq COMMAND ARG… - ask apt-cache, and remember the answer as long as the lists
# stay the same: it takes half a second to think
aptq() {
	local key answer new
	key=$(stat -c '%n %Y %s' "$APT"/lists/*Packages* |
		cat - <(echo "$@") | sha256sum | cut -c1-16)
	answer=$CACHE/apt/$key
	if [[ ! -s $answer ]]; then
		mkdir -p "$CACHE/apt"
		find "$CACHE/apt" -type f -mtime +7 -delete
		new=$(mktemp "$CACHE/apt/new.XXXXXX")
		apt_of_release apt-cache "$@" > "$new"
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

# group_versions GROUP - "package=version" of each package of a group (lib.sh)
group_versions() {
	local names
	mapfile -t names < <(packages "$DEBIAN" "$1")
	versions "${names[@]}"
}

# download DIR PACKAGE… - unpack packages into DIR without installing them
download() {
	local dir=$1 debs deb
	shift
	debs=$(mktemp -d "$CACHE/tmp.debs.XXXXXX")
	(cd "$debs" && apt_of_release apt-get -q download "$@") || {
		rm -rf "$debs"
		# Next time.
		touch -d @0 "$APT/updated"
		die "Debian $DEBIAN has no $* any more; try again"
	}
	for deb in "$debs"/*.deb; do
		dpkg -x "$deb" "$dir"
	done
	rm -rf "$debs"
}

# unpacked GROUP - the path of a directory with a group's packages, unpacked
unpacked() {
	local key
	key=$(group_versions "$1" | hash_of "$RIG/debian.sh")
	cached "$1" "$key" unpack_group "$1"
	prune "$1" 2
}

unpack_group() {
	local packages
	mapfile -t packages < <(group_versions "$1")
	download "$2" "${packages[@]}"
}

# source_files LIST - "SHA256 NAME" of each file of a package's source, which LIST has
# as the source's .dsc does
source_files() {
	grep -E '^[0-9a-f]{64} ' "$1"
}

# fetch_source LIST POOL DIR - get them from POOL of Debian's archive; what isn't what it
# should be is no source of ours
fetch_source() {
	local list=$1 pool=$2 dir=$3 hash name uri
	use_debian 12
	uri=$(mirrors | sed -n '1s,/* .*,,p')
	while read -r hash name; do
		apt_of_release /usr/lib/apt/apt-helper -q download-file \
			"$uri/$pool/$name" "$dir/$name" "SHA256:$hash" ||
			die "there is no source: $uri has no $pool/$name of SHA256 $hash"
	done < <(source_files "$list")
}

# source_tree KIND LIST POOL DIR - put it into DIR, with Debian's patches; its files are
# kept in the cache as KIND
source_tree() {
	local kind=$1 list=$2 pool=$3 dir=$4 files patch
	files=$(cached "$kind" "$(hash_of < <(source_files "$list"))" \
		fetch_source "$list" "$pool")
	tar -xf "$files"/*.orig.tar.xz -C "$dir" --strip-components=1
	tar -xf "$files"/*.debian.tar.xz -C "$dir"
	while read -r patch; do
		apply_patch "$dir" "$dir/debian/patches/$patch"
	done < <(sed 's/#.*//; /^ *$/d' "$dir/debian/patches/series")
}

# apply_patch DIR PATCH - without any fuzz
apply_patch() {
	patch -d "$1" -p1 -s -F0 --no-backup-if-mismatch < "$2" ||
		die "${2##*/} doesn't apply"
}

# make_root DIR PACKAGE,… [OPTION…] - make a Debian in DIR; OPTIONs are
# mmdebstrap's
make_root() {
	local dir=$1 include=$2 settings
	shift 2
	settings=$(mktemp)
	{ apt-config dump Acquire | grep -E '^Acquire::(Check-|[a-z]+::)' || true; } \
		> "$settings"

	# What it mounts is gone with it, also if it is killed. Documentation and translations
	# only cost time. A python3 that is found before Debian's would be started for each
	# package, and takes longer.
	PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		unshare --mount --propagation private mmdebstrap --quiet --mode=root \
		--variant=essential --include="$include" \
		--aptopt="$settings" \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' \
		"$@" "$suite" "$dir" "$APT/sources.list"
	rm "$settings"
}
