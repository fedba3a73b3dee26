#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# ooh-test with all techniques in guests of Xen on Bochs, with one and two virtual processors. Takes
# long: "spml" looks up each page anew.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../../.." && pwd)}
. "$top/scripts/tap.sh"
need_bochs model
program=$build/guest-firmware/linux/lib/ooh-test
for need in "$build/xen/hypervisor/xen" "$build/xen/image/xen" "$program" \
	"$build/guest-firmware/linux/module/ooh.ko"; do
	[ -e "$need" ] || skip_all "no $need"
done

# boot VCPUS TECHNIQUE...
boot() {
	vcpus=$1
	shift
	"$epml" xen boot --vcpus "$vcpus" --limit 900 --file "$program" --keep "$dir/$vcpus" \
		--command "for technique in $*; do
			echo EPML-PHASE \$technique
			./ooh-test \$technique || exit
		done" >"$dir/out" 2>&1
	result "$vcpus virtual processors: $*" || {
		sed 's/^/# /' "$dir/out"
		grep -aE '\(guest\) (not ok|# )' "$dir/$vcpus/console"
	}
	tr -d '\r' <"$dir/$vcpus/console" | sed -n 's/^(guest) //p' >"$dir/guest"
	planned=$(sed -n 's/^1\.\.//p' "$dir/guest" | awk '{ n += $1 } END { print n + 0 }')
	[ "$(grep -c '^1\.\.' "$dir/guest")" -eq $# ] &&
		[ "$(grep -c '^ok ' "$dir/guest")" -eq "$planned" ]
	result "all $planned of them were run"
	! grep -aE 'BUG:|WARNING:|Oops|soft lockup|rcu.* stall' "$dir/$vcpus/console"
	result "the kernel has not complained"
}

boot 1 proc ufd ufd-async spml spml-indexed epml oracle
boot 2 spml-indexed epml
finish
