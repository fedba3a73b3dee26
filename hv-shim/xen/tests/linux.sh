#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Linux guests that track with EPML and SPML, on two virtual processors each: two at the same time,
# while dom0 turns Xen's log-dirty mode on and off, and beside a guest that is destroyed while it
# tracks. ooh-bench compares what is collected with what was written, page by page.
#
# EPML_ROUNDS=N: so often a guest is destroyed (default: 2).
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
. "$top/hv-shim/xen/tests/guests.sh"
bench=$build/guest-firmware/linux/bench/ooh-bench
for need in "$build/guest-firmware/linux/module/ooh.ko" "$bench"; do
	[ -e "$need" ] || skip_all "no $need"
done
rounds=${EPML_ROUNDS:-2}
echo "$rounds" >"$dir/rounds"

# part PHASE: what follows is about this part of the console.
part() {
	awk -v phase="EPML-PHASE $1" '/^EPML-PHASE/ { on = $0 == phase } on' "$dir/console" \
		>"$dir/part"
}

# exact "WHAT" GUEST TECHNIQUE [N]: it has tracked N times (default: 1), pages were written and
# exactly those were reported.
exact() {
	grep "^($2) EPML-RESULT {\"run\": \"$3\"" "$dir/part" >"$dir/runs"
	[ "$(grep -c '"outcome": "ok".*"dirty": [1-9].*"missed": 0, "spurious": 0,' "$dir/runs")" \
		-eq "${4:-1}" ] && [ "$(wc -l <"$dir/runs")" -eq "${4:-1}" ]
	result "$1: $2, $3" || sed 's/^/# /' "$dir/runs"
}

# line GUEST RUN: where in this part of the console its result is.
line() {
	grep -n "^($1) EPML-RESULT {\"run\": \"$2\"" "$dir/part" | cut -d: -f1
}

# at_once: each guest has begun to track before the other has ended.
at_once() {
	[ "$(line one alone)" -lt "$(line two end)" ] &&
		[ "$(line two alone)" -lt "$(line one end)" ]
}

# shellcheck disable=SC2016  # for the guests
job='while echo ready; read -r options && [ "$options" != end ]; do
	./ooh-bench $options || exit
done'
boot "hardened" "$tests/linux.dom0" --profile hardened --dom0-file "$dir/rounds" --guests 2 \
	--vcpus 2 --file "$bench" --command "$job"

part two-guests
exact "two guests" one epml
exact "two guests" one spml
exact "two guests" two epml
exact "two guests" two spml
at_once
result "they tracked at the same time"

part two-guests-free
exact "two guests, collected while they write" one epml
exact "two guests, collected while they write" one spml-indexed
exact "two guests, collected while they write" two epml
exact "two guests, collected while they write" two spml-indexed
at_once
result "they tracked at the same time"

part log-dirty
exact "log-dirty mode on and off" one epml
exact "log-dirty mode on and off" one spml
exact "log-dirty mode on and off" one spml-indexed
sed -n 's/^log-dirty: .* \([0-9]*\) in all$/\1/p' "$dir/part" >"$dir/looks"
looks=$(wc -l <"$dir/looks")
found=$(awk '$1 >= 256' "$dir/looks" | wc -l)
[ "$found" -ge 3 ]
result "Xen has found all pages of the array too, $found times of $looks"

part destroyed
exact "beside a guest that is destroyed" one epml "$rounds"
exact "beside a guest that is destroyed" one spml-indexed "$rounds"
grep -q "^LINUX destroyed $rounds\$" "$dir/part"
result "destroyed $rounds times while it tracked"
grep -q '^LINUX memory is free again$' "$dir/part"
result "no memory is lost"
[ "$(grep -c '^LINUX list: ' "$dir/part")" -eq 2 ] && grep -q '^LINUX list: Domain-0' "$dir/part"
result "only dom0 is left"
no_complaint "with Linux guests"
! grep -E '\((one|two)\).*(BUG:|WARNING:|Oops|soft lockup|rcu.* stall)' "$dir/console"
result "no kernel has complained"

finish
