/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiler: the VMCS fields that a vector gives; the host of the vector sets all others. */
#include "compile_priv.h"
#include "epml-spec.h"

#define MAX_DEFAULTS	48u
#define VPID_OF_GUEST	1u

static void put(struct compiler *c, uint32_t field, uint64_t value)
{
	c->fields[c->n_fields++] = (struct vi_field){ field, value };
}

uint64_t field_value(const struct compiler *c, uint32_t field)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < c->n_fields; i++) {
		const struct vi_field *f = &c->fields[i];

		if (f->field == field)
			value = f->value;
		else if (f->field == (field | 1))
			value = (value & 0xffffffff) | f->value << 32;
	}
	return value;
}

/* ---- VM-execution controls ---- */

static uint32_t proc_controls(const struct vsetup *s)
{
	uint32_t proc = EPML_PROC_USE_TPR_SHADOW | EPML_PROC_USE_MSR_BITMAPS |
			EPML_PROC_ACTIVATE_SECONDARY;

	if ((s->controls & CTL_GUEST_PML) && !(s->no_controls & NOCTL_TERTIARY))
		proc |= EPML_PROC_ACTIVATE_TERTIARY;
	return proc;
}

static uint32_t proc2_controls(const struct vsetup *s)
{
	static const struct {
		unsigned control;
		uint32_t bit;
	} map[] = {
		{ CTL_PML, EPML_PROC2_ENABLE_PML },
		{ CTL_VMCS_SHADOWING, EPML_PROC2_VMCS_SHADOWING },
		{ CTL_EPT_VE, EPML_PROC2_EPT_VIOLATION_VE },
		{ CTL_VMFUNC, EPML_PROC2_ENABLE_VM_FUNCTIONS },
		{ CTL_VPID, EPML_PROC2_ENABLE_VPID },
		{ CTL_SPP, EPML_PROC2_SUB_PAGE_WRITE },
	};
	uint32_t proc2 = EPML_PROC2_VIRTUALIZE_X2APIC | EPML_PROC2_APIC_REGISTER_VIRTUALIZATION;

	if (!(s->no_controls & NOCTL_EPT))
		proc2 |= EPML_PROC2_ENABLE_EPT;
	if (!(s->no_controls & NOCTL_VID))
		proc2 |= EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY;
	for (unsigned i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (s->controls & map[i].control)
			proc2 |= map[i].bit;
	return proc2;
}

static void put_controls(struct compiler *c)
{
	const struct vsetup *s = &c->v->setup;

	put(c, EPML_VMCS_PIN_BASED_CONTROLS,
	    EPML_PIN_EXTERNAL_INTERRUPT_EXITING | EPML_PIN_PREEMPTION_TIMER);
	put(c, EPML_VMCS_PROC_BASED_CONTROLS, proc_controls(s));
	put(c, EPML_VMCS_SECONDARY_CONTROLS, proc2_controls(s));
	if (s->controls & CTL_GUEST_PML)
		put(c, EPML_VMCS_TERTIARY_CONTROLS, EPML_PROC3_ENABLE_GUEST_PML);
	if (s->controls & CTL_VPID)
		put(c, EPML_VMCS_VPID, VPID_OF_GUEST);
}

/* ---- Interrupt virtualization ---- */

static void put_apic(struct compiler *c)
{
	put(c, EPML_VMCS_VIRTUAL_APIC_ADDRESS, W_VAPIC);
	put(c, EPML_VMCS_TPR_THRESHOLD, 0);
	put(c, EPML_VMCS_GUEST_INTERRUPT_STATUS, 0);
	put(c, EPML_VMCS_EOI_EXIT_BITMAP_0, 0);
	put(c, EPML_VMCS_EOI_EXIT_BITMAP_1, 0);
	put(c, EPML_VMCS_EOI_EXIT_BITMAP_2, 0);
	put(c, EPML_VMCS_EOI_EXIT_BITMAP_3, 0);
	put(c, EPML_VMCS_MSR_BITMAP_ADDRESS, W_MSR_BITMAP);
}

/* ---- Paging, logs and the structures of optional controls ---- */

static void put_logs(struct compiler *c)
{
	const bool at_log = c->v->params.translation == EPML_TRANSLATE_AT_LOG;

	put(c, EPML_VMCS_PML_ADDRESS, W_PML);
	put(c, EPML_VMCS_PML_INDEX, EPML_LOG_FIRST_INDEX);
	if (c->v->sdm)
		return;
	put(c, EPML_VMCS_GUEST_PML_ADDRESS, at_log ? W_GUEST_LOG : c->v->setup.log_hpa);
	put(c, EPML_VMCS_GUEST_PML_INDEX, EPML_LOG_FIRST_INDEX);
	put(c, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, 0x40);
	put(c, EPML_VMCS_GUEST_PML_THRESHOLD, EPML_LOG_FULL_INDEX);
}

static void put_structures(struct compiler *c)
{
	const unsigned controls = c->v->setup.controls;

	put(c, EPML_VMCS_EPTP, c->v->setup.eptp);
	put(c, EPML_VMCS_GUEST_CR3, W_GUEST_PML4);
	put(c, EPML_VMCS_LINK_POINTER, controls & CTL_VMCS_SHADOWING ? W_SHADOW_VMCS : ~0ull);
	if (controls & CTL_VMCS_SHADOWING) {
		put(c, EPML_VMCS_VMREAD_BITMAP, W_VMREAD_BM);
		put(c, EPML_VMCS_VMWRITE_BITMAP, W_VMWRITE_BM);
	}
	if (controls & CTL_EPT_VE)
		put(c, EPML_VMCS_VE_INFO_ADDRESS, W_VE_INFO);
	if (controls & CTL_VMFUNC) {
		put(c, EPML_VMCS_VM_FUNCTION_CONTROLS, EPML_VMFUNC_EPTP_SWITCHING);
		put(c, EPML_VMCS_EPTP_LIST_ADDRESS, W_EPTP_LIST);
	}
	if (controls & CTL_SPP)
		put(c, EPML_VMCS_SPPTP, W_SPPT);
	if (controls & (CTL_VMFUNC | CTL_EPT_VE))
		put(c, EPML_VMCS_EPTP_INDEX, 0);
}

/* Where the logs are, if the vector moves them. An address that leads nowhere moves nothing. */
static void find_logs(struct compiler *c)
{
	uint64_t address = field_value(c, EPML_VMCS_GUEST_PML_ADDRESS) & -PAGE_SIZE;

	if (c->v->params.translation == EPML_TRANSLATE_AT_LOG &&
	    !tree_translate(&c->w->ept, address, &address))
		address = 0;
	if (world_ram(address, PAGE_SIZE))
		c->w->guest_log = address;
	address = field_value(c, EPML_VMCS_PML_ADDRESS) & -PAGE_SIZE;
	if (world_ram(address, PAGE_SIZE))
		c->w->pml_log = address;
	world_use(c->w, c->w->guest_log, PAGE_SIZE);
	world_use(c->w, c->w->pml_log, PAGE_SIZE);
}

int compile_fields(struct compiler *c)
{
	const struct vsetup *s = &c->v->setup;

	c->fields = arena_array(c->arena, MAX_DEFAULTS + s->n_fields, struct vi_field);
	put_controls(c);
	put_apic(c);
	put_logs(c);
	put_structures(c);
	for (unsigned i = 0; i < s->n_fields; i++) {
		struct vfield *f = &s->fields[i];

		if (compile_addr(c, &f->value))
			return -1;
		put(c, f->field, f->value.a);
	}
	find_logs(c);
	return 0;
}
