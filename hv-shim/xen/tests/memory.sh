#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Xen's own log-dirty mode beside shadow PML and a pool of protected sub-pages, and two vCPUs at the
# same time, on Bochs. Then log-dirty mode without PML, where Xen protects pages from writes: those
# of the pool as well, for a reason of its own.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
need_bochs model
for need in xen/hypervisor/xen xen/image/vmlinux; do
	[ -e "$build/$need" ] || skip_all "no $build/$need"
done
tests=$top/hv-shim/xen/tests

# boot XEN-OPTIONS: the console goes to $dir/console.
boot() {
	echo "$1" >"$dir/xen-options"
	"$epml" xen boot --profile hardened --verbose --xen-cmdline "$1" \
		--dom0-script "$tests/memory.dom0" --dom0-file "$tests/guests.dom0" \
		--dom0-file "$tests/test.cfg" --dom0-file "$dir/xen-options" \
		--dom0-file "$build/hv-shim/xen/tests/ooh-guest" \
		--dom0-file "$build/hv-shim/xen/tests/log-dirty" >"$dir/all" 2>&1
	booted=$?
	tr -d '\r' <"$dir/all" >"$dir/console"
	[ $booted -eq 0 ]
	result "boot $1" || tail -n 20 "$dir/console" | sed 's/^/# /'
}

# guest ID "WHAT": all that this guest has tested is right, and it came to its end.
guest() {
	sed -n "s/.*(d$1) //p" "$dir/console" >"$dir/guest"
	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$dir/guest")
	[ -n "$plan" ] && [ "$(grep -c '^ok ' "$dir/guest")" -eq "$plan" ] &&
		! grep -q '^not ok' "$dir/guest"
	result "$2: ${plan:-no} tests" || grep -B 1 '^not ok' "$dir/guest" | sed 's/^/# /'
}

bitmap() {
	[ "$(grep -c 'MEMORY look .* is right' "$dir/console")" -eq 12 ]
	result "Xen's bitmap is right, $1" || grep 'log-dirty:' "$dir/console" | sed 's/^/# /'
}

no_complaint() {
	! grep -q 'Panic on CPU\|Assertion\|domain_crash' "$dir/console"
	result "Xen has nothing to complain of, $1"
}

boot ""
guest 1 "SPML and a pool in log-dirty mode"
bitmap "with PML"
guest 2 "two vCPUs"
no_complaint "with PML"

boot "ept=no-pml"
guest 1 "a pool in log-dirty mode without PML"
bitmap "without PML"
no_complaint "without PML"

finish
