#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# insert-xen.sh: which alternative it takes, and what it refuses; and that the insertions fit every
# tree of Xen that is at hand: archives xen_*.orig.tar.xz in the cache and in $DISTFILES.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
cd "$dir" || exit 99

# A copy with insertions of our own.
mkdir -p own/hv-shim/xen/insertions own/cpu-model/bochs
cp "$top/hv-shim/xen/insert-xen.sh" own/hv-shim/xen
cp "$top/cpu-model/bochs/insert.sh" own/cpu-model/bochs
insertions=own/hv-shim/xen/insertions

# script NAME "HEADER": an insertion after the line "two".
script() {
	{
		printf '%b\n' "$2"
		printf '/^two/a\n%s\n.\n' "$1"
	} >"$insertions/$1.ed"
}

# run: on a fresh tree.
run() {
	rm -rf tree
	mkdir -p tree/new
	printf 'one\ntwo\n' >tree/new/x.c
	sh own/hv-shim/xen/insert-xen.sh tree >out 2>err
}

# refused "what" "end of the message"
refused() {
	run
	[ $? -eq 2 ] && [ "$(wc -l <err)" -eq 1 ] && grep -qF -- "$2" err
	result "$1" || sed 's/^/# /' err
}

script a.old '# File: old/x.c'
script a.new '# File: new/x.c'
run && [ "$(cat tree/new/x.c)" = "one
two
a.new" ]
result "the alternative whose file exists"

script a.three '# File: new/x.c\n# If: three'
run && grep -q a.new tree/new/x.c && ! grep -q a.three tree/new/x.c
result "an alternative whose text is missing is left out"

script a.one '# File: new/x.c\n# If: one'
refused "two alternatives fit" "a.new.ed fits tree too"
rm "$insertions/a.new.ed" "$insertions/a.one.ed"
refused "no alternative fits" "a.*: none of them fits tree"
rm "$insertions"/a.*
script b '# File: new/x.c'
sed -i 's/two/four/' "$insertions/b.ed"
refused "an anchor is missing" "anchor '/^four/a' in new/x.c: No match"

# The real ones.
cache=$(sed -n 's/^CACHE_DIR = //p' "$build/Makefile" 2>/dev/null)
found=no
for archive in "$cache"/xen_*.orig.tar.xz "${DISTFILES:-/nonexistent}"/xen_*.orig.tar.xz; do
	[ -f "$archive" ] || continue
	found=yes
	name=$(basename "$archive" .orig.tar.xz)
	rm -rf "$name"
	mkdir "$name"
	tar -xf "$archive" -C "$name" --strip-components=1 --wildcards \
		'*/xen/arch/x86' '*/xen/common' '*/xen/include' &&
		sh "$top/hv-shim/xen/insert-xen.sh" "$name/xen" >out 2>err
	result "$name" || sed 's/^/# /' err
	rm -rf "$name"
done
[ $found = yes ] || skip "all insertions" "no source of Xen in $cache"

finish
