/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A heap that catches "tab[4] = 4" in an array of four int, at this very instruction.
 *
 *	epml asm heap-guards.c
 *	epml asm --timing full heap-guards.c
 *
 * Each buffer ends where a guard begins that nobody may write. A guard page costs 4096 bytes for
 * 16. With sub-page write permissions (SPP) a guard is 128 bytes: the hypervisor has given the
 * guest a pool of pages in which every second sub-page is write-protected, once and for all, so
 * that an allocation costs nothing more. The published Linux API for such a pool is MADV_SPP2.
 *
 * A write to a guard page is #PF. A write to a protected sub-page is an EPT violation, which
 * becomes #VE in a program that handles #VE; take away vector_14, and it is VM exit 48 at the line.
 *
 * The run proves that every such write is caught, by which instruction, and what memory both
 * guards cost. A tick is one instruction or, with --timing, a modelled cycle; and a guard page,
 * which this program makes by itself, takes a process a system call. Neither guard catches a write
 * that jumps over it or that hits the slot in front of the buffer; sub-pages catch no reads.
 */
#include <epml-guest.h>
#include <epml-print.h>

#define BUFFERS		16u
#define BUFFER_SIZE	(4 * sizeof(int))
#define ROUNDS		32u		/* all is done so often, for the ticks */
#define PAGE		4096u
#define SUB_PAGE	128u

/* A row of slots: "usable" bytes, with the buffer at their end, then "guard" bytes. */
struct heap {
	uint64_t start, next;			/* the first slot, and the next to give away */
	unsigned long usable, guard;
	void (*protect)(uint64_t guard);	/* or NULL: it is protected already */
	int *buffers[BUFFERS];
	unsigned long caught, caught_at;	/* how many overflows, and where the last */
};

static void unmap_page(uint64_t gva)
{
	*(volatile uint64_t *)EPML_GUEST_PTE(gva) &= ~EPML_PTE_PRESENT;
	__asm__ volatile("invlpg (%0)" : : "r"(gva) : "memory");
}

static int *allocate(struct heap *h)
{
	const uint64_t guard = h->next + h->usable;

	if (h->protect)
		h->protect(guard);
	h->next = guard + h->guard;
	return (int *)(guard - BUFFER_SIZE);
}

/* ---- The overflow ---- */

static void *resume[5];			/* where to go on if it is caught */
static volatile uint64_t caught_at;	/* RIP: address of the instruction */

/* The defect. A function that the compiler knows nothing about: it may not see the end of tab. */
static __attribute__((noipa)) void overflow(int *tab)
{
	tab[4] = 4;
}

/* Returns the address of the instruction that was caught, 0 if none was. */
static uint64_t try_overflow(int *tab)
{
	caught_at = 0;
	if (!__builtin_setjmp(resume))
		overflow(tab);
	return caught_at;
}

static void go_on(void)
{
	__builtin_longjmp(resume, 1);
}

/* #PF: a guard page. */
void vector_0e(struct epml_guest_frame *frame)
{
	caught_at = frame->rip;
	frame->rip = (uint64_t)go_on;
}

/* #VE: a guarding sub-page. */
void vector_14(struct epml_guest_frame *frame)
{
	*(volatile uint32_t *)(EPML_GUEST_VE_INFO + EPML_VEINFO_BUSY) = 0;
	vector_0e(frame);
}

/* ---- The comparison ---- */

static void allocate_all(struct heap *h)
{
	h->next = h->start;
	for (unsigned i = 0; i < BUFFERS; i++)
		h->buffers[i] = allocate(h);
}

static void write_all(struct heap *h)
{
	for (unsigned i = 0; i < BUFFERS; i++)
		*(volatile int *)&h->buffers[i][3] = 3;
}

static void overflow_all(struct heap *h)
{
	for (unsigned i = 0; i < BUFFERS; i++) {
		h->caught_at = try_overflow(h->buffers[i]);
		h->caught += h->caught_at != 0;
	}
}

/* INVLPG, here of nothing, serialises: all before it is done when RDTSC reads the counter. */
static uint64_t now(void)
{
	__asm__ volatile("invlpg 0" : : : "memory");
	return __builtin_ia32_rdtsc();
}

static unsigned long ticks(void (*of_all)(struct heap *h), struct heap *h)
{
	const uint64_t start = now();

	for (unsigned i = 0; i < ROUNDS; i++)
		of_all(h);
	return (now() - start) / (ROUNDS * BUFFERS);
}

static void print_row(const char *name, unsigned long sub_pages, unsigned long guard_pages)
{
	epml_printf("%-24s%12lu%14lu\n", name, sub_pages, guard_pages);
}

static void print_ticks(const char *name, void (*of_all)(struct heap *h), struct heap *s,
			struct heap *g)
{
	const unsigned long sub_pages = ticks(of_all, s);

	print_row(name, sub_pages, ticks(of_all, g));
}

void program(void)
{
	static struct heap s = { .start = EPML_GUEST_SPP2, .usable = SUB_PAGE, .guard = SUB_PAGE };
	static struct heap g = { .start = EPML_GUEST_DATA, .usable = PAGE, .guard = PAGE,
				 .protect = unmap_page };

	epml_printf("%u buffers of %lu bytes%14s%14s\n", BUFFERS, BUFFER_SIZE, "sub-pages",
		    "guard pages");
	print_row("bytes per buffer", s.usable + s.guard, g.usable + g.guard);
	print_row("  of them guard", s.guard, g.guard);
	print_ticks("ticks per allocation", allocate_all, &s, &g);
	print_ticks("ticks per write", write_all, &s, &g);
	print_ticks("ticks per overflow", overflow_all, &s, &g);
	print_row("overflows", ROUNDS * BUFFERS, ROUNDS * BUFFERS);
	print_row("  of them caught", s.caught, g.caught);
	epml_printf("%-24s%11lxH%13lxH\n", "  by the instruction at", s.caught_at, g.caught_at);
	print_row("bytes in all", s.next - s.start, g.next - g.start);
	epml_printf("\nSub-pages take %lu times less memory; published: 32 times.\n"
		    "A tick is one instruction, or with --timing a cycle; those of an overflow\n"
		    "are mostly the ROM's, which looks for the handler.\n",
		    (g.next - g.start) / (s.next - s.start));
}
