/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor's page-modification log (SDM 3C, "Page-modification logging").
 *
 * Log: one 4-KByte page of 512 8-byte entries, written from entry 511 down to 0.
 *	bits	11:0	0
 *		N-1:12	guest-physical address of the page
 */
#include "internal.h"

bool epml_pml_enabled(const struct epml_vmcs *v)
{
	return v->proc2 & EPML_PROC2_ENABLE_PML;		/* PML-LOG-5 */
}

bool epml_pml_full(const struct epml_vmcs *v)
{
	return v->pml_index >= EPML_LOG_ENTRIES;
}

/* Page-modification log-full event. PML-FULL-1, PML-FULL-3 */
enum epml_result epml_pml_full_exit(struct epml_cpu *cpu, const struct epml_access *a)
{
	uint64_t q = a->flags & EPML_ACCESS_NMI_IRET ? EPML_QUAL_NMI_UNBLOCKING : 0;

	return epml_exit(cpu, a, EPML_REASON_PML_FULL, q, false, false);
}

/* Write one entry. The log is not full. */
void epml_pml_log(struct epml_cpu *cpu, uint64_t gpa)
{
	uint16_t index = cpu->v.pml_index;
	uint64_t entry = gpa & ~PAGE_MASK;			/* PML-LOG-2, PML-LOG-7 */

	epml_write(cpu, cpu->v.pml_address + 8ull * index, 8, entry, EPML_MEM_PML); /* PML-LOG-1 */
	cpu->v.pml_index = index - 1;				/* PML-LOG-3 */
	epml_emit(cpu, &(struct epml_event){
		.type = EPML_EV_PML, .index = index, .gpa = entry });
}
