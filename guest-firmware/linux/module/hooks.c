// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scheduler's hooks: which address space runs on this processor, and when a process ends. They
 * are tracepoints, registered only while something is tracked.
 */
#define pr_fmt(fmt) "ooh: " fmt

#include <linux/binfmts.h>
#include <linux/mm_types.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "module.h"

/* Interrupts are off; the address space that goes is still loaded, but is not written to. */
static void on_switch(void *data, bool preempt, struct task_struct *prev, struct task_struct *next,
		      unsigned int prev_state)
{
	ooh_cpu_switch(next->mm);
}

/*
 * From here on a program is executed: the task gets another address space, without a switch. What
 * it writes to the old one until then is nobody's data any more.
 */
static void on_prepare_exec(void *data, struct task_struct *task, struct linux_binprm *bprm)
{
	unsigned long flags;

	local_irq_save(flags);
	ooh_cpu_switch(NULL);
	local_irq_restore(flags);
}

static void on_exec(void *data, struct task_struct *task, pid_t old, struct linux_binprm *bprm)
{
	ooh_targets_ended(task_tgid(task), 2);
}

/* Of each thread; the last one ends the process. */
static void on_exit(void *data, struct task_struct *task)
{
	if (!atomic_read(&task->signal->live))
		ooh_targets_ended(task_tgid(task), 1);
}

static struct {
	const char *name;
	void *probe;
	struct tracepoint *tracepoint;
} hooks[] = {
	{"sched_switch", on_switch},
	{"sched_prepare_exec", on_prepare_exec},
	{"sched_process_exec", on_exec},
	{"sched_process_exit", on_exit},
};

static unsigned int users;

static void look_up(struct tracepoint *tracepoint, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (!strcmp(tracepoint->name, hooks[i].name))
			hooks[i].tracepoint = tracepoint;
	}
}

int ooh_hooks_init(void)
{
	int i;

	for_each_kernel_tracepoint(look_up, NULL);
	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (!hooks[i].tracepoint) {
			pr_err("this kernel has no tracepoint %s\n", hooks[i].name);
			return -ENODEV;
		}
	}
	return 0;
}

static void unregister(int n)
{
	while (n--)
		tracepoint_probe_unregister(hooks[n].tracepoint, hooks[n].probe, NULL);
	tracepoint_synchronize_unregister();
}

/* Call both with ooh_mutex held. */
int ooh_hooks_on(void)
{
	int i, error;

	if (users++)
		return 0;
	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		error = tracepoint_probe_register(hooks[i].tracepoint, hooks[i].probe, NULL);
		if (error) {
			unregister(i);
			users--;
			return error;
		}
	}
	return 0;
}

void ooh_hooks_off(void)
{
	if (!--users)
		unregister(ARRAY_SIZE(hooks));
}
