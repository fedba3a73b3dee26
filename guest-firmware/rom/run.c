/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of one vector, seen from VMX root operation. */
#include "cpu.h"
#include "rom.h"

/**
 * Index of the first step of the main sequence at or after step @p i, or run.n_steps. Used in
 * root and non-root operation.
 */
uint32_t run_main_step(uint32_t i)
{
	while (i < run.n_steps && steps[i].handler)
		i++;
	return i;
}

static void copy_steps(const struct vi_step *s, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		steps[i] = s[i];
}

static void run_init(const struct vi_vector *v, const struct vi_step *s)
{
	unsigned i;

	run.n_steps = v->n_steps;
	run.cur = 0;
	run.next = 0;
	run.flags = v->flags;
	run.limit = v->limit;
	run.lines = 0;
	run.depth = 0;
	run.n_records = 0;
	run.writable = 0;
	copy_steps(s, v->n_steps);
	for (i = 0; i < R_COUNT; i++)
		user_regs[i] = vmx_regs[i] = 0;
	user_regs[R_RIP] = VI_NO_RIP;
}

/* Enter the guest anew, at the step of the main sequence that comes next. */
static void restart_guest(void)
{
	vmcs_restart_guest();
	op_context = 0;
	event_stack = ALIAS(handler_stack_top);
	run.depth = 0;
	run.cur = run_main_step(run.next);
}

/* A program of the vector did not return: its registers are those of the VM exit. */
static void keep_user_regs(void)
{
	unsigned i;

	if (run.depth || steps[run.cur].op != VI_CALL)
		return;
	for (i = 0; i < R_RIP; i++)
		user_regs[i] = vmx_regs[i];
	user_regs[R_RSP] = vmread(EPML_VMCS_GUEST_RSP);
	user_regs[R_RIP] = vmread(EPML_VMCS_GUEST_RIP);
	user_regs[R_RFLAGS] = vmread(EPML_VMCS_GUEST_RFLAGS);
}

static bool report_exit(void)
{
	uint64_t v[9] = {
		run.cur,
		vmread(EPML_VMCS_EXIT_REASON),
		vmread(EPML_VMCS_EXIT_QUALIFICATION),
		vmread(EPML_VMCS_GUEST_PHYSICAL_ADDRESS),
		vmread(EPML_VMCS_GUEST_LINEAR_ADDRESS),
		vmread(EPML_VMCS_EXIT_INTERRUPTION_INFO),
		vmread(EPML_VMCS_EXIT_INTERRUPTION_ERROR_CODE),
		vmread(EPML_VMCS_IDT_VECTORING_INFO),
		vmread(EPML_VMCS_IDT_VECTORING_ERROR_CODE),
	};

	keep_user_regs();
	return report_counted('x', 9, v);
}

/* The guest called the root. Returns whether it shall run on. */
static bool handle_call(uint64_t call)
{
	switch (call) {
	case CALL_END:
		return false;
	case CALL_HOST:
		if (host_steps() == HOST_DONE)
			return false;
		restart_guest();
		return true;
	case CALL_REPORTS:
		report_text("too many reports");
		return false;
	case CALL_NESTING:
		report_text("event handlers nest too deeply");
		return false;
	default:
		report_text("a step has an operation or size that the ROM does not have");
		return false;
	}
}

/* Report a VM exit and let host steps deal with it. Returns whether the guest shall run on. */
static bool handle_exit(void)
{
	uint32_t cur = run.cur, i;

	if ((run.flags & VI_F_ONE_WRITABLE) && let_write())
		return true;
	if (!report_exit())
		return false;
	i = run_main_step(run.next);
	if (i == run.n_steps || steps[i].op <= VI_GUEST_LAST)
		return false;
	if (vmread(EPML_VMCS_EXIT_REASON) == EPML_REASON_PREEMPTION_TIMER)
		vmcs_set_timer();		/* it has run out */
	switch (host_steps()) {
	case HOST_RESUME:
		run.cur = cur;
		vmcs_reinject();
		return true;
	case HOST_NEXT:
		restart_guest();
		return true;
	default:
		return false;
	}
}

static bool is_call(void)
{
	return vmread(EPML_VMCS_EXIT_REASON) == EPML_REASON_VMCALL &&
	       vmx_regs[R_RAX] > CALL_MAGIC && vmx_regs[R_RAX] <= CALL_MAGIC + CALL_BAD_STEP;
}

static void report_entry_error(unsigned fail)
{
	uint64_t error = fail == 2 ? vmread(EPML_VMCS_VM_INSTRUCTION_ERROR) : 0xFFFF;

	report_line('n', 1, &error);
}

/* Enter the guest once. Returns whether it shall be entered again. */
static bool enter(void)
{
	unsigned fail = vmx_enter(vmcs_launched);

	report_records();
	if (fail) {
		report_entry_error(fail);
		return false;
	}
	if (!(vmread(EPML_VMCS_EXIT_REASON) & EPML_EXIT_ENTRY_FAILURE))
		vmcs_launched = true;
	return is_call() ? handle_call(vmx_regs[R_RAX] - CALL_MAGIC) : handle_exit();
}

static void report_fields(const struct vi_field *f, uint32_t n)
{
	uint64_t line[2];
	uint32_t i;

	for (i = 0; i < n; i++) {
		line[0] = f[i].field;
		if (!vmread_flags(f[i].field, &line[1]))
			report_line('f', 2, line);
	}
}

static void report_user_regs(void)
{
	unsigned i;

	for (i = 0; i < R_COUNT; i++)
		report_register(i, user_regs[i]);
}

/* The guest from the first VM entry to the end of the vector. */
static void run_steps(void)
{
	/* Host steps at the beginning run before the first VM entry. */
	if (host_steps() == HOST_DONE)
		return;
	restart_guest();
	while (enter())
		;
}

/**
 * Execute one vector and report it.
 * @param v	vector in the image
 * @param a	its arrays
 */
void run_vector(const struct vi_vector *v, const struct arrays *a)
{
	uint64_t index = v->index;

	report_line('V', 1, &index);
	memory_load(v, a);
	run_init(v, a->steps);
	tables_set_ist(v->ist ? v->ist : ALIAS(ist_stack_top));
	vmcs_init(v, a->fields);
	if (vmx_offers(a->fields, v->n_fields))
		run_steps();
	if (v->flags & VI_F_REGS)
		report_user_regs();
	report_fields(a->dump_fields, v->n_dump_fields);
	memory_report(v, a);
	report_line('z', 1, &index);
}
