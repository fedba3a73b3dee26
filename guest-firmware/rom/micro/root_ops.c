/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations in VMX root operation. Each is a loop between two marks, as short as it can be. */
#include "micro.h"
#include "repeat.h"

/** Execute an operation. @param number phase in which it is counted */
void root_op(unsigned op, unsigned number)
{
	uint64_t value;

	switch (op) {
	case MICRO_LOOP:
		REPEAT(number, MICRO_REPEATS, );
		break;
	case MICRO_LOAD_2M:
		loads(number, LARGE_HPA);
		break;
	case MICRO_WALK:
		loads(number, PAGES_LIN);
		break;
	case MICRO_INVLPG:
		REPEAT(number, MICRO_PAGES, invlpg(PAGES_LIN + word_in(i)));
		break;
	case MICRO_WALK_COLD:
		REPEAT(number, MICRO_PAGES, invlpg(PAGES_LIN + word_in(i));
		       load(PAGES_LIN + word_in(i)));
		break;
	case MICRO_FAULT:
	case MICRO_FAULT_ZERO:
	case MICRO_PROTECT:
		micro.op = op;
		REPEAT(number, MICRO_PAGES, store(PAGES_LIN + word_in(i)));
		break;
	case MICRO_CR3:
		value = read_cr3();
		REPEAT(number, MICRO_REPEATS, write_cr3(value));
		break;
	case MICRO_VMREAD:
		REPEAT(number, MICRO_REPEATS, vmread_flags(EPML_VMCS_GUEST_CR3, &value));
		break;
	case MICRO_VMWRITE:
		REPEAT(number, MICRO_REPEATS, vmwrite(EPML_VMCS_GUEST_CR3, ROM_PAGING));
		break;
	case MICRO_INVEPT:
		REPEAT(number, MICRO_REPEATS, invept(EPML_INVEPT_SINGLE, EPTP));
		break;
	case MICRO_INVVPID:
		REPEAT(number, MICRO_REPEATS, invvpid(EPML_INVVPID_SINGLE, VPID, 0));
		break;
	default:
		report_text("an operation that is not one of VMX root operation");
		rom_shutdown();
	}
}
