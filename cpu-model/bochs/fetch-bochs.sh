#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: fetch-bochs.sh CACHE [SOURCE]
#
# Print the path of the source of Bochs 2.6.11: SOURCE (an archive or an unpacked tree) if it is
# given, else Debian's source archive out of the directory CACHE, out of the directory $DISTFILES,
# or, when neither has it, from a Debian mirror. Whatever was fetched is kept in CACHE.
# The exit status is 2, after one line, if there is no source or not the right one.
set -eu

name=bochs_2.6.11+dfsg.orig.tar.xz
sum=5e6ab95070429e62bd9ec851ec1673e097ffc64ea50e4f71f45f8ec52e52b141
suite=bullseye
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

die() {
	echo "$*" >&2
	exit 2
}

has_sum() {
	[ "$(sha256sum <"$1" | cut -d' ' -f1)" = $sum ]
}

check_sum() {
	has_sum "$1" || die "$1: not the expected archive of Bochs 2.6.11, whose sha256 is $sum"
}

check_tree() {
	if [ ! -f "$1/bochs.h" ] || [ ! -f "$1/cpu/vmx.cc" ]; then
		die "$1: not a source tree of Bochs: bochs.h and cpu/vmx.cc were expected"
	fi
	grep -q '^VERSION="2\.6\.11"' "$1/configure" ||
		die "$1: not Bochs 2.6.11, which the insertions are written for"
	[ ! -e "$1/config.h" ] || die "$1: has been configured; a pristine tree was expected"
}

# Repositories of this machine's own apt setup that can carry Debian's archive, the likeliest first.
mirrors() {
	# shellcheck disable=SC2016  # apt-get expands them
	apt-get indextargets --format '$(COMPONENT) $(REPO_URI)' 2>/dev/null |
		sed -n 's/^main //p' | grep -v security | awk '!seen[$0]++' | head -n 4
}

# Fetch the source archive of $suite from mirror $1 into directory $2. The apt configuration, lists
# and state are private ones below $2; the system's setup is only read.
apt_fetch() {
	mkdir -p "$2/lists/partial" "$2/archives/partial" "$2/source"
	: >"$2/status"
	echo "deb-src [signed-by=$keyring] $1 $suite main" >"$2/sources.list"
	cat >"$2/apt.conf" <<-CONF
		Dir::Etc::sourcelist "$2/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::State "$2";
		Dir::State::lists "$2/lists";
		Dir::State::status "$2/status";
		Dir::Cache "$2";
		APT::Sandbox::User "";
		Acquire::Retries "2";
		Acquire::http::Timeout "30";
		Acquire::Languages "none";
	CONF
	(
		cd "$2/source"
		APT_CONFIG=$2/apt.conf
		export APT_CONFIG
		apt-get -q update && apt-get -q --download-only --tar-only source bochs
	) >>"$2/log" 2>&1 && [ -f "$2/source/$name" ]
}

from_debian() {
	command -v apt-get >/dev/null ||
		die "no source of Bochs: put $name into \$DISTFILES or use --with-bochs-source"
	[ -f $keyring ] || die "$keyring is missing; install the package debian-archive-keyring"
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 2' HUP INT TERM
	for uri in $(mirrors); do
		echo "fetching the source of Bochs 2.6.11 from the Debian archive" >&2
		if apt_fetch "$uri" "$tmp"; then
			check_sum "$tmp/source/$name"
			keep "$tmp/source/$name"
			return
		fi
		rm -rf "$tmp/lists" "$tmp/source"
	done
	cp "$tmp/log" "$cache/fetch-bochs.log" 2>/dev/null || : >"$cache/fetch-bochs.log"
	die "cannot fetch $name of Debian $suite (see $cache/fetch-bochs.log);" \
		"put it into \$DISTFILES or use --with-bochs-source"
}

# Copy archive $1 into the cache and print its place there.
keep() {
	part=$(mktemp "$cache/$name.XXXXXX")
	cp "$1" "$part"
	chmod 644 "$part"
	mv "$part" "$cache/$name"
	echo "$cache/$name"
}

[ $# -eq 1 ] || [ $# -eq 2 ] || die "usage: fetch-bochs.sh CACHE [SOURCE]"
cache=$1
source=${2:-}
if [ -d "$source" ]; then
	check_tree "$source"
	echo "$source"
elif [ -n "$source" ]; then
	[ -r "$source" ] || die "$source: no such archive or source tree"
	check_sum "$source"
	echo "$source"
else
	mkdir -p "$cache"
	if [ -f "$cache/$name" ] && has_sum "$cache/$name"; then
		echo "$cache/$name"
	elif [ -n "${DISTFILES:-}" ] && [ -f "$DISTFILES/$name" ]; then
		check_sum "$DISTFILES/$name"
		keep "$DISTFILES/$name"
	else
		from_debian
	fi
fi
