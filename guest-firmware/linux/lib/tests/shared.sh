#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The shared library exports the functions of ooh.h and no others, and a program that is built with
# what pkg-config says runs with it.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../../.." && pwd)}
# shellcheck source=scripts/tap.sh
. "$top/scripts/tap.sh"

lib=guest-firmware/linux/lib
library=$build/$lib/libooh.so.1

sed -n 's/^[a-z].*[ *]\(ooh_[a-z_]*\)(.*;$/\1/p' "$top/$lib/ooh.h" | sort >"$dir/declared"
nm -D --defined-only "$library" | sed -n 's/.* T \(ooh_[a-z_]*\).*/\1/p' | sort >"$dir/exported"
[ "$(wc -l <"$dir/declared")" -ge 15 ] && diff "$dir/declared" "$dir/exported"
result "libooh.so.1 exports what ooh.h declares"

# Every call is in the manual page.
while read -r name; do
	grep -q "$name" "$top/$lib/ooh.3" || echo "$name"
done <"$dir/declared" >"$dir/unknown"
[ ! -s "$dir/unknown" ]
result "ooh.3 names all functions" || cat "$dir/unknown"

# As installed, but in a directory of the test.
mkdir "$dir/lib" "$dir/include"
cp "$library" "$dir/lib"
ln -s libooh.so.1 "$dir/lib/libooh.so"
cp "$top/$lib/ooh.h" "$dir/include"
sed -e "s:^libdir=.*:libdir=$dir/lib:" -e "s:^includedir=.*:includedir=$dir/include:" \
	"$build/$lib/ooh.pc" >"$dir/ooh.pc"
flags=$(PKG_CONFIG_PATH=$dir pkg-config --cflags --libs ooh)
result "pkg-config knows ooh"
# shellcheck disable=SC2086  # several flags
${CC:-cc} "$top/$lib/examples/track.c" $flags -Wl,-rpath,"$dir/lib" -o "$dir/track"
result "the example is built"

# A process that fills its buffer anew all the time.
dd if=/dev/urandom of=/dev/null bs=64k 2>/dev/null &
pid=$!
until [ "$(cat /proc/$pid/comm)" = dd ]; do # executing it would end the tracking
	sleep 0.1
done
"$dir/track" oracle $pid 2 >"$dir/out" 2>"$dir/err"
result "the example runs"
kill $pid
wait $pid 2>/dev/null
[ "$(awk '$1 >= 16 && $2 == "pages" && $3 ~ /^0x/' "$dir/out" | wc -l)" -eq 2 ]
result "it finds the pages of the buffer" || sed 's/^/# /' "$dir/out" "$dir/err"
"$dir/track" oracle $pid 2 >"$dir/out" 2>"$dir/err"
[ $? -eq 2 ] && grep -q "there is no such process" "$dir/err"
result "a process that has ended is refused" || sed 's/^/# /' "$dir/err"

finish
