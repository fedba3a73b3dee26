/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMREAD and VMWRITE in VMX non-root operation.
 *
 * Fields other than the Guest PML fields are left to the host, which has the shadow VMCS.
 */
#include "internal.h"

bool epml_is_gpml_field(uint64_t field)
{
	switch (field) {
	case EPML_VMCS_GUEST_PML_ADDRESS:
	case EPML_VMCS_GUEST_PML_ADDRESS_HIGH:
	case EPML_VMCS_GUEST_PML_INDEX:
	case EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR:
	case EPML_VMCS_GUEST_PML_THRESHOLD:
		return true;
	default:
		return false;
	}
}

/* VMACC-1 */
bool epml_vmcs_access_exits(const struct epml_cpu *cpu, uint64_t field, bool write)
{
	uint64_t bitmap = write ? cpu->v.vmwrite_bitmap : cpu->v.vmread_bitmap;

	if (!(cpu->v.proc2 & EPML_PROC2_VMCS_SHADOWING) || field >> 15)
		return true;
	return epml_read(cpu, bitmap + field / 8, 1, EPML_MEM_VMX_BITMAP) >> field % 8 & 1;
}

static enum epml_insn fail(struct epml_cpu *cpu, uint64_t field, unsigned number, unsigned *error)
{
	*error = number;
	epml_emit(cpu, &(struct epml_event){
		.type = EPML_EV_VMFAIL, .field = field, .value = number });
	return EPML_INSN_VMFAIL;
}

enum epml_insn epml_guest_vmread(struct epml_cpu *cpu, uint64_t field, uint64_t *value,
				 unsigned *error)
{
	const struct epml_vmcs *v = &cpu->v;

	(void)error;	/* a Guest PML field can always be read */
	/* cover: a host that has asked before does not come here; test_vmcs.c does */
	if (epml_vmcs_access_exits(cpu, field, false))
		return EPML_INSN_VMEXIT;
	if (!epml_gpml_enabled(v) || !epml_is_gpml_field(field))
		return EPML_INSN_SHADOW;			/* VMACC-3 */
	switch (field) {					/* VMACC-2, VMACC-5, VMACC-8 */
	case EPML_VMCS_GUEST_PML_ADDRESS:
		*value = v->gpml_address;	/* GPML-ADDR-1: at-vmwrite, an HPA */
		break;
	case EPML_VMCS_GUEST_PML_ADDRESS_HIGH:
		*value = v->gpml_address >> 32;
		break;
	case EPML_VMCS_GUEST_PML_INDEX:
		*value = v->gpml_index;
		break;
	case EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR:
		*value = v->gpml_vector;
		break;
	default:
		*value = v->gpml_threshold;
		break;
	}
	epml_emit(cpu, &(struct epml_event){
		.type = EPML_EV_VMREAD, .field = field, .value = *value });
	return EPML_INSN_OK;
}

/* The state with @p field changed to @p value, as far as the field is wide. VMACC-5, VMACC-8 */
static struct epml_vmcs changed(const struct epml_vmcs *old, uint64_t field, uint64_t value)
{
	struct epml_vmcs v = *old;

	switch (field) {
	case EPML_VMCS_GUEST_PML_ADDRESS:
		v.gpml_address = value;
		break;
	case EPML_VMCS_GUEST_PML_ADDRESS_HIGH:
		v.gpml_address = (uint32_t)v.gpml_address | value << 32;	/* VMACC-9 */
		break;
	case EPML_VMCS_GUEST_PML_INDEX:
		v.gpml_index = value;
		break;
	case EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR:
		v.gpml_vector = value;
		break;
	default:
		v.gpml_threshold = value;
		break;
	}
	return v;
}

static bool is_address(uint64_t field)
{
	return field == EPML_VMCS_GUEST_PML_ADDRESS || field == EPML_VMCS_GUEST_PML_ADDRESS_HIGH;
}

enum epml_insn epml_guest_vmwrite(struct epml_cpu *cpu, uint64_t field, uint64_t value,
				  unsigned *error)
{
	struct epml_vmcs v;

	/* cover: a host that has asked before does not come here; test_vmcs.c does */
	if (epml_vmcs_access_exits(cpu, field, true))
		return EPML_INSN_VMEXIT;
	if (!epml_gpml_enabled(&cpu->v) || !epml_is_gpml_field(field))
		return EPML_INSN_SHADOW;			/* VMACC-3 */
	v = changed(&cpu->v, field, value);
	if (epml_vmentry_check(cpu, &v))
		return fail(cpu, field, EPML_VMERR_GPML_VALUE, error);	/* VMACC-4 */
	if (is_address(field) && cpu->params.translation == EPML_TRANSLATE_AT_VMWRITE) {
		struct epml_access a = {
			.gpa = v.gpml_address, .flags = EPML_ACCESS_WRITE | EPML_ACCESS_LOG };

		/* GPML-ADDR-1, VMACC-7; on account of the log, so that a fault is a VM exit */
		if (epml_ept_access(cpu, &a, &v.gpml_address) != EPML_OK)
			return EPML_INSN_FAULT;
	}
	/* The translation may have written the hypervisor's log: keep its index. */
	v.pml_index = cpu->v.pml_index;
	cpu->v = v;						/* VMACC-2 */
	epml_emit(cpu, &(struct epml_event){
		.type = EPML_EV_VMWRITE, .field = field, .value = value });
	return EPML_INSN_OK;
}
