/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of costs, causes and structures, and the mapping of VM-exit reasons to costs. */
#include <string.h>

#include "epml-spec.h"
#include "timing.h"

const struct timing_cost_name timing_costs[TIMING_N_COSTS] = {
#define COST(ID, name, cause, text) [TIMING_##ID] = { name, TIMING_CAUSE_##cause, text },
	TIMING_COST_LIST(COST)
};

const struct timing_cause_name timing_causes[TIMING_N_CAUSES] = {
#define CAUSE(ID, name, text) [TIMING_CAUSE_##ID] = { name, text },
	TIMING_CAUSES(CAUSE)
};

const char *const timing_structure_names[TIMING_N_STRUCTURES] = {
#define STRUCTURE(ID, name, text) [TIMING_##ID] = name,
	TIMING_STRUCTURES(STRUCTURE)
};

const char *const timing_status_names[TIMING_STATUSES] = {
	"published", "measured", "estimated", "calibrated", "recalled"
};

const char *const timing_mode_names[TIMING_MODES] = { "off", "events", "full" };

int timing_cost_find(const char *name)
{
	for (int i = 0; i < TIMING_N_COSTS; i++)
		if (!strcmp(timing_costs[i].name, name))
			return i;
	return -1;
}

static uint64_t hash_number(uint64_t hash, uint64_t n)
{
	for (unsigned byte = 0; byte < 8; byte++, n >>= 8)
		hash = (hash ^ (n & 0xff)) * UINT64_C(0x100000001b3);
	return hash;
}

uint64_t timing_processor_hash(const struct timing_processor *p)
{
	uint64_t hash = hash_number(UINT64_C(0xcbf29ce484222325), p->khz);

	for (unsigned i = 0; i < TIMING_N_COSTS; i++)
		for (unsigned bound = 0; bound < TIMING_BOUNDS; bound++)
			hash = hash_number(hash, p->price[i].milli[bound]);
	for (unsigned i = 0; i < TIMING_N_STRUCTURES; i++) {
		hash = hash_number(hash, p->geometry[i].entries);
		hash = hash_number(hash, p->geometry[i].ways);
	}
	return hash;
}

static const struct {
	unsigned char reason;
	enum timing_cost cost;
} exit_costs[] = {
	{ EPML_REASON_EXCEPTION_NMI, TIMING_EXIT_EXCEPTION },
	{ EPML_REASON_EXTERNAL_INTERRUPT, TIMING_EXIT_INTERRUPT },
	{ EPML_REASON_INTERRUPT_WINDOW, TIMING_EXIT_WINDOW },
	{ EPML_REASON_NMI_WINDOW, TIMING_EXIT_WINDOW },
	{ EPML_REASON_CPUID, TIMING_EXIT_CPUID },
	{ EPML_REASON_HLT, TIMING_EXIT_HLT },
	{ EPML_REASON_INVLPG, TIMING_EXIT_INVALIDATION },
	{ EPML_REASON_INVEPT, TIMING_EXIT_INVALIDATION },
	{ EPML_REASON_INVVPID, TIMING_EXIT_INVALIDATION },
	{ EPML_REASON_INVPCID, TIMING_EXIT_INVALIDATION },
	{ EPML_REASON_VMCALL, TIMING_EXIT_VMCALL },
	{ EPML_REASON_VMREAD, TIMING_EXIT_VMREAD },
	{ EPML_REASON_VMWRITE, TIMING_EXIT_VMWRITE },
	{ EPML_REASON_CR_ACCESS, TIMING_EXIT_CR },
	{ EPML_REASON_IO, TIMING_EXIT_IO },
	{ EPML_REASON_RDMSR, TIMING_EXIT_MSR },
	{ EPML_REASON_WRMSR, TIMING_EXIT_MSR },
	{ EPML_REASON_APIC_ACCESS, TIMING_EXIT_APIC },
	{ EPML_REASON_APIC_WRITE, TIMING_EXIT_APIC },
	{ EPML_REASON_VIRTUALIZED_EOI, TIMING_EXIT_APIC },
	{ EPML_REASON_EPT_VIOLATION, TIMING_EXIT_EPT_VIOLATION },
	{ EPML_REASON_EPT_MISCONFIGURATION, TIMING_EXIT_EPT_MISCONFIG },
	{ EPML_REASON_PREEMPTION_TIMER, TIMING_EXIT_TIMER },
	{ EPML_REASON_PML_FULL, TIMING_EXIT_PML_FULL },
	{ EPML_REASON_SPP, TIMING_EXIT_SPP },
};

enum timing_cost timing_exit_cost(unsigned reason, uint64_t qualification)
{
	if (reason == EPML_REASON_PML_FULL && (qualification & EPML_QUAL_PML_GUEST_LOG))
		return TIMING_EXIT_GPML_FULL;
	for (size_t i = 0; i < sizeof(exit_costs) / sizeof(exit_costs[0]); i++)
		if (exit_costs[i].reason == reason)
			return exit_costs[i].cost;
	return TIMING_EXIT_OTHER;
}
