#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The OoH Module in a guest of Xen on Bochs: ooh-module-test with one and two virtual processors,
# and on a processor of the profile "published".
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../../.." && pwd)}
. "$top/scripts/tap.sh"
need_bochs model
module=$build/guest-firmware/linux/module
for need in "$build/xen/hypervisor/xen" "$build/xen/image/xen" "$module/ooh.ko"; do
	[ -e "$need" ] || skip_all "no $need"
done

# boot NAME GROUPS OPTION...
boot() {
	name=$1 groups=$2
	shift 2
	set -- --guest-memory 256 --keep "$dir/$name" "$@"
	for file in ooh-module-test irqsoff.ko brd.ko minix.ko; do
		set -- --file "$module/$file" "$@"
	done
	"$epml" xen boot --command "ooh-module-test $groups" "$@" >"$dir/out" 2>&1
	result "$name: the guest's tests" || {
		sed 's/^/# /' "$dir/out"
		grep -aE '\(guest\) (not ok|# |Bail)' "$dir/$name/console"
	}
	tests=$(grep -ac '^(guest) ok ' "$dir/$name/console")
	[ "$(grep -a '^(guest) 1\.\.' "$dir/$name/console" | tr -d '\r')" = "(guest) 1..$tests" ]
	result "$name: all $tests of them were run"
	! grep -aE 'BUG:|WARNING:|Oops|RCU stall' "$dir/$name/console"
	result "$name: the kernel has not complained"
}

boot one ""
boot two "life pages" --vcpus 2
boot published "" --profile published
finish
