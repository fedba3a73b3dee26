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

# shellcheck source=scripts/debian-archive.sh
. "$(dirname "$0")/../../scripts/debian-archive.sh"

die() {
	echo "$*" >&2
	exit 2
}

check_sum() {
	has_sum "$1" $sum ||
		die "$1: not the expected archive of Bochs 2.6.11, whose sha256 is $sum"
}

check_tree() {
	if [ ! -f "$1/bochs.h" ] || [ ! -f "$1/cpu/vmx.cc" ]; then
		die "$1: not a source tree of Bochs: bochs.h and cpu/vmx.cc were expected"
	fi
	grep -q '^VERSION="2\.6\.11"' "$1/configure" ||
		die "$1: not Bochs 2.6.11, which the insertions are written for"
	[ ! -e "$1/config.h" ] || die "$1: has been configured; a pristine tree was expected"
}

from_debian() {
	missing=$(debian_missing)
	[ -z "$missing" ] ||
		die "no source of Bochs: $missing; or put $name into \$DISTFILES," \
			"or use --with-bochs-source"
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 2' HUP INT TERM
	echo "fetching the source of Bochs 2.6.11 from the Debian archive" >&2
	if debian_fetch "$tmp" deb-src $suite "$name" --download-only --tar-only source bochs; then
		check_sum "$tmp/files/$name"
		keep "$tmp/files/$name"
		return
	fi
	debian_keep_log "$tmp" "$cache/fetch-bochs.log"
	die "cannot fetch $name of Debian $suite (see $cache/fetch-bochs.log);" \
		"put it into \$DISTFILES or use --with-bochs-source"
}

# Keep archive $1 in the cache and print its place there.
keep() {
	keep_archive "$1" "$cache" "$name"
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
	if [ -f "$cache/$name" ] && has_sum "$cache/$name" $sum; then
		echo "$cache/$name"
	elif [ -n "${DISTFILES:-}" ] && [ -f "$DISTFILES/$name" ]; then
		check_sum "$DISTFILES/$name"
		keep "$DISTFILES/$name"
	else
		from_debian
	fi
fi
