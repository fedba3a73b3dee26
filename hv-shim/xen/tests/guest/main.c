/* SPDX-License-Identifier: BSD-2-Clause */
/* What the guest does: the word on its command line tells. */
#include "guest.h"

#define ENOSYS	38

void guest_main(void);

static bool starts_with(const char *text, const char *start)
{
	while (*start)
		if (*text++ != *start++)
			return false;
	return true;
}

/* Everything in use, until somebody destroys the domain. */
static void __attribute__((noreturn)) work_for_ever(void)
{
	unsigned int i;

	check_result("a ring", vmcall(OOH_OP_RING, RING_GPA, 16 * 4096, 0), 0);
	check_result("EPML", vmcall(OOH_OP_EPML_ENABLE, LOG_GPA, 0x40 | 0xffffu << 16, 0), 0);
	check_result("SPML", vmcall(OOH_OP_SPML_ENABLE, 0, 0, 0), 0);
	check_result("SPML_START", vmcall(OOH_OP_SPML_START, 0, 0, 0), 0);
	check_result("SPP_SET", vmcall(OOH_OP_SPP_SET, POOL_GPA, 512, 8), 0);
	print("working\n");
	for (i = 0;; i++) {
		rearm(i % TEST_PAGES);
		*test_page(i % TEST_PAGES) = i;
		if (i % TEST_PAGES == 0)	/* dom0 may have the same processor */
			xen_call(HYPERCALL_SCHED_OP, SCHEDOP_YIELD, 0);
	}
}

/* No permission: nothing is there, whatever is asked. */
static void test_nothing(void)
{
	unsigned int op;
	bool none = true;

	for (op = 0; op < OOH_OPS; op++)
		none = none && vmcall(op, RING_GPA, 16 * 4096, 0) == -ENOSYS;
	check("without permission no operation exists", none);
}

void guest_main(void)
{
	set_up();
	if (starts_with(command_line(), "nothing")) {
		test_nothing();
	} else if (starts_with(command_line(), "work")) {
		work_for_ever();
	} else if (starts_with(command_line(), "memory")) {
		test_spml();
		test_spp();
	} else if (starts_with(command_line(), "both")) {
		test_both();
	} else if (starts_with(command_line(), "two")) {
		test_two();
	} else {
		test_calls();
		test_ring();
		if (vmcall(OOH_OP_QUERY, 0, 0, 0) & OOH_CAP_EPT_DIRTY) {
			test_published();
		} else {
			test_epml();
			test_hostile_log();
		}
		test_spml();
		test_spp();
	}
	print("1..");
	print_number(tests);
	print("\n");
	power_off();
}
