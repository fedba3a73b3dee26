/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P2: the guest never sees a host-physical address.
 *
 * Proves: P2, GPML-ADDR-3, VMACC-2
 *
 * Two worlds that a guest cannot tell apart: the same guest, the same permissions and flags in EPT
 * and for sub-pages, but the hypervisor has put everything elsewhere. All addresses in EPT entries,
 * of EPT entries, and of the hypervisor's structures differ in any way. The same step is made in
 * both.
 *
 * Claim: whatever the guest can see of it, now or later, is the same in both: the result, values
 * and errors of VMREAD and VMWRITE, the Guest PML fields afterwards, what is written to guest
 * memory (log entries, paging structures, the information area) and at which place of its page,
 * interrupts, and even the VM exit with its information. What is the same in all worlds tells
 * nothing about this one.
 *
 * Arbitrary: everything in world.h, in both worlds; only what is said to be the same is the same.
 * Bounds: as for P1. The worlds stay related after the step, so that any number of steps follows.
 */
#include "world.h"

#define VISITS	8	/* walks along one path in a step: at most 8 */
#define WRITES	8

struct seen_write {
	enum epml_mem what;
	uint64_t offset, value;
};

static struct seen {
	struct seen_write writes[WRITES];
	unsigned n_writes, n_ipis;
	uint8_t vector;
} seen[WORLDS];

static unsigned char flags[PATHS][VISITS];
static unsigned visits[WORLDS][PATHS];
static struct epml_cpu cpu[WORLDS];
static struct step s[WORLDS];

static bool guest_can_read(enum epml_mem what)
{
	return what == EPML_MEM_GUEST_PTE || what == EPML_MEM_GPML || what == EPML_MEM_VE_INFO;
}

void on_write(uint64_t hpa, unsigned size, uint64_t value, enum epml_mem what)
{
	struct seen *now = &seen[world];

	(void)size;
	if (!guest_can_read(what))
		return;
	claim(now->n_writes < WRITES, "bound: writes in a step");
	now->writes[now->n_writes++] = (struct seen_write){ what, hpa & PAGE_MASK, value };
}

void on_ipi(uint8_t vector)
{
	seen[world].n_ipis++;
	seen[world].vector = vector;
}

/* The hypervisor and other processors do the same to the flags in both worlds. */
unsigned ept_flags(unsigned n)
{
	unsigned visit = visits[world][n]++;

	claim(visit < VISITS, "bound: walks in a step");
	return (unsigned)flags[n][visit] << 1;
}

/* The second world's path: other places, else the same. */
static void elsewhere(const struct epml_cpu *c, unsigned n)
{
	const struct path *here = &paths[0][n];
	struct path *there = &paths[1][n];

	any_path(c, n, here->gpn << 12);
	there->sppt = here->sppt;
	there->writable = here->writable;
	assume(there->end == here->end && there->w.leaf == here->w.leaf);
	for (unsigned level = EPT_LEVELS; level >= 1; level--)
		assume(!((there->w.entry[level] ^ here->w.entry[level]) &
			 ~EPML_EPT_ADDRESS_MASK));
}

/* The same processor under a hypervisor that has its structures elsewhere. */
static struct epml_cpu related_cpu(const struct epml_cpu *one)
{
	struct epml_cpu two = *one;
	struct epml_vmcs *v = &two.v;

	v->eptp = (one->v.eptp & ~EPML_EPTP_ADDRESS_MASK) | (any_u64() & EPML_EPTP_ADDRESS_MASK);
	v->spptp = any_u64();
	v->pml_address = any_u64();
	v->vmread_bitmap = any_u64();
	v->vmwrite_bitmap = any_u64();
	v->link_pointer = any_u64();
	v->ve_info = any_u64();
	if (one->params.translation == EPML_TRANSLATE_AT_VMWRITE)
		v->gpml_address = any_u64();	/* an HPA too */
	assume(!epml_vmentry_check(&two, v));
	return two;
}

static struct step related_step(const struct step *one)
{
	struct step two = *one;

	for (unsigned level = 1; level <= GUEST_LEVELS; level++)
		two.w.entry[level].hpa = path_hpa(&paths[1][PATH_PTE(level)],
						  one->w.entry[level].gpa);
	return two;
}

static void compare_memory(const struct seen *a, const struct seen *b)
{
	claim(a->n_writes == b->n_writes, "as many writes");
	for (unsigned i = 0; i < WRITES; i++) {
		if (i >= a->n_writes)
			continue;
		claim(a->writes[i].what == b->writes[i].what, "the same kind of write");
		claim(a->writes[i].offset == b->writes[i].offset, "the same place in the page");
		claim(a->writes[i].value == b->writes[i].value, "the same value");
	}
	claim(a->n_ipis == b->n_ipis && a->vector == b->vector, "the same notification");
}

static void compare_state(const struct epml_vmcs *a, const struct epml_vmcs *b)
{
	claim(a->gpml_index == b->gpml_index && a->pml_index == b->pml_index, "same indices");
	claim(a->gpml_vector == b->gpml_vector && a->gpml_threshold == b->gpml_threshold,
	      "the same other fields");
	if (cpu[0].params.translation == EPML_TRANSLATE_AT_LOG)
		claim(a->gpml_address == b->gpml_address, "the same address of the log");
}

static void compare_exit(const struct epml_exit *a, const struct epml_exit *b)
{
	claim(a->reason == b->reason && a->qualification == b->qualification, "the same exit");
	claim(a->gpa_valid == b->gpa_valid && (!a->gpa_valid || a->gpa == b->gpa), "exit: GPA");
	claim(a->gva_valid == b->gva_valid && (!a->gva_valid || a->gva == b->gva), "exit: GVA");
}

static void compare_step(const struct step *a, const struct step *b)
{
	claim(a->result == b->result && a->insn == b->insn, "the same result");
	claim(same_spp(&cpu[0].spp, &cpu[1].spp), "the same sub-pages may be written");
	if (a->kind == STEP_VMREAD && a->insn == EPML_INSN_OK)
		claim(a->value == b->value, "VMREAD: the same value");
	if (a->insn == EPML_INSN_VMFAIL)
		claim(a->error == b->error, "the same VM-instruction error");
	if (a->result != EPML_OK || a->insn == EPML_INSN_FAULT)
		compare_exit(&cpu[0].exit, &cpu[1].exit);
}

static void make_worlds(void)
{
	cpu[0] = any_cpu();
	s[0] = any_step(&cpu[0]);
	any_path(&cpu[0], PATH_LOG, any_log_entry(&cpu[0]));
	for (unsigned i = 0; i < PATHS; i++)
		for (unsigned visit = 0; visit < VISITS; visit++)
			flags[i][visit] = any_unsigned();
	world = 1;
	cpu[1] = related_cpu(&cpu[0]);
	for (unsigned i = 0; i < PATHS; i++)
		elsewhere(&cpu[1], i);
	s[1] = related_step(&s[0]);
}

int main(void)
{
	make_worlds();
	world = 0;
	do_step(&cpu[0], &s[0]);
	world = 1;
	do_step(&cpu[1], &s[1]);
	compare_step(&s[0], &s[1]);
	compare_memory(&seen[0], &seen[1]);
	compare_state(&cpu[0].v, &cpu[1].v);
	example(seen[0].n_writes == 3 && paths[0][PATH_LOG].w.hpa != paths[1][PATH_LOG].w.hpa);
	return 0;
}
