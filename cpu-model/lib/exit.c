/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VM exits and virtualization exceptions that the model causes.
 *
 * Virtualization-exception information area (SDM 3C, "Virtualization-exception information"):
 *	offset	0	4 bytes		exit reason
 *		4	4 bytes		FFFFFFFFH; #VE is delivered only while this is 0
 *		8	8 bytes		exit qualification
 *		16	8 bytes		guest-linear address
 *		24	8 bytes		guest-physical address
 *		32	2 bytes		EPTP index
 */
#include "internal.h"

static void record(struct epml_cpu *cpu, const struct epml_access *a, uint32_t reason,
		   uint64_t qualification, bool gpa_valid, bool gva_valid,
		   enum epml_event_type type)
{
	cpu->exit = (struct epml_exit){
		.reason = reason,
		.qualification = qualification,
		.gpa = gpa_valid ? a->gpa : 0,
		.gva = gva_valid ? a->gva : 0,
		.gpa_valid = gpa_valid,
		.gva_valid = gva_valid,
	};
	epml_emit(cpu, &(struct epml_event){
		.type = type, .reason = reason, .value = qualification,
		.gpa = cpu->exit.gpa, .gva = cpu->exit.gva });
}

/* Record a VM exit for the host to perform. Always EPML_VMEXIT. */
enum epml_result epml_exit(struct epml_cpu *cpu, const struct epml_access *a, uint32_t reason,
			   uint64_t qualification, bool gpa_valid, bool gva_valid)
{
	record(cpu, a, reason, qualification, gpa_valid, gva_valid, EPML_EV_EXIT);
	return EPML_VMEXIT;
}

/* Can #VE be delivered now? EPT-VE-1, GPML-FULL-4 */
bool epml_ve_possible(const struct epml_cpu *cpu, const struct epml_access *a)
{
	if (!(cpu->v.proc2 & EPML_PROC2_EPT_VIOLATION_VE))
		return false;
	if (a->flags & (EPML_ACCESS_NO_PE | EPML_ACCESS_IN_EVENT))
		return false;
	return !epml_read(cpu, cpu->v.ve_info + EPML_VEINFO_BUSY, 4, EPML_MEM_VE_INFO);
}

/* Write the information area for a #VE that the host raises. Always EPML_VE. EPT-VE-2 */
enum epml_result epml_ve(struct epml_cpu *cpu, const struct epml_access *a, uint32_t reason,
			 uint64_t qualification)
{
	uint64_t info = cpu->v.ve_info;

	epml_write(cpu, info + EPML_VEINFO_REASON, 4, reason, EPML_MEM_VE_INFO);
	epml_write(cpu, info + EPML_VEINFO_BUSY, 4, 0xFFFFFFFF, EPML_MEM_VE_INFO);
	epml_write(cpu, info + EPML_VEINFO_QUALIFICATION, 8, qualification, EPML_MEM_VE_INFO);
	epml_write(cpu, info + EPML_VEINFO_GLA, 8, a->gva, EPML_MEM_VE_INFO);
	epml_write(cpu, info + EPML_VEINFO_GPA, 8, a->gpa, EPML_MEM_VE_INFO);
	epml_write(cpu, info + EPML_VEINFO_EPTP_INDEX, 2, cpu->v.eptp_index, EPML_MEM_VE_INFO);
	record(cpu, a, reason, qualification, true, true, EPML_EV_VE);
	return EPML_VE;
}
