#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Xen's own log-dirty mode beside shadow PML and a pool of protected sub-pages, and two vCPUs at the
# same time, on Bochs. Then log-dirty mode without PML, where Xen protects pages from writes: those
# of the pool as well, for a reason of its own.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
. "$top/hv-shim/xen/tests/guests.sh"

# boot_memory XEN-OPTIONS
boot_memory() {
	echo "$1" >"$dir/xen-options"
	boot "$1" "$tests/memory.dom0" --profile hardened --xen-cmdline "$1" \
		--dom0-file "$dir/xen-options"
}

bitmap() {
	[ "$(grep -c 'MEMORY look .* is right' "$dir/console")" -eq 12 ]
	result "Xen's bitmap is right, $1" || grep 'log-dirty:' "$dir/console" | sed 's/^/# /'
}

boot_memory ""
guest 1 "SPML and a pool in log-dirty mode"
bitmap "with PML"
guest 2 "two vCPUs"
no_complaint "with PML"

boot_memory "ept=no-pml"
guest 1 "a pool in log-dirty mode without PML"
bitmap "without PML"
no_complaint "without PML"

finish
