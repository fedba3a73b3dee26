/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host steps: what the hypervisor does in VMX root operation between a VM exit and the next VM
 * entry. Translations need no care here, since every entry and exit drops them all.
 */
#include "machine_priv.h"

static void succeed_or_fail(struct machine *m, uint64_t value, unsigned error)
{
	if (error)
		vmx_fail(m, error);
	report_result(m, value, error ? EPML_RFLAGS_ZF : 0);
}

static unsigned invept_error(struct machine *m, const struct vi_step *s)
{
	if (s->a == EPML_INVEPT_ALL || (s->a == EPML_INVEPT_SINGLE && vmx_eptp_ok(m, s->b)))
		return 0;
	return EPML_VMERR_INVALID_INV_OPERAND;
}

static unsigned invvpid_error(const struct vi_step *s)
{
	if (s->a > EPML_INVVPID_RETAIN_GLOBALS || s->b > 0xFFFF ||
	    (s->a != EPML_INVVPID_ALL && !s->b) ||
	    (s->a == EPML_INVVPID_ADDRESS && !canonical(s->c)))
		return EPML_VMERR_INVALID_INV_OPERAND;
	return 0;
}

static void host_vmread(struct machine *m, uint64_t field)
{
	if (vmcs_supported(field))
		succeed_or_fail(m, vmcs_read(&m->vmcs, field), 0);
	else
		succeed_or_fail(m, 0, EPML_VMERR_UNSUPPORTED_FIELD);
}

static void host_vmwrite(struct machine *m, uint64_t field, uint64_t value)
{
	if (!vmcs_supported(field)) {
		succeed_or_fail(m, 0, EPML_VMERR_UNSUPPORTED_FIELD);
		return;
	}
	vmcs_write(&m->vmcs, field, value);
	succeed_or_fail(m, 0, 0);
}

static void execute(struct machine *m, const struct vi_step *s)
{
	switch (s->op) {
	case VI_H_POKE:
		mem_write(m, s->a, s->size, s->b);
		break;
	case VI_H_PEEK:
		report_result(m, mem_read(m, s->a, s->size), 0);
		break;
	case VI_H_INVEPT:
		succeed_or_fail(m, 0, invept_error(m, s));
		break;
	case VI_H_INVVPID:
		succeed_or_fail(m, 0, invvpid_error(s));
		break;
	case VI_H_VMREAD:
		host_vmread(m, s->a);
		break;
	case VI_H_VMWRITE:
		host_vmwrite(m, s->a, s->b);
		break;
	default:		/* VMCLEAR and VMPTRLD: the fields survive. STATE-4 */
		break;
	}
}

bool host_step(const struct vi_step *s)
{
	return s->op > VI_GUEST_LAST;
}

/* The interrupted step runs again, unless the VM exit came after its instruction. */
static void resume(struct machine *m)
{
	if (m->trap_like)
		top_frame(m)->busy = false;
	m->trap_like = false;
}

/* The guest goes on with the main sequence's next step; active handlers are abandoned. */
static void skip(struct machine *m)
{
	struct frame *f = &m->guest.frame[0];
	const struct vi_step *s = next_step(m, f);
	uint64_t rflags = EPML_RFLAGS_FIXED | (f->interrupts ? EPML_RFLAGS_IF : 0);

	if (m->guest.depth) {
		m->guest.user = f->user;
		vmcs_write(&m->vmcs, EPML_VMCS_GUEST_RFLAGS, rflags);
	}
	m->guest.depth = 0;
	f->busy = false;
	f->has_result = false;
	f->current = s ? s - m->img.steps : m->img.head->n_steps;
	m->inject_valid = false;
	m->trap_like = false;
	vmcs_write(&m->vmcs, EPML_VMCS_GUEST_ACTIVITY_STATE, EPML_ACTIVITY_ACTIVE);
}

bool host_run(struct machine *m, bool after_exit)
{
	struct frame *f = &m->guest.frame[0];
	const struct vi_step *s;

	while ((s = next_step(m, f))) {
		if (!host_step(s)) {
			skip(m);
			return true;
		}
		m->step = s - m->img.steps;
		f->next = m->step + 1;
		if (s->op == VI_H_RESUME || s->op == VI_H_SKIP) {
			s->op == VI_H_RESUME && after_exit ? resume(m) : skip(m);
			return true;
		}
		execute(m, s);
	}
	return false;
}
