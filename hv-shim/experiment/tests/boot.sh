#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The experiment on the real stack at a small size, and a program of one's own: each technique
# reports exactly the pages that were written.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
need_bochs model
for need in xen/hypervisor/xen xen/image/xen; do
	[ -e "$build/$need" ] || skip_all "no $build/$need"
done
cd "$dir" || exit 99
techniques="proc ufd ufd-async spml spml-indexed epml oracle"

# rows PROFILE CONDITION: how many techniques of a profile have a row for which it holds.
rows() {
	awk -F, -v profile="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		NR > 1 && $at["profile"] == profile && $at["run"] != "alone" && ('"$2"') { n++ }
		END { print n + 0 }' run/result.csv
}

"$epml" xen run --sizes 1 --timing events -o run >out 2>err
result "an experiment in both profiles" || sed 's/^/# /' err
# shellcheck disable=SC2086  # words
for profile in published hardened; do
	[ "$(rows $profile '$at["outcome"] == "ok"')" -eq "$(echo $techniques | wc -w)" ]
	result "$profile: all techniques have run" || sed 's/^/# /' out
	[ "$(rows $profile '$at["dirty"] != 1415')" -eq 0 ]
	result "$profile: in each, Tracked has written 256 + 4 * 256 + 128 + 7 pages"
done
[ "$(rows hardened '$at["missed"] > 0')" -eq 0 ]
result "hardened: no technique has missed a page" || sed 's/^/# /' out
[ "$(rows published '$at["missed"] > 0 && $at["run"] != "epml"')" -eq 0 ]
result "published: no technique but epml may have missed a page" || sed 's/^/# /' out
[ "$(rows hardened '$at["run"] == "epml" && $at["guest_log_entries"] >= 1024')" -eq 1 ]
result "hardened: the processor has logged each page of the timed rounds"
[ "$(rows hardened '$at["run"] == "epml" && $at["self_ipis"] + $at["notifications"] > 0')" -eq 1 ]
result "hardened: it has notified the guest"

for i in 1 2; do
	"$epml" xen run --sizes 1 --timing events --techniques epml --profile hardened \
		-o again$i >/dev/null 2>err || cat err
done
cmp again1/hardened.lines again2/hardened.lines &&
	cmp again1/hardened.timing.json again2/hardened.timing.json
result "two runs are the same, to the cycle"

cat >program.c <<'C'
#include <stdlib.h>
#include <string.h>
#include <time.h>
int main(void)
{
	static char memory[64 * 4096];
	const struct timespec pause = { .tv_nsec = 30000000 };

	for (int i = 1; i <= 20; i++) {
		memset(memory, i, sizeof(memory));
		nanosleep(&pause, NULL);
	}
	return 0;
}
C
cc -O1 -o program program.c || exit 99
"$epml" xen run --techniques epml --profile hardened -- ./program >out 2>err
result "a program of one's own is tracked, and nothing is missed" || sed 's/^/# /' out err
finish
