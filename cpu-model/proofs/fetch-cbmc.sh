#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: fetch-cbmc.sh CACHE
#
# Print the directory that holds the bounded model checker CBMC 5.12 of Debian bullseye, as cbmc and
# the library libminisat.so.2 that it needs. The packages come out of the directory $DISTFILES or
# from a Debian mirror; they are unpacked in CACHE, not installed.
# The exit status is 2, after one line, if there is no CBMC or not the right one.
set -eu

suite=bullseye
cbmc=cbmc_5.12-5_amd64.deb
cbmc_sum=25fd26a1fad6b9334aaf498b12b6c094e8d0fb15384281fef5f1c5eaff047f20
minisat=minisat_1%3a2.2.1-5+b3_amd64.deb
minisat_sum=aaa8f62db0c9f80492f9da4bc06c3e8829fdb84692590750b9124d9a85c92ff0

# shellcheck source=scripts/debian-archive.sh
. "$(dirname "$0")/../../scripts/debian-archive.sh"

die() {
	echo "fetch-cbmc: $*" >&2
	exit 2
}

check_sum() {
	has_sum "$1" "$2" || die "$1: not the expected package, whose sha256 is $2"
}

from_debian() {
	missing=$(debian_missing)
	[ -z "$missing" ] ||
		die "no CBMC: $missing; or put $cbmc and $minisat into \$DISTFILES"
	echo "fetch-cbmc: fetching CBMC 5.12 from the Debian archive" >&2
	debian_fetch "$tmp" deb $suite "$cbmc $minisat" download cbmc minisat && return
	debian_keep_log "$tmp" "$cache/fetch-cbmc.log"
	die "cannot fetch $cbmc and $minisat of Debian $suite (see $cache/fetch-cbmc.log);" \
		"put them into \$DISTFILES"
}

# Unpack the packages in directory $1 and put the two files that are needed into the cache.
keep() {
	check_sum "$1/$cbmc" $cbmc_sum
	check_sum "$1/$minisat" $minisat_sum
	dpkg-deb -x "$1/$cbmc" "$tmp/root"
	dpkg-deb -x "$1/$minisat" "$tmp/root"
	part=$(mktemp -d "$place.XXXXXX")
	chmod 755 "$part"
	cp "$tmp/root/usr/bin/cbmc" "$tmp/root/usr/lib/libminisat.so.2" "$part"
	mv -T "$part" "$place" 2>/dev/null || rm -rf "$part"	# another one was faster
}

[ $# -eq 1 ] || die "usage: fetch-cbmc.sh CACHE"
cache=$1
place=$cache/cbmc-5.12-$(echo $cbmc_sum $minisat_sum | sha256sum | cut -c 1-16)
if [ ! -x "$place/cbmc" ]; then
	[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] ||
		die "no CBMC: its packages are for Debian on amd64"
	mkdir -p "$cache"
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 2' HUP INT TERM
	if [ -n "${DISTFILES:-}" ] && [ -f "$DISTFILES/$cbmc" ] && [ -f "$DISTFILES/$minisat" ]
	then
		keep "$DISTFILES"
	else
		from_debian
		keep "$tmp/files"
	fi
fi
[ "$(LD_LIBRARY_PATH=$place "$place/cbmc" --version 2>&1)" = "5.12 (cbmc-5.12)" ] ||
	die "$place/cbmc does not run; remove the directory to have it unpacked again"
echo "$place"
