/* SPDX-License-Identifier: BSD-2-Clause */
/* Host steps: what a vector does in VMX root operation. */
#include "cpu.h"
#include "rom.h"

/* Execute the host step @p s. Returns whether it has a result, in *value and *flags. */
static bool execute(const struct vi_step *s, uint64_t *value, uint64_t *flags)
{
	*value = 0;
	*flags = 0;
	switch (s->op) {
	case VI_H_POKE:
		memory_write(s->a, s->size, s->b);
		return false;
	case VI_H_PEEK:
		*value = memory_read(s->a, s->size);
		return true;
	case VI_H_INVEPT:
		*flags = invept(s->a, s->b);
		return true;
	case VI_H_INVVPID:
		*flags = invvpid(s->a, s->b, s->c);
		return true;
	case VI_H_VMREAD:
		*flags = vmread_flags(s->a, value);
		return true;
	case VI_H_VMWRITE:
		*flags = vmwrite(s->a, s->b);
		return true;
	case VI_H_VMCLEAR:
		vmcs_clear();
		return false;
	default:
		return false;
	}
}

/**
 * Run the host steps from run.next on; run.next is moved behind them.
 * @return	why they ended
 */
enum host_end host_steps(void)
{
	uint64_t line[3];
	uint32_t i;

	for (;;) {
		i = run_main_step(run.next);
		run.next = i;
		if (i == run.n_steps || steps[i].op == VI_END)
			return HOST_DONE;
		if (steps[i].op <= VI_GUEST_LAST)
			return HOST_NEXT;
		run.cur = i;
		run.next = i + 1;
		if (steps[i].op == VI_H_RESUME)
			return HOST_RESUME;
		if (steps[i].op == VI_H_SKIP)
			return HOST_NEXT;
		line[0] = i;
		if (execute(&steps[i], &line[1], &line[2]))
			report_counted('r', 3, line);
	}
}
