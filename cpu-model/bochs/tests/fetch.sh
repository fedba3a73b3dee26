#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# fetch-bochs.sh: a source that is not the right one is refused with one line, and nothing of it is
# kept. Needs no network.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
fetch=$top/cpu-model/bochs/fetch-bochs.sh
name=bochs_2.6.11+dfsg.orig.tar.xz
cd "$dir" || exit 99

# refused "what" "start of the message" [SOURCE]
refused() {
	what=$1
	text=$2
	shift 2
	rm -rf cache
	"$fetch" "$dir/cache" "$@" >out 2>err
	[ $? -eq 2 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] && [ ! -e "cache/$name" ] &&
		case $(cat err) in
		"$text"*) ;;
		*)
			cat err
			false
			;;
		esac
	result "$what"
}

unset DISTFILES
echo wrong >archive.tar.xz
refused "archive with a wrong hash" "archive.tar.xz: not the expected archive" archive.tar.xz
refused "no such archive" "nothing.tar.xz: no such archive" nothing.tar.xz

mkdir dist tree tree/cpu
cp archive.tar.xz "dist/$name"
DISTFILES=$dir/dist
export DISTFILES
refused "wrong archive in DISTFILES" "$dir/dist/$name: not the expected archive"
unset DISTFILES

refused "directory without Bochs" "tree: not a source tree of Bochs" tree
touch tree/bochs.h tree/cpu/vmx.cc
echo 'VERSION="2.7"' >tree/configure
refused "another version of Bochs" "tree: not Bochs 2.6.11" tree
echo 'VERSION="2.6.11"' >tree/configure
touch tree/config.h
refused "tree that has been configured" "tree: has been configured" tree
rm tree/config.h
[ "$("$fetch" "$dir/cache" tree)" = tree ]
result "pristine tree is taken"

finish
