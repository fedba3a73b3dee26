/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ROM that executes micro-operations, so that the timing model can count what each costs.
 *
 * It shares the way from the reset vector to VMX operation with the ROM of the vectors; its own
 * parts are
 *
 *	micro_ops.h	the list of operations
 *	main.c		this: each of them, twice, the second time measured
 *	world.c		paging structures, EPT, SPP table, VMCS, and their state before an operation
 *	root_ops.c	operations in VMX root operation, where there is no EPT
 *	guest_ops.c	operations in VMX non-root operation
 *	hypervisor.c	VM entries and exits
 *	handlers.c, stubs.S  page fault, #VE and notification
 *	tracker.c	a program and its tracker, for the formulas
 *
 * An operation is a loop between two marks. The first run of it brings code and tables into the
 * caches; before both, dirty flags, permissions and logs are made what the operation needs, and all
 * translations are dropped. If an operation does not cause the VM exits that it must, the ROM
 * says so instead of ending as it should: a count that means something else is no result.
 */
#include "micro.h"

struct run run;			/* of vectors; vmx.c and report.c look at it */
struct micro micro;

void rom_main(void);

struct op {
	bool guest;
	uint16_t n, exits, prepare;
};

#define ROOT	false
#define GUEST	true

static const struct op ops[] = {
#define MICRO_OP(ID, where, baseline, n, exits, prepare) \
	[MICRO_##ID] = { where, n, exits, prepare },
	MICRO_OPS(MICRO_OP)
#undef MICRO_OP
};

static void run_op(unsigned op, unsigned number)
{
	world_prepare(ops[op].prepare);
	if (ops[op].guest)
		hypervisor_run(op, number);
	else
		root_op(op, number);
}

static void check_exits(unsigned op)
{
	const uint64_t line[3] = { op, micro.exits, ops[op].exits };

	if (!ops[op].guest || ops[op].exits == MICRO_VARIES || micro.exits == ops[op].exits)
		return;
	report_line('E', 3, line);
	report_text("an operation caused a number of VM exits that it should not");
	rom_shutdown();
}

/** Called by reset.S in long mode. */
void rom_main(void)
{
	const uint64_t count = MICRO_END;
	unsigned op;

	tables_init();
	outb(0x21, 0xFF);		/* no interrupts but virtual ones */
	outb(0xA1, 0xFF);
	vmx_init();
	world_init();
	for (op = MICRO_NONE + 1; op < MICRO_OPS_END; op++) {
		run_op(op, 0);
		run_op(op, op);
		check_exits(op);
	}
	world_prepare(0);
	hypervisor_run(MICRO_ALONE, 0);
	world_prepare(0);
	hypervisor_run(MICRO_ALONE, MICRO_ALONE);
	report_line('Z', 1, &count);
	rom_shutdown();
}
