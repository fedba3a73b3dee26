# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# shellcheck disable=SC2154  # variables of tap.sh
#
# Boots with test guests (tests/guest), as tests need them; to be sourced after tap.sh.

need_bochs model
for need in xen/hypervisor/xen xen/image/vmlinux; do
	[ -e "$build/$need" ] || skip_all "no $build/$need"
done
tests=$top/hv-shim/xen/tests

# boot "WHAT" DOM0-SCRIPT EPML-XEN-OPTION...: the console goes to $dir/console.
boot() {
	boot_what=$1
	boot_script=$2
	shift 2
	"$epml" xen boot --verbose --dom0-script "$boot_script" "$@" \
		--dom0-file "$tests/guests.dom0" --dom0-file "$tests/test.cfg" \
		--dom0-file "$build/hv-shim/xen/tests/ooh-guest" \
		--dom0-file "$build/hv-shim/xen/tests/log-dirty" >"$dir/all" 2>&1
	boot_status=$?
	tr -d '\r' <"$dir/all" >"$dir/console"
	[ $boot_status -eq 0 ]
	result "boot $boot_what" || tail -n 20 "$dir/console" | sed 's/^/# /'
}

# guest ID "WHAT": all that this guest has tested is right, and it came to its end.
guest() {
	sed -n "s/.*(d$1) //p" "$dir/console" >"$dir/guest"
	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$dir/guest")
	[ -n "$plan" ] && [ "$(grep -c '^ok ' "$dir/guest")" -eq "$plan" ] &&
		! grep -q '^not ok' "$dir/guest"
	result "$2: ${plan:-no} tests" || grep -B 1 '^not ok' "$dir/guest" | sed 's/^/# /'
}

no_complaint() {
	! grep -q 'Panic on CPU\|Assertion\|domain_crash' "$dir/console"
	result "Xen has nothing to complain of, $1"
}
