/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest steps that are VMX instructions: VMREAD, VMWRITE and VMFUNC in VMX non-root operation
 * (SDM 3C, "VMX instruction reference"; rules VMACC-*).
 *
 * libepml has the Guest PML fields. All other fields are in the shadow VMCS, a table of its own:
 * how it lies in memory is up to the processor.
 */
#include "machine_priv.h"

#define NO_LINK_POINTER	UINT64_MAX
#define EPTP_LIST_SIZE	512

/* An instruction with its operands; value goes either way. */
struct access {
	bool write;
	uint64_t field;
	uint64_t value;
	uint64_t flags;		/* CF and ZF afterwards */
};

static void emit_access(struct machine *m, const struct access *a)
{
	emit(m, &(struct epml_event){
		.type = a->write ? EPML_EV_VMWRITE : EPML_EV_VMREAD,
		.field = a->field, .value = a->value });
}

static void fail_valid(struct machine *m, struct access *a, unsigned error)
{
	vmx_fail(m, error);
	a->flags = EPML_RFLAGS_ZF;
}

/* VMACC-2, VMACC-3: a field of the current VMCS needs no VMCS link pointer. */
static bool no_shadow_vmcs(const struct machine *m, const struct access *a)
{
	if (epml_gpml_enabled(&m->cpu.v) && epml_is_gpml_field(a->field))
		return false;
	return m->cpu.v.link_pointer == NO_LINK_POINTER;
}

/* A field of the shadow VMCS. */
static void access_shadow(struct machine *m, struct access *a)
{
	if (!vmcs_supported(a->field)) {
		fail_valid(m, a, EPML_VMERR_UNSUPPORTED_FIELD);
		emit(m, &(struct epml_event){
			.type = EPML_EV_VMFAIL, .field = a->field,
			.value = EPML_VMERR_UNSUPPORTED_FIELD });
		return;
	}
	if (a->write)
		vmcs_write(&m->shadow, a->field, a->value);
	else
		a->value = vmcs_read(&m->shadow, a->field);
	emit_access(m, a);
}

static enum outcome access_field(struct machine *m, struct access *a)
{
	unsigned error = 0;
	enum epml_insn result;

	result = a->write ? epml_guest_vmwrite(&m->cpu, a->field, a->value, &error) :
			    epml_guest_vmread(&m->cpu, a->field, &a->value, &error);
	switch (result) {
	case EPML_INSN_OK:
		return DONE;
	case EPML_INSN_SHADOW:
		access_shadow(m, a);
		return DONE;
	case EPML_INSN_VMFAIL:
		fail_valid(m, a, error);
		return DONE;
	case EPML_INSN_FAULT:
		m->trap_like = false;
		return EXITED;
	default:
		return vmx_exit(m, a->write ? EPML_REASON_VMWRITE : EPML_REASON_VMREAD, 0);
	}
}

/* What comes before a memory operand is looked at; VMfailInvalid leaves CF in a->flags. */
static enum outcome check(struct machine *m, struct access *a)
{
	if (epml_vmcs_access_exits(&m->cpu, a->field, a->write))	/* VMACC-1 */
		return vmx_exit(m, a->write ? EPML_REASON_VMWRITE : EPML_REASON_VMREAD, 0);
	if (m->guest.user)
		return fault_code(m, EPML_VECTOR_GP, 0);		/* VMACC-6 */
	a->flags = no_shadow_vmcs(m, a) ? EPML_RFLAGS_CF : 0;
	return DONE;
}

static enum outcome vmread(struct machine *m, const struct vi_step *s, bool memory)
{
	struct access a = { .field = memory ? s->b : s->a };
	struct operand op;
	enum outcome o = check(m, &a);

	if (o == DONE && !a.flags)
		o = access_field(m, &a);
	if (o == DONE && memory && !a.flags) {
		o = operand_translate(m, s->a, 8, EPML_ACCESS_WRITE, m->guest.user, &op);
		if (o == DONE)
			operand_set(m, &op, a.value);
	}
	if (o == DONE)
		step_result(m, memory || a.flags ? 0 : a.value, a.flags);
	return o;
}

static enum outcome vmwrite(struct machine *m, const struct vi_step *s, bool memory)
{
	struct access a = { .write = true, .field = memory ? s->b : s->a, .value = s->b };
	struct operand op;
	enum outcome o = check(m, &a);

	if (o == DONE && memory && !a.flags) {
		o = operand_translate(m, s->a, 8, EPML_ACCESS_READ, m->guest.user, &op);
		if (o == DONE)
			a.value = operand_value(m, &op);
	}
	if (o == DONE && !a.flags)
		o = access_field(m, &a);
	if (o == DONE)
		step_result(m, 0, a.flags);
	return o;
}

/* SDM 3C, "EPTP switching"; EPT-SW-1 */
static enum outcome switch_eptp(struct machine *m, uint64_t index)
{
	uint64_t list = vmcs_read(&m->vmcs, EPML_VMCS_EPTP_LIST_ADDRESS);
	uint64_t eptp;

	if (!(vmcs_read(&m->vmcs, EPML_VMCS_VM_FUNCTION_CONTROLS) & EPML_VMFUNC_EPTP_SWITCHING) ||
	    index >= EPTP_LIST_SIZE)
		return vmx_exit(m, EPML_REASON_VMFUNC, 0);
	eptp = mem_read(m, list + 8 * index, 8);
	if (!vmx_eptp_ok(m, eptp))
		return vmx_exit(m, EPML_REASON_VMFUNC, 0);
	m->cpu.v.eptp = eptp;
	m->cpu.v.eptp_index = index;
	walk_flush(m, false);
	return DONE;
}

enum outcome step_vmx(struct machine *m, const struct vi_step *s)
{
	switch (s->op) {
	case VI_VMREAD:
	case VI_VMREAD_MEM:
		return vmread(m, s, s->op == VI_VMREAD_MEM);
	case VI_VMWRITE:
	case VI_VMWRITE_MEM:
		return vmwrite(m, s, s->op == VI_VMWRITE_MEM);
	case VI_VMFUNC:
		if (!controls2(m, EPML_PROC2_ENABLE_VM_FUNCTIONS))
			return fault(m, EPML_VECTOR_UD);
		return switch_eptp(m, s->a);
	default:
		return vmx_exit(m, EPML_REASON_VMCALL, 0);
	}
}
