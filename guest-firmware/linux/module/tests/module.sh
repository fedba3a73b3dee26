#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The OoH Module in a guest of Xen on Bochs: ooh-module-test on a processor of each profile.
# With "long" as argument: with two virtual processors instead, which takes some minutes to boot.
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
	! grep -aE '^\(guest\) .*(BUG:|WARNING:|Oops|rcu.*stall)' "$dir/$name/console"
	result "$name: the kernel has not complained"
}

if [ "${1:-}" = long ]; then
	boot two "life pages storage" --vcpus 2 --limit 1200
else
	boot hardened "" --profile hardened
	boot published "" --profile published
fi
finish
