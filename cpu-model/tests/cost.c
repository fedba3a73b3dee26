/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counts the memory accesses that libepml makes for one instruction, and prints them as the block
 * "cost" of docs/isa-extension.md. Nothing is cached, so these are the numbers of a processor
 * whose caches of translations and paging structures have all missed.
 */
#include <stdio.h>
#include <string.h>

#include "fixture.h"

#define MEM_KINDS (EPML_MEM_SPPT + 1)

struct counts {
	unsigned read[MEM_KINDS], written[MEM_KINDS];
};

/* What is special about an instruction. */
#define PML		0x01u	/* hypervisor's log on */
#define GPML		0x02u	/* guest's log on */
#define DIRTY		0x04u	/* dirty flags of the page are set, in EPT and in the guest */
#define LOG_CLEAN	0x08u	/* EPT dirty flag of the guest's log page is clear */
#define READ		0x10u	/* a read, not a write */
#define SPP		0x20u	/* only sub-pages of the page are writable */

struct scenario {
	const char *text;
	unsigned flags;
	uint32_t vmread, vmwrite;	/* instead of a memory access */
};

static const struct scenario scenarios[] = {
	{ .text = "read, both logs on", .flags = READ | PML | GPML },
	{ .text = "write, page dirty, both logs off", .flags = DIRTY },
	{ .text = "write, page dirty, both logs on", .flags = DIRTY | PML | GPML },
	{ .text = "write, page clean, both logs off" },
	{ .text = "write, page clean, hypervisor's log on", .flags = PML },
	{ .text = "write, page clean, guest's log on", .flags = GPML },
	{ .text = "write, page clean, both logs on", .flags = PML | GPML },
	{ .text = "the same, EPT dirty flag of the log page clear",
	  .flags = PML | GPML | LOG_CLEAN },
	{ .text = "write to a granted sub-page, page dirty, both logs on",
	  .flags = SPP | DIRTY | PML | GPML },
	{ .text = "write to a granted sub-page, page clean, both logs off", .flags = SPP },
	{ .text = "write to a granted sub-page, page clean, both logs on",
	  .flags = SPP | PML | GPML },
	{ .text = "VMREAD of Guest PML Index", .flags = GPML,
	  .vmread = EPML_VMCS_GUEST_PML_INDEX },
	{ .text = "VMWRITE of Guest PML Index", .flags = GPML,
	  .vmwrite = EPML_VMCS_GUEST_PML_INDEX },
	{ .text = "VMWRITE of Guest PML Address", .flags = GPML,
	  .vmwrite = EPML_VMCS_GUEST_PML_ADDRESS },
};

/* The fixture's memory, counted. */
static const struct epml_ops *memory;
static struct counts counts;

static uint64_t counted_read(void *host, uint64_t hpa, unsigned size, enum epml_mem what)
{
	counts.read[what]++;
	return memory->read(host, hpa, size, what);
}

static void counted_write(void *host, uint64_t hpa, unsigned size, uint64_t value,
			  enum epml_mem what)
{
	counts.written[what]++;
	memory->write(host, hpa, size, value, what);
}

static void prepare(struct fixture *fx, const char *profile, const struct scenario *s)
{
	fx_profile(fx, profile);
	fx->cpu.v.proc2 &= ~EPML_PROC2_ENABLE_PML;
	if (s->flags & PML)
		fx->cpu.v.proc2 |= EPML_PROC2_ENABLE_PML;
	fx->cpu.v.proc3 = s->flags & GPML ? EPML_PROC3_ENABLE_GUEST_PML : 0;
	fx_ept_change(fx, FX_GPA_DATA, 1, 0, EPML_EPT_ACCESSED);
	fx_pte_change(fx, FX_GVA_DATA, 1, 0, EPML_PTE_ACCESSED);
	if (s->flags & DIRTY) {
		fx_ept_change(fx, FX_GPA_DATA, 1, 0, EPML_EPT_DIRTY);
		fx_pte_change(fx, FX_GVA_DATA, 1, 0, EPML_PTE_DIRTY);
	}
	if (s->flags & SPP)
		fx_set_spp(fx, 1);
	if (s->flags & LOG_CLEAN)
		fx_ept_change(fx, FX_GPA_LOG, 1, EPML_EPT_DIRTY, 0);
}

/* The guest page walk, which is the host's part of an access, and then the access. */
static void walk_and_access(struct fixture *fx, unsigned flags)
{
	uint64_t hpa;

	for (unsigned level = 4; level >= 1; level--) {
		struct epml_access a = {
			.gpa = fx_pte_gpa(FX_GVA_DATA, level), .gva = FX_GVA_DATA,
			.flags = FX_WALK };

		assert_int_equal(epml_ept_access(&fx->cpu, &a, &hpa), EPML_OK);
		counts.read[EPML_MEM_GUEST_PTE]++;
	}
	assert_int_equal(fx_access(fx, FX_GVA_DATA, flags, &hpa), EPML_OK);
}

static void run(struct fixture *fx, const struct scenario *s)
{
	uint64_t value = 0;
	unsigned error;

	if (s->vmread)
		epml_guest_vmread(&fx->cpu, s->vmread, &value, &error);
	else if (s->vmwrite)
		epml_guest_vmwrite(&fx->cpu, s->vmwrite,
				   s->vmwrite == EPML_VMCS_GUEST_PML_ADDRESS ? FX_GPA_LOG : 511,
				   &error);
	else
		walk_and_access(fx, s->flags & READ ? FX_READ : FX_WRITE);
}

static void measure(const char *profile, const struct scenario *s)
{
	struct epml_ops ops;
	struct fixture *fx;
	void *state;

	if (fx_setup(&state))
		fail_msg("out of memory");
	fx = state;
	memory = fx->cpu.ops;
	ops = *memory;
	ops.read = counted_read;
	ops.write = counted_write;
	fx->cpu.ops = &ops;
	prepare(fx, profile, s);
	memset(&counts, 0, sizeof(counts));
	run(fx, s);
	fx_teardown(&state);
}

static void print_row(const struct scenario *s)
{
	printf("| %s | %u | %u | %u | %u | %u | %u | %u | %u |\n", s->text,
	       counts.read[EPML_MEM_EPT] / 4, counts.written[EPML_MEM_EPT],
	       counts.read[EPML_MEM_SPPT] / 4,
	       counts.read[EPML_MEM_GUEST_PTE], counts.written[EPML_MEM_GUEST_PTE],
	       counts.written[EPML_MEM_PML], counts.written[EPML_MEM_GPML],
	       counts.read[EPML_MEM_VMX_BITMAP]);
}

static void print_profile(const char *profile)
{
	printf("\nProfile `%s`:\n\n"
	       "| instruction | EPT walks | EPT entries written | SPPT walks | "
	       "guest entries read | guest entries written | hypervisor's log | guest's log | "
	       "bitmaps read |\n"
	       "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n", profile);
	for (unsigned i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		measure(profile, &scenarios[i]);
		print_row(&scenarios[i]);
	}
}

int main(void)
{
	puts("<!-- generated: cost -->");
	print_profile("published");
	print_profile("hardened");
	puts("\n<!-- end -->");
	return 0;
}
