/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptor tables of root and guest. Both have the same GDT; only TSS and IDT differ. */
#include "cpu.h"
#include "rom.h"

#define GDT_CODE	0x00AF9B000000FFFFull	/* 64-bit, DPL 0, accessed */
#define GDT_DATA	0x00CF93000000FFFFull
#define GDT_USER_CODE	0x00AFFB000000FFFFull
#define GDT_USER_DATA	0x00CFF3000000FFFFull
#define GDT_TSS_BUSY	0x00008B0000000000ull
#define GATE_INTERRUPT	0x8E00u			/* present, 64-bit interrupt gate, DPL 0 */
#define GATE_DPL3	0x6000u
#define STUB_SIZE	16			/* bytes of a stub in entry.S */

struct gate {
	uint16_t offset_0, selector, ist_type, offset_16;
	uint32_t offset_32, reserved;
};

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

struct tables root_tables, guest_tables;
static struct gate root_idt[32];
static struct gate guest_idt[256];

static void gdt_init(struct tables *t, uint64_t tss)
{
	t->gdt[SEL_CODE / 8] = GDT_CODE;
	t->gdt[SEL_DATA / 8] = GDT_DATA;
	t->gdt[SEL_USER_DATA / 8] = GDT_USER_DATA;
	t->gdt[SEL_USER_CODE / 8] = GDT_USER_CODE;
	t->gdt[SEL_TSS / 8] = GDT_TSS_BUSY | (sizeof(t->tss) - 1) | (tss & 0xFFFFFF) << 16 |
			      (tss >> 24 & 0xFF) << 56;
	t->gdt[SEL_TSS / 8 + 1] = tss >> 32;
}

static void gate_init(struct gate *g, uint64_t offset, uint16_t ist_type)
{
	g->offset_0 = offset;
	g->selector = SEL_CODE;
	g->ist_type = ist_type;
	g->offset_16 = offset >> 16;
	g->offset_32 = offset >> 32;
	g->reserved = 0;
}

/* Run-time address: hides from the compiler that it could keep the pair as constant data. */
static struct table_pointer pointer_to(const void *table, uint16_t size)
{
	__asm__("" : "+r"(table));
	return (struct table_pointer){ size - 1, (uint64_t)table };
}

/** Build the tables and load those of the root. */
void tables_init(void)
{
	struct table_pointer idtr = pointer_to(root_idt, sizeof(root_idt));
	struct table_pointer gdtr = pointer_to(root_tables.gdt, sizeof(root_tables.gdt));
	unsigned i;

	gdt_init(&root_tables, (uint64_t)&root_tables.tss);
	gdt_init(&guest_tables, ALIAS(&guest_tables.tss));
	for (i = 0; i < 32; i++)
		gate_init(&root_idt[i], (uint64_t)root_stubs + i * STUB_SIZE, GATE_INTERRUPT);
	/* DPL 3: INT n is a step at CPL 3 too. IST1: always. */
	for (i = 0; i < 256; i++)
		gate_init(&guest_idt[i], ALIAS(guest_stubs) + i * STUB_SIZE,
			  GATE_INTERRUPT | GATE_DPL3 | 1);
	guest_tables.idt = ALIAS(guest_idt);
	root_tables.idt = (uint64_t)root_idt;
	guest_tables.tss.io_map = root_tables.tss.io_map = sizeof(struct tss);

	__asm__ volatile("lgdt %0; lidt %1" : : "m"(gdtr), "m"(idtr));
	__asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%ss" : : "r"(SEL_DATA));
	__asm__ volatile("pushq %0; lea 1f(%%rip), %%rax; pushq %%rax; lretq; 1:"
			 : : "i"(SEL_CODE) : "rax", "memory");
}

/**
 * Set the stack to which the guest's events are delivered.
 * @param gva	top of the stack
 */
void tables_set_ist(uint64_t gva)
{
	guest_tables.tss.ist1_lo = gva;
	guest_tables.tss.ist1_hi = gva >> 32;
	event_ist = gva & ~15ull;
}

/**
 * Let another handler take an exception of root and guest, or an interrupt of the guest, on the
 * stack that is in use.
 */
void tables_set_handler(unsigned vector, const char *handler)
{
	gate_init(&guest_idt[vector], ALIAS(handler), GATE_INTERRUPT);
	if (vector < 32)
		gate_init(&root_idt[vector], (uint64_t)handler, GATE_INTERRUPT);
}
