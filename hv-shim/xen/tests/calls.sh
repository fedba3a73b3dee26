#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The calls in the hypervisor, made by guests without an operating system (tests/guest) on Bochs: on
# a processor of each profile. With the hardened one also guests without permission, guests that are
# destroyed while they log (again and again), two at a time, and saving one.
#
# EPML_ROUNDS=N: so often a guest is destroyed and created (default: 3).
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
. "$top/hv-shim/xen/tests/guests.sh"
rounds=${EPML_ROUNDS:-3}
echo "$rounds" >"$dir/rounds"

# says "WHAT" TEXT: dom0 has printed this.
says() {
	grep -q "CALLS $2" "$dir/console"
	result "$1"
}

boot "hardened" "$tests/calls.dom0" --profile hardened --dom0-file "$dir/rounds"
guest 1 "calls"
guest 2 "a guest without permission"
guest 3 "a guest with nested virtualization"
says "destroyed $rounds times" "destroyed $rounds\$"
says "no memory is lost" "memory is free again"
says "two guests log at the same time" "guests at the same time: 2"
says "a guest that logs is not saved" "save: .* busy"
[ "$(grep -c 'CALLS list: ' "$dir/console")" -eq 2 ] &&
	grep -q 'CALLS list: Domain-0' "$dir/console"
result "only dom0 is left"
no_complaint "hardened"

cat >"$dir/published.dom0" <<'END'
. /job/guests.dom0
config test "" 'ioports = [ "4f6" ]'
finish test
END
boot "published" "$dir/published.dom0" --profile published
guest 1 "calls, published"
no_complaint "published"

finish
