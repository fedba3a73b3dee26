/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a vector image by hand, for the ROM's own test (test-rom.sh).
 *
 * Usage: smoke-image > FILE. It needs no part of the vector tools: if a vector fails on Bochs but
 * this image does not, the ROM is not to blame. All vectors share one world: guest-virtual pages
 * from 400000H on are guest-physical pages from 200000H on, supervisor and user, writable.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "epml-spec.h"
#include "vecimg.h"

#define GVA		0x400000ull
#define GPA		0x200000ull
#define N_PAGES		8
#define PT_FLAGS	(EPML_PTE_PRESENT | EPML_PTE_WRITE | EPML_PTE_USER)
#define PT_UPPER	(PT_FLAGS | EPML_PTE_ACCESSED)
#define EPT_RWX		(EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE)
#define EPT_WB		((uint64_t)EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT)
#define EPT_AD		(EPML_EPT_ACCESSED | EPML_EPT_DIRTY)
#define HPA(gpa)	(W_FRAME0 + (gpa))
#define PTE(i)		(HPA(W_GUEST_PML4 + 0x3000) + 8 * (i))	/* of page i */
#define EPTE(i)		(W_EPT + 0x4000 + 8 * (i))
#define LIMIT		1000000

static struct {
	uint64_t page[64];
	struct vi_poke poke[4096];
	struct vi_field field[64];
	struct vi_step step[64];
	uint64_t dump_page[8], dump_word[32];
	struct vi_field dump_field[8];
	struct vi_vector v;
} cur;

static char image[1 << 20];
static struct vi_header header = { .magic = VI_MAGIC, .version = 1, .size = sizeof(header) };

static void page(uint64_t hpa)
{
	cur.page[cur.v.n_pages++] = hpa;
}

static void poke(uint64_t hpa, uint64_t value)
{
	cur.poke[cur.v.n_pokes++] = (struct vi_poke){ hpa, value };
}

static void field(uint64_t encoding, uint64_t value)
{
	cur.field[cur.v.n_fields++] = (struct vi_field){ encoding, value };
}

static struct vi_step *step(uint16_t op, uint16_t size, uint64_t a, uint64_t b, uint64_t c)
{
	struct vi_step *s = &cur.step[cur.v.n_steps++];

	*s = (struct vi_step){ op, size, 0, a, b, c };
	return s;
}

static void handler(uint32_t vector, uint16_t op, uint16_t size, uint64_t a, uint64_t b)
{
	step(op, size, a, b, 0)->handler = vector + 1;
}

static void dump_word(uint64_t hpa)
{
	cur.dump_word[cur.v.n_dump_words++] = hpa;
}

static void dump_page(uint64_t hpa)
{
	cur.dump_page[cur.v.n_dump_pages++] = hpa;
}

static void dump_field(uint64_t encoding)
{
	cur.dump_field[cur.v.n_dump_fields++].field = encoding;
}

static void guest_tables(void)
{
	uint64_t pml4 = W_GUEST_PML4, i;

	for (i = 0; i < 4; i++)
		page(HPA(pml4 + 0x1000 * i));
	poke(HPA(pml4), (pml4 + 0x1000) | PT_UPPER);
	poke(HPA(pml4) + 8, (W_ALIAS + W_SYS_PDPT) | PT_UPPER);
	poke(HPA(pml4 + 0x1000), (pml4 + 0x2000) | PT_UPPER);
	poke(HPA(pml4 + 0x2000) + 8 * (GVA >> 21), (pml4 + 0x3000) | PT_UPPER);
	for (i = 0; i < N_PAGES; i++) {
		page(HPA(GPA + 0x1000 * i));
		poke(PTE(i), (GPA + 0x1000 * i) | PT_FLAGS);
	}
}

static void ept_tables(void)
{
	uint64_t i;

	for (i = 0; i < 5; i++)
		page(W_EPT + 0x1000 * i);
	poke(W_EPT, (W_EPT + 0x1000) | EPT_RWX | EPML_EPT_ACCESSED);
	poke(W_EPT + 8, W_SYS_EPDPT | EPT_RWX | EPML_EPT_ACCESSED);
	poke(W_EPT + 0x1000, (W_EPT + 0x2000) | EPT_RWX | EPML_EPT_ACCESSED);
	poke(W_EPT + 0x2000, (W_EPT + 0x3000) | EPT_RWX | EPML_EPT_ACCESSED);
	poke(W_EPT + 0x2008, (W_EPT + 0x4000) | EPT_RWX | EPML_EPT_ACCESSED);
	for (i = 0; i < 4; i++)
		poke(W_EPT + 0x3000 + 8 * ((W_GUEST_PML4 >> 12) + i),
		     HPA(W_GUEST_PML4 + 0x1000 * i) | EPT_RWX | EPT_WB | EPT_AD);
	for (i = 0; i < N_PAGES; i++)
		poke(EPTE(i), HPA(GPA + 0x1000 * i) | EPT_RWX | EPT_WB);
}

static void alias_tables(void)
{
	uint64_t i;

	page(W_SYS_PDPT);
	page(W_SYS_PD);
	page(W_SYS_EPDPT);
	page(W_SYS_EPD);
	poke(W_SYS_PDPT, (W_ALIAS + W_SYS_PD) | PT_UPPER);
	poke(W_SYS_EPDPT, W_SYS_EPD | EPT_RWX | EPML_EPT_ACCESSED);
	for (i = 0; i < W_RAM_SIZE >> 21; i++) {
		poke(W_SYS_PD + 8 * i, (W_ALIAS + (i << 21)) | PT_UPPER | EPML_PTE_DIRTY |
		     EPML_PTE_LARGE);
		poke(W_SYS_EPD + 8 * i, (i << 21) | EPT_RWX | EPT_WB | EPML_EPT_LARGE | EPT_AD);
	}
}

static void begin(uint32_t flags, uint32_t proc2)
{
	memset(&cur, 0, sizeof(cur));
	cur.v.index = header.count++;
	cur.v.flags = flags;
	cur.v.limit = LIMIT;
	guest_tables();
	ept_tables();
	alias_tables();
	page(W_PML);
	page(W_VAPIC);
	page(W_MSR_BITMAP);
	field(EPML_VMCS_PIN_BASED_CONTROLS,
	      EPML_PIN_EXTERNAL_INTERRUPT_EXITING | EPML_PIN_PREEMPTION_TIMER);
	field(EPML_VMCS_PROC_BASED_CONTROLS, EPML_PROC_USE_TPR_SHADOW |
	      EPML_PROC_USE_MSR_BITMAPS | EPML_PROC_ACTIVATE_SECONDARY);
	field(EPML_VMCS_SECONDARY_CONTROLS, EPML_PROC2_ENABLE_EPT | EPML_PROC2_VIRTUALIZE_X2APIC |
	      EPML_PROC2_APIC_REGISTER_VIRTUALIZATION |
	      EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY | proc2);
	field(EPML_VMCS_EPTP, W_EPT | 3u << EPML_EPTP_WALK_SHIFT | EPML_MEMTYPE_WB |
	      EPML_EPTP_AD);
	field(EPML_VMCS_GUEST_CR3, W_GUEST_PML4);
	field(EPML_VMCS_VIRTUAL_APIC_ADDRESS, W_VAPIC);
	field(EPML_VMCS_MSR_BITMAP_ADDRESS, W_MSR_BITMAP);
	field(EPML_VMCS_PML_ADDRESS, W_PML);
	field(EPML_VMCS_PML_INDEX, EPML_LOG_FIRST_INDEX);
}

static void append(const void *p, size_t size)
{
	if (header.size + size > sizeof(image))
		abort();
	memcpy(image + header.size, p, size);
	header.size += size;
}

#define APPEND(array, n) append(cur.array, (n) * sizeof(cur.array[0]))

static void end(void)
{
	uint64_t start = header.size;

	append(&cur.v, sizeof(cur.v));
	APPEND(page, cur.v.n_pages);
	APPEND(poke, cur.v.n_pokes);
	APPEND(field, cur.v.n_fields);
	APPEND(step, cur.v.n_steps);
	APPEND(dump_page, cur.v.n_dump_pages);
	APPEND(dump_word, cur.v.n_dump_words);
	APPEND(dump_field, cur.v.n_dump_fields);
	((struct vi_vector *)(image + start))->size = header.size - start;
}

/* 0: a store of every size, flags set, log entry written */
static void stores(void)
{
	unsigned size;

	begin(0, EPML_PROC2_ENABLE_PML);
	for (size = 1; size <= 64; size *= 2)
		step(VI_STORE, size, GVA + (size & ~1u), 0x1122334455667788, 0);
	step(VI_LOAD, 8, GVA + 1, 0, 0);
	for (size = 0; size <= 128; size += 8)
		dump_word(HPA(GPA) + size);
	dump_word(PTE(0));
	dump_page(W_PML);
	dump_field(EPML_VMCS_PML_INDEX);
	dump_field(0x2FFE);		/* no such field: no line */
	end();
}

/* 1: every other instruction that writes */
static void writes(void)
{
	begin(0, 0);
	step(VI_RMW, 4, GVA, 5, 0);
	step(VI_LOCK_RMW, 8, GVA, 7, 0);
	step(VI_CMPXCHG, 2, GVA, 12, 0xABCD);
	step(VI_CMPXCHG, 8, GVA, 1, 2);
	step(VI_CMPXCHG16B, 16, GVA + 16, 0, 9);
	step(VI_PUSH, 8, GVA + 32, 0x55, 0);
	step(VI_STOS, 8, GVA + 0xFF0, 4, 0x77);
	step(VI_MOVS, 1, GVA + 40, GVA, 2);
	step(VI_STORE, 64, GVA + 0x1FF0, 0x99, 0);
	step(VI_CALL, 0, 0, 0, 0);	/* #PF of the fetch */
	step(VI_NOP, 0, 0, 0, 0);
	dump_word(HPA(GPA));
	dump_word(HPA(GPA) + 16);
	dump_word(HPA(GPA) + 32);
	dump_word(HPA(GPA) + 40);
	dump_word(HPA(GPA) + 0xFF8);
	dump_word(HPA(GPA) + 0x1008);
	dump_word(HPA(GPA) + 0x2028);
	end();
}

/* 2: page faults end their steps, at CPL 3, without and with a handler that mends the page */
static void faults(void)
{
	begin(VI_F_CPL3, 0);
	poke(PTE(1), (GPA + 0x1000) | EPML_PTE_PRESENT | EPML_PTE_WRITE);
	poke(PTE(2), (GPA + 0x2000) | EPML_PTE_PRESENT | EPML_PTE_USER);
	step(VI_STORE, 8, GVA + 0x1000, 1, 0);
	step(VI_CLI, 0, 0, 0, 0);			/* #GP(0) */
	step(VI_INT, 0, 0x21, 0, 0);
	step(VI_STORE, 8, GVA, 2, 0);
	end();
	begin(VI_F_CPL3, 0);
	poke(PTE(2), (GPA + 0x2000) | EPML_PTE_PRESENT | EPML_PTE_USER);
	step(VI_PUSH, 8, GVA + 0x2000, 3, 0);
	handler(EPML_VECTOR_PF, VI_STORE, 8, W_ALIAS + PTE(2), (GPA + 0x2000) | PT_FLAGS);
	handler(EPML_VECTOR_PF, VI_INVLPG, 0, GVA + 0x2000, 0);
	dump_word(HPA(GPA) + 0x2000);
	end();
}

/* 4: EPT violation; the host mends the entry and resumes; then one that is skipped */
static void violations(void)
{
	begin(0, 0);
	poke(EPTE(0), HPA(GPA) | EPML_EPT_READ | EPT_WB);
	poke(EPTE(1), 0);
	step(VI_STORE, 8, GVA, 4, 0);
	step(VI_H_POKE, 8, EPTE(0), HPA(GPA) | EPT_RWX | EPT_WB, 0);
	step(VI_H_INVEPT, 0, EPML_INVEPT_ALL, 0, 0);
	step(VI_H_RESUME, 0, 0, 0, 0);
	step(VI_LOAD, 8, GVA, 0, 0);
	step(VI_LOAD, 8, GVA + 0x1000, 0, 0);
	step(VI_H_PEEK, 4, EPTE(0), 0, 0);
	step(VI_H_SKIP, 0, 0, 0, 0);
	step(VI_STORE, 1, GVA + 8, 5, 0);
	step(VI_H_VMREAD, 0, EPML_VMCS_GUEST_CR3, 0, 0);
	step(VI_H_VMWRITE, 0, 0x6FFF, 0, 0);	/* no such field */
	step(VI_H_VMCLEAR, 0, 0, 0, 0);
	step(VI_LOAD, 1, GVA + 8, 0, 0);
	step(VI_VMCALL, 0, 0, 0, 0);
	step(VI_NOP, 0, 0, 0, 0);
	end();
}

/*
 * 5: VMREAD exits; 6: hang, twice; 7: VM entry refused; 8: an exit in a handler at CPL 3, skipped
 */
static void exits(void)
{
	begin(0, 0);
	step(VI_VMREAD, 0, EPML_VMCS_GUEST_CR3, 0, 0);
	end();
	begin(0, 0);
	step(VI_HLT, 0, 0, 0, 0);
	step(VI_H_SKIP, 0, 0, 0, 0);
	step(VI_LOAD, 8, GVA, 0, 0);
	step(VI_HLT, 0, 0, 0, 0);
	end();
	begin(0, EPML_PROC2_INSTRUCTION_TIMEOUT);
	step(VI_NOP, 0, 0, 0, 0);
	end();
	begin(VI_F_CPL3, 0);
	poke(EPTE(1), 0);
	step(VI_INT, 0, 0x30, 0, 0);
	handler(0x30, VI_INT, 0, 0x31, 0);
	handler(0x31, VI_LOAD, 1, GVA + 0x1000, 0);
	step(VI_H_SKIP, 0, 0, 0, 0);
	step(VI_HLT, 0, 0, 0, 0);	/* #GP(0): CPL 3 again */
	step(VI_VMCALL, 0, 0, 0, 0);
	end();
}

/* 9: self-IPI, masked by the TPR, then delivered to a handler; a: delivered by STI */
static void interrupts(void)
{
	begin(VI_F_IF, 0);
	step(VI_WRTPR, 0, 0x50, 0, 0);
	step(VI_SELF_IPI, 0, 0x41, 0, 0);
	step(VI_NOP, 0, 0, 0, 0);
	step(VI_WRTPR, 0, 0, 0, 0);
	handler(0x41, VI_EOI, 0, 0, 0);
	handler(0x41, VI_STORE, 8, GVA, 0x41);
	step(VI_SELF_IPI, 0, 0x42, 0, 0);
	step(VI_LOAD, 8, GVA, 0, 0);
	end();
	begin(0, 0);
	step(VI_SELF_IPI, 0, 0x43, 0, 0);
	step(VI_NOP, 0, 0, 0, 0);
	step(VI_STI, 0, 0, 0, 0);
	step(VI_NOP, 0, 0, 0, 0);
	end();
}

/* b: an EPT violation during event delivery, injected again; a fault in a handler */
static void delivery(void)
{
	begin(0, 0);
	cur.v.ist = GVA + 0x4000;
	poke(EPTE(3), HPA(GPA + 0x3000) | EPML_EPT_READ | EPT_WB);
	poke(PTE(1), 0);
	step(VI_STORE, 8, GVA + 0x1000, 1, 0);
	step(VI_H_POKE, 8, EPTE(3), HPA(GPA + 0x3000) | EPT_RWX | EPT_WB, 0);
	step(VI_H_RESUME, 0, 0, 0, 0);
	step(VI_INT, 0, 0x80, 0, 0);
	handler(0x80, VI_STORE, 8, GVA + 0x1000, 0);
	step(VI_LOAD, 8, GVA + 0x3FD0, 0, 0);
	end();
}

/* c: a fault for ever: the ROM gives up */
static void for_ever(void)
{
	begin(0, 0);
	cur.v.limit = 0x7FFFFFFF;
	poke(PTE(1), 0);
	step(VI_STORE, 8, GVA + 0x1000, 1, 0);
	handler(EPML_VECTOR_PF, VI_NOP, 0, 0, 0);
	end();
}

/* d: a program, its registers at the end; e: one that an exception ends */
static void programs(void)
{
	begin(VI_F_REGS, 0);
	poke(HPA(GPA), 0xC3D8F74807B0);		/* mov $7, %al; neg %rax; ret */
	step(VI_CALL, 0, GVA, 0, 0);
	end();
	begin(VI_F_REGS, 0);
	poke(HPA(GPA), 0x0B0F05B3);		/* mov $5, %bl; ud2 */
	step(VI_CALL, 0, GVA, 0, 0);
	end();
}

/* The page has sub-page permissions by entries that the tables at W_SPPT end with. */
static void begin_sub_pages(void)
{
	begin(0, EPML_PROC2_SUB_PAGE_WRITE);
	field(EPML_VMCS_SPPTP, W_SPPT);
	page(W_SPPT);
	page(W_SPPT + 0x1000);
	poke(EPTE(0), HPA(GPA) | EPML_EPT_READ | EPT_WB | EPML_EPT_SPP);
	poke(W_SPPT, (W_SPPT + 0x1000) | EPML_SPPT_VALID);
}

/* f: FXSAVE and XSAVE; 10: an SPPT miss, 11: an SPPT misconfiguration */
static void saved_state(void)
{
	unsigned offset;

	begin(VI_F_CPL3, 0);
	poke(HPA(GPA) + 0x600, 0x50);
	step(VI_FXSAVE, 0, GVA, 0x77, 0);
	step(VI_FXSAVE, 0, GVA + 8, 0x77, 0);	/* #GP(0) */
	step(VI_XSAVE, 0, GVA + 0x400, 0x88, 0);
	for (offset = 0; offset < VI_XSAVE_SIZE; offset += offset == 512 ? 64 : 128) {
		if (offset < VI_FXSAVE_SIZE)
			dump_word(HPA(GPA) + offset);
		dump_word(HPA(GPA) + 0x400 + offset);
	}
	end();
}

static void sub_pages(void)
{
	begin_sub_pages();
	step(VI_STORE, 8, GVA + 0x18, 1, 0);
	step(VI_H_SKIP, 0, 0, 0, 0);
	step(VI_LOAD, 8, GVA + 0x18, 0, 0);
	end();
	begin_sub_pages();
	poke(W_SPPT + 0x1000, 1 << 2 | EPML_SPPT_VALID);
	step(VI_STORE, 8, GVA + 0x18, 1, 0);
	end();
}

int main(void)
{
	stores();
	writes();
	faults();
	violations();
	exits();
	interrupts();
	delivery();
	for_ever();
	programs();
	saved_state();
	sub_pages();
	memcpy(image, &header, sizeof(header));
	return fwrite(image, 1, header.size, stdout) != header.size || fflush(stdout);
}
