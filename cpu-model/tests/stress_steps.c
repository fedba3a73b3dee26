/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world of the stress test and its steps. What they do depends on stress_random() alone: on a
 * generator in the stress test, on an input in the fuzz target.
 */
#include "stress.h"

#define N_PAGES		(FX_GPA_END >> 12)
#define MAX_SIZE	64	/* bytes of an access */

struct stress run;

static unsigned below(unsigned n)
{
	return (stress_random() >> 32) % n;
}

static bool one_in(unsigned n)
{
	return below(n) == 0;
}

static uint64_t random_page(void)
{
	return (uint64_t)below(N_PAGES) << 12;
}

/* ---- The world ---------------------------------------------------------------------------- */

static void random_ept_entry(uint64_t gpa)
{
	static const uint64_t rights[] = { 5, 1, 4, 0, 2, 6 };
	uint64_t *entry = fx_word(run.fx, fx_epte(gpa, 1));
	uint64_t frame = one_in(8) ? random_page() : gpa;

	*entry = (FX_FRAME + frame) | (uint64_t)EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT;
	*entry |= one_in(3) ? rights[below(6)] : FX_EPT_RWX;
	*entry |= stress_random() & FX_EPT_AD;
	if (one_in(4))
		*entry |= EPML_EPT_SUPPRESS_VE;
	if (one_in(2))
		*entry |= EPML_EPT_SPP;
	if (one_in(60))
		*entry |= 1ull << (40 + below(12));	/* reserved */
}

static void random_sppt_leaf(uint64_t gpa)
{
	uint64_t *leaf = fx_word(run.fx, fx_sppte(gpa, 1));

	*leaf = (stress_random() | stress_random()) & 0x5555555555555555;
	if (one_in(20))
		*leaf |= 2ull << 2 * below(32);		/* reserved */
}

/* An entry above the leaves, which are then out of reach or not. */
static void random_sppt_upper(void)
{
	unsigned level = 2 + below(3);
	uint64_t *entry = fx_word(run.fx, fx_sppte(0, level));

	*entry = fx_sppte(0, level - 1) | EPML_SPPT_VALID;
	if (one_in(8))
		*entry &= ~EPML_SPPT_VALID;
	if (one_in(8))
		*entry |= one_in(2) ? 2ull << below(11) : 1ull << (40 + below(24));
}

static void random_guest_entry(unsigned n)
{
	uint64_t flags = EPML_PTE_PRESENT | EPML_PTE_USER | (one_in(8) ? 0 : EPML_PTE_WRITE);

	*fx_word(run.fx, FX_FRAME + FX_GPA_PT + 8 * n) =
		random_page() | flags | (stress_random() & FX_PTE_AD);
}

static uint16_t random_index(void)
{
	static const uint16_t interesting[] = { 0, 1, 511, 512, 0xFFFF, FX_THRESHOLD + 1 };

	return one_in(4) ? interesting[below(6)] : below(512);
}

void stress_world(void)
{
	struct epml_vmcs *v = &run.fx->cpu.v;

	fx_restore(run.fx);
	*v = run.base;
	for (uint64_t gpa = 0; gpa < FX_GPA_END; gpa += 0x1000)
		if (gpa > FX_GPA_PT || one_in(30))
			random_ept_entry(gpa);
	for (unsigned n = 0; n < 512; n++)
		random_guest_entry(n);
	for (uint64_t gpa = 0; gpa < FX_GPA_END; gpa += 0x1000)
		random_sppt_leaf(gpa);
	v->gpml_index = random_index();
	v->pml_index = random_index();
	v->gpml_address = random_page();
	if (run.fx->cpu.params.translation == EPML_TRANSLATE_AT_VMWRITE)
		v->gpml_address += FX_FRAME;
	if (one_in(4))
		v->eptp &= ~EPML_EPTP_AD;
	if (one_in(4))
		v->proc2 &= ~EPML_PROC2_ENABLE_PML;
	if (one_in(2))
		v->proc2 |= EPML_PROC2_SUB_PAGE_WRITE;
	if (one_in(10))
		v->proc3 = 0;
	fx_set_ve(run.fx, one_in(2));
}

struct epml_params stress_params(unsigned i)
{
	return (struct epml_params){ i % 2, i / 2 % 2, i / 16, i / 4 % 2, i / 8 % 2 };
}

/* ---- Steps -------------------------------------------------------------------------------- */

static enum epml_result access_physical(const struct epml_access *a, uint64_t *hpa)
{
	struct call c = stress_begin(a);
	enum epml_result r = epml_ept_access(&run.fx->cpu, a, hpa);

	stress_end(&c, r, *hpa);
	return r;
}

/* Read the guest's entry of a level as a page walk does. */
static bool read_entry(struct epml_guest_walk *w, unsigned level, uint64_t table)
{
	struct epml_access a = w->access;

	a.gpa = table + (a.gva >> (3 + 9 * level) & 0x1FF) * 8;
	a.flags = (a.flags & ~(EPML_ACCESS_FETCH | EPML_ACCESS_WRITE)) | FX_WALK;
	w->entry[level].gpa = a.gpa;
	if (access_physical(&a, &w->entry[level].hpa) != EPML_OK)
		return false;
	w->entry[level].value = *fx_word(run.fx, w->entry[level].hpa);
	if (!(w->entry[level].value & EPML_PTE_PRESENT)) {
		run.seen[SEEN_PAGE_FAULT]++;
		return false;
	}
	return true;
}

static void step_linear(unsigned flags)
{
	struct epml_guest_walk w = {
		.access = { .gva = FX_GVA_DATA - 0x8000 + stress_random() % 0x200000,
			    .flags = flags | EPML_ACCESS_LINEAR },
		.entry_size = 8, .top = 4, .leaf = 1 };
	uint64_t table = FX_GPA_PML4, hpa = 0;
	uint64_t room = 0x1000 - (w.access.gva & 0xFFF);
	enum epml_result r;
	struct call c;

	w.access.size = below(room < MAX_SIZE ? room + 1 : MAX_SIZE + 1);
	for (unsigned level = 4; level; level--) {
		if (!read_entry(&w, level, table))
			return;
		table = w.entry[level].value & EPML_PTE_ADDRESS_MASK;
	}
	w.access.gpa = table | (w.access.gva & 0xFFF);
	c = stress_begin(&w.access);
	r = epml_guest_access(&run.fx->cpu, &w, &hpa);
	stress_end(&c, r, hpa);
}

static void step_physical(unsigned flags)
{
	struct epml_access a = { .gpa = stress_random() % FX_GPA_END, .flags = flags };
	uint64_t hpa;

	access_physical(&a, &hpa);
}

/* P2 and P3 at VMWRITE: the field gets what EPT makes of the value, or the value. */
static void step_vmwrite_address(void)
{
	uint64_t value = random_page() + (one_in(8) ? 8 : 0);
	struct translation t = stress_translate(value);
	unsigned error = 0;
	enum epml_insn r;

	fx_forget(run.fx);
	r = epml_guest_vmwrite(&run.fx->cpu, EPML_VMCS_GUEST_PML_ADDRESS, value, &error);
	stress_check_counts();
	if (r != EPML_INSN_OK) {
		check(run.fx->cpu.v.gpml_address == run.fx->then.gpml_address && !run.fx->n_writes);
		check((r == EPML_INSN_VMFAIL) == (error == EPML_VMERR_GPML_VALUE));
		run.seen[SEEN_VMFAIL] += r == EPML_INSN_VMFAIL;
		return;
	}
	if (run.fx->cpu.params.translation == EPML_TRANSLATE_AT_LOG)
		check(run.fx->cpu.v.gpml_address == value);
	else
		check((t.rwx & 2) && run.fx->cpu.v.gpml_address == t.hpa);
	run.seen[SEEN_VMWRITE]++;
}

static unsigned circumstances(void)
{
	static const unsigned flags[] = { EPML_ACCESS_IN_EVENT, EPML_ACCESS_NMI_IRET,
					  EPML_ACCESS_NO_PE };

	return one_in(8) ? flags[below(3)] : 0;
}

static void step_access(void)
{
	static const unsigned kinds[] = { EPML_ACCESS_WRITE, EPML_ACCESS_WRITE,
					  EPML_ACCESS_WRITE | EPML_ACCESS_READ,
					  EPML_ACCESS_READ, EPML_ACCESS_FETCH };
	unsigned flags = kinds[below(5)] | circumstances();

	if (one_in(8))
		step_physical(flags);
	else
		step_linear(flags);
}

/* What software does between accesses: collect, re-arm, remap, change its mind. */
static void step_software(void)
{
	struct epml_vmcs *v = &run.fx->cpu.v;

	switch (below(8)) {
	case 0:
		v->pml_index = random_index();
		break;
	case 1:
		v->gpml_index = random_index();
		break;
	case 2:
		random_ept_entry(FX_GPA_LOG + stress_random() % (FX_GPA_END - FX_GPA_LOG));
		break;
	case 3:
		*fx_word(run.fx, FX_VE_INFO) = 0;
		break;
	case 4:
		random_sppt_leaf(random_page());
		break;
	case 5:
		random_sppt_upper();
		break;
	case 6:
		for (unsigned i = 0; i < 8; i++)
			random_guest_entry(below(512));
		break;
	default:
		if (epml_gpml_enabled(v))
			step_vmwrite_address();
		break;
	}
}

void stress_step(void)
{
	if (one_in(3))
		step_software();
	step_access();
}
