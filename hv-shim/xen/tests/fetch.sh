#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# fetch-xen.sh: a source that is not the right one is refused with one line, and nothing of it is
# kept. Needs no network.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
cd "$dir" || exit 99

# A copy with a list of our own.
mkdir -p own/hv-shim/xen own/scripts dist
cp "$top/hv-shim/xen/fetch-xen.sh" own/hv-shim/xen
cp "$top/scripts/debian-archive.sh" own/scripts
fetch=own/hv-shim/xen/fetch-xen.sh
for name in first second; do
	echo $name >$name.tar.xz
	echo "suite $(sha256sum <$name.tar.xz | cut -d' ' -f1) $name.tar.xz"
done >own/hv-shim/xen/sources
DISTFILES=$dir/dist
export DISTFILES

# refused "what" "start of the message" [DIR]
refused() {
	what=$1
	text=$2
	shift 2
	rm -rf cache
	"$fetch" "$dir/cache" "$@" >out 2>err
	[ $? -eq 2 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
		[ -z "$(ls -A cache 2>/dev/null)" ] && case $(cat err) in
		"$text"*) ;;
		*) false ;;
		esac
	result "$what" || sed 's/^/# /' err
}

cp second.tar.xz dist
rm -rf cache
[ "$("$fetch" "$dir/cache")" = "$dir/cache/second.tar.xz" ] &&
	cmp -s second.tar.xz cache/second.tar.xz
result "the second of the list, where the first is missing"
cp first.tar.xz dist
[ "$("$fetch" "$dir/cache")" = "$dir/cache/second.tar.xz" ]
result "what is in the cache comes before DISTFILES"
rm -rf cache
[ "$("$fetch" "$dir/cache")" = "$dir/cache/first.tar.xz" ]
result "the first of the list"
echo wrong >dist/first.tar.xz
refused "wrong archive in DISTFILES" "$dir/dist/first.tar.xz: not the expected archive"

mkdir -p tree/xen
refused "directory without Xen" "tree: not a source tree of Xen" tree
mkdir -p tree/xen/arch/x86/hvm/vmx
touch tree/xen/arch/x86/hvm/vmx/vmx.c tree/xen/.config
refused "tree that has been configured" "tree: has been configured" tree
rm tree/xen/.config
[ "$("$fetch" "$dir/cache" tree)" = tree ]
result "pristine tree is taken"

finish
