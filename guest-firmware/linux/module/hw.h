/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instructions by which the module talks to the hypervisor and to the processor.
 */
#ifndef OOH_HW_H
#define OOH_HW_H

#include <linux/types.h>
#include <asm/asm.h>

#include "ooh_call.h"

/* An OoH call: 0 or a positive value, or the negative of an error number. */
static inline long ooh_call(unsigned int op, u64 rdi, u64 rsi, u64 rdx)
{
	long result;

	asm volatile("vmcall"
		     : "=a"(result)
		     : "a"((u64)OOH_CALL + op), "D"(rdi), "S"(rsi), "d"(rdx)
		     : "memory");
	return result;
}

/*
 * Both accesses return false if the field is not to be had: when the hypervisor has turned logging
 * off behind the guest's back, they fail or cause #UD.
 */
static inline bool ooh_vmread(u32 field, u64 *value)
{
	bool failed = true;

	asm volatile("1: vmread %[field], %[value]\n\t"
		     "setna %[failed]\n"
		     "2:\n" _ASM_EXTABLE(1b, 2b)
		     : [value] "=&r"(*value), [failed] "+r"(failed)
		     : [field] "r"((u64)field)
		     : "cc", "memory");
	return !failed;
}

static inline bool ooh_vmwrite(u32 field, u64 value)
{
	bool failed = true;

	asm volatile("1: vmwrite %[value], %[field]\n\t"
		     "setna %[failed]\n"
		     "2:\n" _ASM_EXTABLE(1b, 2b)
		     : [failed] "+r"(failed)
		     : [field] "r"((u64)field), [value] "r"(value)
		     : "cc", "memory");
	return !failed;
}

#endif
