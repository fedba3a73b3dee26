/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VM entry: checks on the controls and fields of EPT, PML and EPML, and loading of their state.
 *
 * EPTP (SDM 3C, "Extended-page-table pointer"):
 *	bits	2:0	memory type of the paging structures: 0 (UC) or 6 (WB)
 *		5:3	page-walk length less 1: 3
 *		6	accessed and dirty flags enabled
 *		11:7	reserved
 *		N-1:12	address of the EPT PML4 table
 */
#include "internal.h"

static bool eptp_ok(const struct epml_cpu *cpu, uint64_t eptp)
{
	unsigned memtype = eptp & EPML_EPTP_MEMTYPE_MASK;

	if (memtype != 0 && memtype != 6)
		return false;
	if ((eptp >> EPML_EPTP_WALK_SHIFT & 7) != EPT_LEVELS - 1)
		return false;
	return !(eptp & 0xF80) && !(eptp >> cpu->maxphyaddr);
}

static const char *check_sdm(const struct epml_cpu *cpu, const struct epml_vmcs *v)
{
	bool ept = v->proc2 & EPML_PROC2_ENABLE_EPT;

	if (ept && !eptp_ok(cpu, v->eptp))
		return "ENTRY-1";
	if (epml_pml_enabled(v) && (!ept || !epml_page_address_ok(cpu, v->pml_address)))
		return "ENTRY-2";
	if ((v->proc2 & EPML_PROC2_VMCS_SHADOWING) &&
	    !(epml_page_address_ok(cpu, v->vmread_bitmap) &&
	      epml_page_address_ok(cpu, v->vmwrite_bitmap)))
		return "ENTRY-3";
	if ((v->proc2 & EPML_PROC2_EPT_VIOLATION_VE) && !epml_page_address_ok(cpu, v->ve_info))
		return "ENTRY-4";
	if ((v->proc2 & EPML_PROC2_SUB_PAGE_WRITE) &&
	    (!ept || !epml_page_address_ok(cpu, v->spptp)))
		return "ENTRY-13";
	if (v->proc3 & ~EPML_PROC3_ENABLE_GUEST_PML)
		return "ENTRY-11";
	return NULL;
}

static const char *check_gpml(const struct epml_cpu *cpu, const struct epml_vmcs *v)
{
	if (!(v->proc2 & EPML_PROC2_ENABLE_EPT))
		return "ENTRY-5";
	if (!(v->proc2 & EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY))
		return "ENTRY-6";
	if (!epml_page_address_ok(cpu, v->gpml_address))
		return "ENTRY-7";
	if (v->gpml_vector < 16 || v->gpml_vector > 255)
		return "ENTRY-8";
	if (cpu->params.notification == EPML_NOTIFY_THRESHOLD &&
	    v->gpml_threshold >= EPML_LOG_FIRST_INDEX &&
	    v->gpml_threshold != EPML_LOG_FULL_INDEX)
		return "ENTRY-9";
	return NULL;						/* ENTRY-10 */
}

const char *epml_vmentry_check(const struct epml_cpu *cpu, const struct epml_vmcs *v)
{
	const char *rule = check_sdm(cpu, v);

	if (!rule && epml_gpml_enabled(v))	/* ENTRY-12: the host clears proc3 */
		rule = check_gpml(cpu, v);
	return rule;
}

void epml_vmentry_load(struct epml_cpu *cpu, const struct epml_vmcs *v)
{
	/* The processor's own until the next VM exit, whatever SMM does: STATE-6, CPUS-1 */
	cpu->v = *v;						/* STATE-1, STATE-7 */
	epml_emit(cpu, &(struct epml_event){
		.type = EPML_EV_VMENTRY, .index = v->gpml_index, .addr = v->gpml_address });
}
