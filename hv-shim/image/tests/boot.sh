#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Boots of the real stack: guests with programs, results, more than one guest and virtual processor,
# a shell, and a guest that hangs.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
need_bochs model
for need in xen/hypervisor/xen xen/image/xen; do
	[ -e "$build/$need" ] || skip_all "no $build/$need"
done
cd "$dir" || exit 99
mkdir tmp
TMPDIR=$dir/tmp
export TMPDIR

# A program for the guest, with its C library in it.
cat >hello.c <<'C'
#include <stdio.h>
int main(int argc, char **argv)
{
	printf("EPML-RESULT hello %s, %d\n", argv[1], argc);
	return 0;
}
C
cc -static -O1 -o hello hello.c || exit 99

# shellcheck disable=SC2016  # for the guest
"$epml" xen boot --guests 2 --vcpus 2 --file hello --command './hello "$(nproc) processors"
	cat /sys/hypervisor/type; [ "$(cat /sys/hypervisor/type)" = xen ]' >out 2>err
result "two guests with two virtual processors each" || sed 's/^/# /' err
[ "$(grep -c '^hello 2 processors, 2$' out)" -eq 2 ]
result "a program's result comes from each" || sed 's/^/# /' out
grep -q ' s  guest-kernel$' err && grep -q ' s  guest2: guest$' err && grep -q ' s  power-off$' err
result "phases"

# shellcheck disable=SC2016  # for the guest
printf 'grep -c ooh /proc/modules\necho "$((6 * 7))"\nexit\n' |
	"$epml" xen shell --stock-xen >out 2>err
result "a shell, on Debian's hypervisor" || sed 's/^/# /' err
tr -d '\r' <out | grep -q '^42$'
result "what it has printed"

"$epml" xen boot --command 'echo EPML-PHASE endless; while :; do :; done' --limit 20 >out 2>err
[ $? -eq 1 ] && grep -q 'no progress for 20 seconds in phase "endless"' err &&
	grep -q '^  (guest) EPML-PHASE endless$' err
result "a guest that hangs is reported" || sed 's/^/# /' err
[ "$(find tmp)" = tmp ]
result "no file is left"
finish
