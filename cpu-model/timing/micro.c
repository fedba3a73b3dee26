/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "micro.h"
#include "micro_ops.h"

const char *const micro_run_names[MICRO_RUNS] = { "hardened", "hardened-ve", "published" };
const char *const micro_run_params[MICRO_RUNS] = {
	"profile=hardened", "profile=hardened, full=ve", "profile=published"
};

/* ---- Rows --------------------------------------------------------------------------------- */

/* How many operations are in a phase, and which phase is its baseline. */
static const struct {
	unsigned n, baseline;
} phases[MICRO_END] = {
#define MICRO_PHASE(ID, where, base, number, exits, prepare) \
	[MICRO_##ID] = { number, MICRO_##base },
	MICRO_OPS(MICRO_PHASE)
#undef MICRO_PHASE
#define MICRO_PHASE(ID, technique, name) \
	[MICRO_##ID] = { MICRO_TRACKED_PAGES * MICRO_ROUNDS, MICRO_NONE },
	MICRO_TRACKER(MICRO_PHASE)
#undef MICRO_PHASE
};

#define ANY(ID, name, text)		{ name, text, MICRO_##ID, MICRO_ANY_RUN, 0 }
#define HARDENED(ID, name, text)	{ name, text, MICRO_##ID, MICRO_RUN_HARDENED, 0 }
#define VE(ID, name, text)		{ name, text, MICRO_##ID, MICRO_RUN_VE, 0 }
#define PUBLISHED(ID, name, text)	{ name, text, MICRO_##ID, MICRO_RUN_PUBLISHED, 0 }

static const struct micro_row rows[] = {
	ANY(WALK, "walk-native", "page walk after a TLB miss, tables in the caches"),
	ANY(G_WALK, "walk-nested", "the same under EPT"),
	ANY(WALK_COLD, "walk-native-cold", "page walk without paging-structure caches"),
	ANY(G_WALK_COLD, "walk-nested-cold", "the same under EPT"),
	ANY(FAULT, "fault-native", "page fault, handler maps a page, IRET"),
	ANY(FAULT_ZERO, "fault-native-zero", "the same, and the page is zeroed"),
	ANY(G_FAULT, "fault-guest", "page fault in the guest, handler maps a page, IRET"),
	ANY(G_FAULT_ZERO, "fault-guest-zero", "the same, and the page is zeroed"),
	ANY(PROTECT, "write-fault-native", "write fault as for soft-dirty: PTE, INVLPG, IRET"),
	ANY(G_PROTECT, "write-fault-guest", "the same in the guest"),
	ANY(EPT_FAULT, "ept-violation", "EPT violation, hypervisor maps a page, VM entry"),
	ANY(EPT_FAULT_ZERO, "ept-violation-zero", "the same, and the page is zeroed"),
	ANY(VMCALL, "vmcall", "VMCALL, hypervisor does nothing, VM entry"),
	ANY(VMREAD, "vmread-root", "VMREAD in VMX root operation"),
	ANY(VMWRITE, "vmwrite-root", "VMWRITE in VMX root operation"),
	ANY(VMREAD_SHADOW, "vmread-shadow", "VMREAD of the shadow VMCS in the guest"),
	ANY(VMWRITE_SHADOW, "vmwrite-shadow", "VMWRITE of the shadow VMCS in the guest"),
	ANY(VMREAD_EXIT, "vmread-exit", "VMREAD in the guest that VM-exits, and back"),
	ANY(VMWRITE_EXIT, "vmwrite-exit", "VMWRITE in the guest that VM-exits, and back"),
	ANY(VMREAD_GPML, "vmread-gpml", "VMREAD of Guest PML Index in the guest"),
	ANY(VMWRITE_GPML, "vmwrite-gpml", "VMWRITE of Guest PML Index in the guest"),
	HARDENED(VMWRITE_ADDRESS, "vmwrite-address-at-log",
		 "VMWRITE of Guest PML Address, translated at the log write"),
	PUBLISHED(VMWRITE_ADDRESS, "vmwrite-address-at-vmwrite",
		  "VMWRITE of Guest PML Address, translated at once"),
	ANY(STORE_CLEAN, "dirty-flags", "setting the dirty flags of a page and of its EPT entry"),
	ANY(PML, "pml-entry", "entry of the hypervisor's log"),
	HARDENED(GPML, "gpml-entry-at-log", "entry of the guest's log, translated when written"),
	PUBLISHED(GPML, "gpml-entry-at-vmwrite", "entry of the guest's log, translated before"),
	ANY(PML_FULL, "pml-full", "hypervisor's log full: VM exit, index reset, VM entry"),
	HARDENED(GPML_FULL, "gpml-full-exit", "guest's log full: VM exit, index reset, VM entry"),
	VE(GPML_FULL, "gpml-full-ve", "guest's log full: #VE, index reset, IRET"),
	/* What is dropped is not written either. */
	{ "gpml-full-drop", "guest's log full: entry dropped, notification posted again",
	  MICRO_GPML_FULL, MICRO_RUN_PUBLISHED, MICRO_STORE_CLEAN },
	ANY(NOTIFY, "notification", "notification, handler resets the index, EOI, IRET"),
	ANY(INVLPG, "invlpg-native", "INVLPG"),
	ANY(G_INVLPG, "invlpg-guest", "INVLPG in the guest"),
	ANY(CR3, "mov-cr3-native", "MOV to CR3, without PCIDs"),
	ANY(G_CR3, "mov-cr3-guest", "MOV to CR3 in the guest, without PCIDs"),
	ANY(INVEPT, "invept", "INVEPT, single-context"),
	ANY(INVVPID, "invvpid", "INVVPID, single-context"),
	ANY(SPP_WALK, "spp-walk", "write granted by the SPP table: its walk"),
	ANY(SPP_CACHED, "spp-cached", "the next write to the same page"),
	ANY(SPP_DENY, "spp-deny-exit", "write denied by the SPP table: VM exit, skip, VM entry"),
	ANY(SPP_DENY_VE, "spp-deny-ve", "write denied by the SPP table: #VE, skip, IRET"),
	ANY(PROC_CLEAR, "clear-refs", "tracker: write-protect a page"),
	ANY(PROC_WALK, "soft-dirty-scan", "tracker: look at the soft-dirty flag of a page"),
	ANY(SPML_RING, "ring-copy", "tracker: copy an address from the ring"),
	ANY(SPML_REVERSE, "reverse-mapping", "tracker: find the page of a guest-physical address"),
	HARDENED(EPML_REARM, "rearm-guest-dirty", "tracker: let a page be logged again"),
	PUBLISHED(EPML_REARM, "rearm-ept-dirty", "the same with the hypervisor's help"),
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

const struct micro_row *micro_row(unsigned i)
{
	return i < N_ROWS ? &rows[i] : NULL;
}

const struct micro_row *micro_row_find(const char *name)
{
	for (unsigned i = 0; i < N_ROWS; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

/* ---- Cycles of an operation ---------------------------------------------------------------- */

/* Counters of a phase, of all processors. Returns whether there are any. */
static bool sum_phase(const struct timing_result *r, unsigned id, uint64_t count[TIMING_N_COSTS])
{
	bool found = false;

	memset(count, 0, TIMING_N_COSTS * sizeof(*count));
	for (unsigned cpu = 0; cpu < r->n_cpus; cpu++) {
		for (unsigned i = 0; i < r->cpus[cpu].n_phases; i++) {
			const struct timing_result_phase *phase = &r->cpus[cpu].phases[i];

			if (phase->id != id)
				continue;
			found = true;
			for (unsigned cost = 0; cost < TIMING_N_COSTS; cost++)
				count[cost] += phase->count[cost];
		}
	}
	return found;
}

/* Each end of the range takes that end of a price which leads to it. */
static void add_cost(struct micro_cycles *c, const struct timing_price *price, double count)
{
	static const enum timing_bound other[] = { TIMING_HIGH, TIMING_LIKELY, TIMING_LOW };

	for (unsigned bound = 0; bound < TIMING_BOUNDS; bound++) {
		const unsigned end = count < 0 ? other[bound] : bound;

		c->bound[bound] += count * (double)price->milli[end] / 1000;
	}
}

bool micro_measure(struct micro_cycles *c, const struct micro_row *row,
		   const struct timing_result *r)
{
	const unsigned n = phases[row->phase].n;
	const unsigned baseline = row->baseline ? row->baseline : phases[row->phase].baseline;
	uint64_t count[TIMING_N_COSTS], base[TIMING_N_COSTS] = { 0 };

	*c = (struct micro_cycles){ { 0 } };
	if (!sum_phase(r, row->phase, count) || (baseline && !sum_phase(r, baseline, base)))
		return false;
	for (unsigned cost = 0; cost < TIMING_N_COSTS; cost++)
		add_cost(c, &r->processor.price[cost], (double)count[cost] / n -
			 (baseline ? (double)base[cost] / phases[baseline].n : 0));
	return true;
}

/* ---- The tracker, for the formulas --------------------------------------------------------- */

enum { TECHNIQUE_PROC = TIMING_PROC, TECHNIQUE_SPML = TIMING_SPML, TECHNIQUE_EPML = TIMING_EPML,
       TECHNIQUE_ALL = TIMING_TECHNIQUES };

static const struct {
	unsigned phase, technique;
	const char *name;
} parts[] = {
#define MICRO_PART(ID, technique, name) { MICRO_##ID, TECHNIQUE_##technique, name },
	MICRO_TRACKER(MICRO_PART)
#undef MICRO_PART
};

#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

int micro_technique(struct timing_result *out, enum timing_technique technique,
		    const struct timing_result *r)
{
	struct timing_result_cpu *cpu = calloc(1, sizeof(*cpu));
	struct timing_result_phase *phase = calloc(N_PARTS, sizeof(*phase));

	if (!cpu || !phase) {
		free(cpu);
		free(phase);
		return -1;
	}
	*out = *r;
	out->n_cpus = 1;
	out->cpus = cpu;
	cpu->phases = phase;
	for (unsigned i = 0; i < N_PARTS; i++) {
		if (parts[i].technique != TECHNIQUE_ALL && parts[i].technique != technique)
			continue;
		if (!sum_phase(r, parts[i].phase, phase->count))
			continue;
		phase->id = parts[i].phase;
		strcpy(phase->name, parts[i].name);
		phase++;
	}
	cpu->n_phases = (unsigned)(phase - cpu->phases);
	return 0;
}
