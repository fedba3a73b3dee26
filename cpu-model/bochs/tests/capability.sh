#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What the capability MSRs of the proposed processor report (rules CAP-*). The vectors' guest may
# read MSRs without a VM exit. Skipped without Bochs.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
need_bochs model

# Leaves the value of the MSR $1 in RAX.
cat >"$dir/read.S" <<'END'
#include <epml-guest.h>
	mov	$EPML_MSR, %ecx
	rdmsr
	shl	$32, %rdx
	or	%rdx, %rax
	ret
END

# The high and the low half of the MSR, in hexadecimal.
msr() {
	sed "s/\$EPML_MSR,/\$EPML_MSR_$1,/" "$dir/read.S" >"$dir/$1.S"
	"$epml" asm "$dir/$1.S" |
		sed -n 's/^ *rax \([0-9a-f]\{8\}\)\([0-9a-f]\{8\}\) .*/0x\1 0x\2/p'
}

value() {
	sed -n "s/^#define EPML_$1 *\(0x[0-9A-Fa-f]*\).*/\1/p" "$build/vmcs-spec/epml-spec.h"
}

# shellcheck disable=SC2046  # two words
set -- $(msr VMX_PROCBASED_CTLS3)
[ $# -eq 2 ] && [ $(($1)) -eq 1 ] && [ $(($2)) -eq 0 ]
result "CAP-1: IA32_VMX_PROCBASED_CTLS3 reports enable guest PML and no other control"
# shellcheck disable=SC2046
set -- $(msr VMX_PROCBASED_CTLS)
[ $# -eq 2 ] && [ $(($1 >> 17 & 1)) -eq 1 ]
result "CAP-1: activate tertiary controls may be 1"
# shellcheck disable=SC2046
set -- $(msr VMX_VMCS_ENUM)
[ $# -eq 2 ] && [ $(($2 >> 1 & 0x1FF)) -ge $(($(value VMCS_GUEST_PML_ADDRESS) >> 1 & 0x1FF)) ]
result "CAP-2: IA32_VMX_VMCS_ENUM counts the Guest PML fields"
# shellcheck disable=SC2046
set -- $(msr VMX_PROCBASED_CTLS2)
[ $# -eq 2 ] && [ $(($1 >> 23 & 1)) -eq 1 ]
result "sub-page write permissions may be 1"

finish
