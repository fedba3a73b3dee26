/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest steps: one instruction each, in VMX non-root operation.
 */
#include "machine_priv.h"

#define CR3_RESERVED	(~((1ull << MAXPHYADDR) - 1))
#define QUALIFICATION_CR3 3	/* MOV to CR3 from RAX */
#define IDT_ERROR	2u	/* error code: the selector index refers to the IDT */

void step_result(struct machine *m, uint64_t value, uint64_t flags)
{
	struct frame *f = top_frame(m);

	f->has_result = true;
	f->result = value;
	f->result_flags = flags;
}

static bool proc_control(const struct machine *m, uint32_t mask)
{
	return m->cpu.v.proc & mask;
}

static enum outcome invlpg(struct machine *m, uint64_t gva)
{
	if (proc_control(m, EPML_PROC_INVLPG_EXITING))
		return vmx_exit(m, EPML_REASON_INVLPG, gva);
	if (canonical(gva)) {
		tlb_invlpg(&m->data, gva);
		tlb_invlpg(&m->code, gva);
	}
	return DONE;
}

static enum outcome mov_cr3(struct machine *m, uint64_t value)
{
	if (proc_control(m, EPML_PROC_CR3_LOAD_EXITING))
		return vmx_exit(m, EPML_REASON_CR_ACCESS, QUALIFICATION_CR3);
	if (value & CR3_RESERVED)
		return fault_code(m, EPML_VECTOR_GP, 0);
	m->guest.cr3 = value;
	walk_flush(m, true);
	return DONE;
}

static enum outcome hlt(struct machine *m)
{
	if (proc_control(m, EPML_PROC_HLT_EXITING))
		return vmx_exit(m, EPML_REASON_HLT, 0);
	m->guest.halted = true;
	return DONE;
}

/* The gates of the IDT have DPL 3, so that INT n works at every CPL. */
static enum outcome int_n(struct machine *m, uint8_t vector)
{
	return event_deliver(m, &(struct event){
		.vector = vector, .type = EPML_EVENT_TYPE_SOFTWARE_INTERRUPT });
}

/* Instructions that need CPL 0; CLI and STI do, since IOPL is 0. */
static enum outcome privileged(struct machine *m, const struct vi_step *s)
{
	if (m->guest.user)
		return fault_code(m, EPML_VECTOR_GP, 0);
	switch (s->op) {
	case VI_INVLPG:
		return invlpg(m, s->a);
	case VI_MOV_CR3:
		return mov_cr3(m, s->a);
	case VI_HLT:
		return hlt(m);
	default:
		m->guest.interrupts = s->op == VI_STI;
		return DONE;
	}
}

enum outcome step_execute(struct machine *m, const struct vi_step *s)
{
	switch (s->op) {
	case VI_STORE: case VI_LOAD: case VI_RMW: case VI_LOCK_RMW: case VI_CMPXCHG:
	case VI_CMPXCHG16B: case VI_PUSH: case VI_STOS: case VI_MOVS:
		return step_memory(m, s);
	case VI_FXSAVE: case VI_XSAVE:
		return step_save_state(m, s);
	case VI_VMREAD: case VI_VMWRITE: case VI_VMREAD_MEM: case VI_VMWRITE_MEM:
	case VI_VMCALL: case VI_VMFUNC:
		return step_vmx(m, s);
	case VI_INVLPG: case VI_MOV_CR3: case VI_HLT: case VI_CLI: case VI_STI:
		return privileged(m, s);
	case VI_INT:
		return int_n(m, s->a);
	case VI_WRTPR:
		return vapic_wrmsr(m, EPML_MSR_X2APIC_TPR, (uint32_t)s->a);
	case VI_EOI:
		return vapic_wrmsr(m, EPML_MSR_X2APIC_EOI, 0);
	case VI_SELF_IPI:
		return vapic_wrmsr(m, EPML_MSR_X2APIC_SELF_IPI, (uint32_t)s->a);
	case VI_NOP:
		return DONE;
	case VI_CALL:
		m->why = "the model executes steps, not programs: run this vector on Bochs";
		return GAVE_UP;
	default:
		m->why = "a step has an operation that is not defined";
		return GAVE_UP;
	}
}
