#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: fetch-xen.sh CACHE [DIR]
#
# Print the path of a source of Xen: the unpacked tree DIR if it is given, else the first archive of
# the list in "sources" that is in the directory CACHE, in the directory $DISTFILES, or on a Debian
# mirror. Whatever was fetched is kept in CACHE.
# The exit status is 2, after one line, if there is no source or not the right one.
set -eu

# shellcheck source=scripts/debian-archive.sh
. "$(dirname "$0")/../../scripts/debian-archive.sh"

die() {
	echo "$*" >&2
	exit 2
}

# list: the lines "SUITE SHA256 ARCHIVE" of the pinned sources.
list() {
	grep -v '^#' "$(dirname "$0")/sources"
}

check_tree() {
	[ -f "$1/xen/arch/x86/hvm/vmx/vmx.c" ] ||
		die "$1: not a source tree of Xen: xen/arch/x86/hvm/vmx/vmx.c was expected"
	[ ! -e "$1/xen/.config" ] || die "$1: has been configured; a pristine tree was expected"
}

# from_disk DIR: the first pinned archive in this directory.
from_disk() {
	list | while read -r _ sum name; do
		[ -f "$1/$name" ] || continue
		has_sum "$1/$name" "$sum" ||
			die "$1/$name: not the expected archive, whose sha256 is $sum"
		echo "$name"
		break
	done
}

from_debian() {
	missing=$(debian_missing)
	[ -z "$missing" ] ||
		die "no source of Xen: $missing; or put $(list | awk 'NR == 1 { print $3 }') into" \
			"\$DISTFILES, or use --with-xen-source"
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 2' HUP INT TERM
	list >"$tmp/sources"
	while read -r suite sum name; do
		echo "fetching $name from the Debian archive" >&2
		debian_fetch "$tmp" deb-src "$suite" "$name" \
			--download-only --tar-only source xen || continue
		has_sum "$tmp/files/$name" "$sum" ||
			die "$name: not the expected archive, whose sha256 is $sum"
		keep_archive "$tmp/files/$name" "$cache" "$name"
		echo "$cache/$name"
		return
	done <"$tmp/sources"
	debian_keep_log "$tmp" "$cache/fetch-xen.log"
	die "cannot fetch a source of Xen (see $cache/fetch-xen.log);" \
		"put one of the archives in hv-shim/xen/sources into \$DISTFILES," \
		"or use --with-xen-source"
}

[ $# -eq 1 ] || [ $# -eq 2 ] || die "usage: fetch-xen.sh CACHE [DIR]"
cache=$1
if [ -n "${2:-}" ]; then
	check_tree "$2"
	echo "$2"
	exit
fi
mkdir -p "$cache"
name=$(from_disk "$cache")
if [ -z "$name" ] && [ -n "${DISTFILES:-}" ]; then
	name=$(from_disk "$DISTFILES")
	[ -z "$name" ] || keep_archive "$DISTFILES/$name" "$cache" "$name"
fi
if [ -n "$name" ]; then
	echo "$cache/$name"
else
	from_debian
fi
