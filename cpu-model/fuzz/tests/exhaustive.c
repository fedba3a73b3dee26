/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All low 12 bits of the EPT entry of a page table and of a data page, for all kinds of access,
 * with EPT accessed and dirty flags on and off, both logs on and off at every index that matters,
 * the guest's dirty flag set and clear: the standalone machine against an oracle (oracle.h). The
 * same for writes to a page with bit 61 set, and each end of a walk of the SPPT; and for
 * read-modify-writes of one that is writable.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "../../machine/machine_priv.h"
#include "oracle.h"

#define TABLES		W_GUEST_PML4
#define TABLE_FRAME	(W_FRAME0 + ORACLE_TABLE)
#define DATA_FRAME	(W_FRAME0 + ORACLE_GPA)
#define LOG_FRAME	(W_FRAME0 + W_GUEST_LOG)
#define PWU		7u
#define SETTLED		(7u | 0x300u | 6u << 3)
#define EPT_TABLE	(W_EPT + 0x3000)	/* of GPAs below 2 MByte; the next: up to 4 MByte */
#define VECTOR		0x40
#define THRESHOLD	510
#define PATTERNS	4096

static struct machine *m;
static unsigned long cases;

static uint64_t epte(uint64_t gpa)
{
	return EPT_TABLE + gpa / PAGE_SIZE * 8;	/* two tables that follow each other */
}

static void build(void)
{
	mem_write(m, W_EPT, 8, (W_EPT + 0x1000) | 0x107);
	mem_write(m, W_EPT + 0x1000, 8, (W_EPT + 0x2000) | 0x107);
	mem_write(m, W_EPT + 0x2000, 8, EPT_TABLE | 0x107);
	mem_write(m, W_EPT + 0x2008, 8, (EPT_TABLE + 0x1000) | 0x107);
	for (uint64_t gpa = TABLES; gpa <= ORACLE_TABLE; gpa += PAGE_SIZE)
		mem_write(m, epte(gpa), 8, (W_FRAME0 + gpa) | SETTLED);
	mem_write(m, epte(W_GUEST_LOG), 8, LOG_FRAME | SETTLED);
	mem_write(m, W_SPPT, 8, (W_SPPT + 0x1000) | EPML_SPPT_VALID);
	mem_write(m, W_SPPT + 0x1000, 8, (W_SPPT + 0x2000) | EPML_SPPT_VALID);
	/* The guest's tables follow each other; ORACLE_GVA is below 1 GByte. */
	mem_write(m, W_FRAME0 + TABLES, 8, (TABLES + 0x1000) | 0x27);
	mem_write(m, W_FRAME0 + TABLES + 0x1000, 8, (TABLES + 0x2000) | 0x27);
	mem_write(m, W_FRAME0 + TABLES + 0x2000 + 8 * (ORACLE_GVA >> 21), 8, ORACLE_TABLE | 0x27);
	vmcs_write(&m->vmcs, EPML_VMCS_VIRTUAL_APIC_ADDRESS, W_VAPIC);
	m->guest.cr3 = TABLES;
	walk_flush(m, false);
}

/* The entries of the SPPT that decide about ORACLE_GPA. */
static void load_sppt(enum oracle_spp end)
{
	static const uint64_t leaf[SPP_ENDS] = {
		[SPP_OFF] = 1, [SPP_MISS] = 1, [SPP_MISCONFIGURED] = 1 | 1ull << 63,
		[SPP_DENIES] = 0x5555555555555554, [SPP_GRANTS] = 1 };

	mem_write(m, W_SPPT + 0x2000 + 8 * (ORACLE_GPA >> 21), 8,
		  (W_SPPT + 0x3000) | (end == SPP_MISS ? 0 : EPML_SPPT_VALID));
	mem_write(m, W_SPPT + 0x3000 + 8 * (ORACLE_GPA >> 12 & 0x1FF), 8, leaf[end]);
}

static void load(const struct oracle *o)
{
	m->cpu.params = o->params;
	m->cpu.v = (struct epml_vmcs){
		.proc2 = EPML_PROC2_ENABLE_EPT | EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY |
			 (o->pml ? EPML_PROC2_ENABLE_PML : 0) |
			 (o->ve ? EPML_PROC2_EPT_VIOLATION_VE : 0) |
			 (o->spp ? EPML_PROC2_SUB_PAGE_WRITE : 0),
		.proc3 = o->gpml ? EPML_PROC3_ENABLE_GUEST_PML : 0,
		.eptp = W_EPT | 0x1E | (o->ad ? EPML_EPTP_AD : 0), .spptp = W_SPPT,
		.pml_address = W_PML, .pml_index = o->pml_index,
		.gpml_address = o->params.translation == EPML_TRANSLATE_AT_LOG ? W_GUEST_LOG :
				LOG_FRAME,
		.gpml_index = o->gpml_index, .gpml_vector = VECTOR,
		.gpml_threshold = o->threshold, .ve_info = W_VE_INFO };
	mem_write(m, epte(ORACLE_TABLE), 8, TABLE_FRAME | o->table_leaf);
	mem_write(m, epte(ORACLE_GPA), 8, DATA_FRAME | o->data_leaf);
	mem_write(m, TABLE_FRAME, 8, ORACLE_GPA | o->pte);
	mem_write(m, W_VE_INFO, 8, 0);
	m->vapic.rvi = 0;
	m->data.entry[ORACLE_GVA / PAGE_SIZE % TLB_ENTRIES].page = TLB_FREE;
	m->code.entry[ORACLE_GVA / PAGE_SIZE % TLB_ENTRIES].page = TLB_FREE;
}

/* ---- Comparison --------------------------------------------------------------------------- */

static void complain(const struct oracle *before, const char *what, uint64_t is,
		     uint64_t expected)
{
	fail_msg("%s is %llx, expected %llx: access %x, table %llx, data %llx, entry %llx, AD %d, "
		 "logs %d %d at %x and %x, #VE %d, SPP %d, trigger %d, full %d", what,
		 (unsigned long long)is, (unsigned long long)expected, before->access,
		 (unsigned long long)before->table_leaf, (unsigned long long)before->data_leaf,
		 (unsigned long long)before->pte, before->ad, before->pml, before->gpml,
		 before->pml_index, before->gpml_index, before->ve, before->spp,
		 before->params.trigger, before->params.full);
}

#define same(what, is, expected) \
	do { \
		if ((is) != (expected)) \
			complain(before, what, is, expected); \
	} while (0)

static void compare_log(const struct oracle *before, const char *what, uint64_t page,
			uint16_t first, unsigned n, const uint64_t *entries)
{
	for (unsigned i = 0; i < n; i++) {
		same(what, mem_read(m, page + 8 * (first - i), 8), entries[i]);
		mem_write(m, page + 8 * (first - i), 8, 0);
	}
	/* The next entry is as it was. */
	if (first >= n && first - n < 512)
		same(what, mem_read(m, page + 8 * (first - n), 8), 0);
}

static void compare_end(const struct oracle *before, const struct oracle *o, enum outcome outcome)
{
	switch (o->end) {
	case ORACLE_DONE:
		same("outcome", outcome, DONE);
		return;
	case ORACLE_EXIT:
		same("outcome", outcome, EXITED);
		break;
	case ORACLE_VE:
		same("outcome", outcome, FAULTED);
		same("vector", m->fault.vector, EPML_VECTOR_VE);
		same("reason of #VE", mem_read(m, W_VE_INFO, 4), o->reason);
		same("qualification of #VE", mem_read(m, W_VE_INFO + 8, 8), o->qualification);
		break;
	}
	same("reason", m->cpu.exit.reason, o->reason);
	same("qualification", m->cpu.exit.qualification, o->qualification);
}

static void compare(const struct oracle *before, const struct oracle *o, enum outcome outcome)
{
	compare_end(before, o, outcome);
	same("EPT entry of the table", mem_read(m, epte(ORACLE_TABLE), 8),
	     TABLE_FRAME | o->table_leaf);
	same("EPT entry of the page", mem_read(m, epte(ORACLE_GPA), 8), DATA_FRAME | o->data_leaf);
	same("guest entry", mem_read(m, TABLE_FRAME, 8), ORACLE_GPA | o->pte);
	same("PML index", m->cpu.v.pml_index, o->pml_index);
	same("guest PML index", m->cpu.v.gpml_index, o->gpml_index);
	same("notification", m->vapic.rvi, o->n_notify ? VECTOR : 0);
	compare_log(before, "log entry", W_PML, before->pml_index, o->n_pml, o->pml_entry);
	compare_log(before, "guest log entry", LOG_FRAME, before->gpml_index, o->n_gpml,
		    o->gpml_entry);
}

static void try(const struct oracle *before)
{
	struct oracle o = *before;
	uint64_t hpa = 0;
	enum outcome outcome;

	load(before);
	outcome = walk_translate(m, ORACLE_GVA, 8, before->access, false, &hpa);
	oracle_access(&o);
	compare(before, &o, outcome);
	if (outcome == DONE)
		same("HPA", hpa, DATA_FRAME);
	cases++;
}

/* ---- All combinations --------------------------------------------------------------------- */

static const uint16_t indices[] = { 0, 1, 511, 512, 0xFFFF };

/* The state of both logs: off, or on at an index. */
static void all_logs(struct oracle *o)
{
	for (unsigned pml = 0; pml <= 5; pml++) {
		o->pml = pml;
		o->pml_index = pml ? indices[pml - 1] : 7;
		for (unsigned gpml = 0; gpml <= 5; gpml++) {
			o->gpml = gpml;
			o->gpml_index = gpml ? indices[gpml - 1] : 7;
			try(o);
		}
	}
}

static void all_flags(struct oracle *o, unsigned access)
{
	o->access = access;
	for (unsigned i = 0; i < 4; i++) {
		o->ad = i & 1;
		/* The guest's dirty flag matters for writes, its accessed flag always. */
		o->pte = PWU | (i & 2 ? 0x60 : 0);
		all_logs(o);
	}
}

static void all_accesses(struct oracle *o)
{
	all_flags(o, EPML_ACCESS_READ);
	all_flags(o, EPML_ACCESS_WRITE);
	all_flags(o, EPML_ACCESS_FETCH);
}

static void all_sub_page_ends(struct oracle *o)
{
	for (int end = SPP_OFF; end < SPP_ENDS; end++) {
		o->spp = (enum oracle_spp)end;
		load_sppt(o->spp);
		all_flags(o, EPML_ACCESS_WRITE);
	}
	all_flags(o, EPML_ACCESS_READ | EPML_ACCESS_WRITE);	/* the last end: granted */
	o->spp = SPP_OFF;
}

static void all_patterns(const struct epml_params *params, bool ve)
{
	struct oracle o = { .params = *params, .ve = ve, .threshold = THRESHOLD };

	for (unsigned bits = 0; bits < PATTERNS; bits++) {
		o.table_leaf = SETTLED;
		o.data_leaf = bits;
		all_accesses(&o);
		o.data_leaf = bits | EPML_EPT_SPP;
		all_sub_page_ends(&o);
		o.table_leaf = bits;
		o.data_leaf = SETTLED;
		all_accesses(&o);
	}
}

static void profile(const char *name, const char *full, bool ve)
{
	struct epml_params params;

	assert_true(epml_params_profile(&params, name));
	if (full)
		assert_null(epml_params_set(&params, "full", full));
	m = machine_new(&params, NULL, NULL);
	assert_non_null(m);
	build();
	all_patterns(&params, ve);
	machine_free(m);
	print_message("%lu cases\n", cases);
}

static void published(void **state)
{
	(void)state;
	profile("published", NULL, false);
}

static void hardened(void **state)
{
	(void)state;
	profile("hardened", NULL, false);
}

static void hardened_with_ve(void **state)
{
	(void)state;
	profile("hardened", "ve", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published),
		cmocka_unit_test(hardened),
		cmocka_unit_test(hardened_with_ve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
