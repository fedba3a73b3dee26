/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two vCPUs at the same time: each tracks its own half of the test pages, re-arms all pages of the
 * guest again and again, and disables and enables SPML, for which Xen has to pause the other one.
 * Each has to find its own pages in its own ring, all of them and no others. vCPU 0 sets and clears
 * a pool besides.
 */
#include "guest.h"

#define ROUNDS		200u
#define RING_BYTES	(17 * 4096ul)
#define RING2_GPA	0x440000ul
#define LIST_GPA	0x610000ul
#define AGAIN		16u
#define PAGES		(TEST_PAGES / 2)

#define HYPERCALL_VCPU_OP	24
#define VCPUOP_INITIALISE	0
#define VCPUOP_UP		1
#define MODE_64B		1

/* How a vCPU starts, of Xen's public interface. */
struct context {
	uint32_t mode, pad;
	uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, rip, rflags, cr0, cr3, cr4, efer;
};

struct worker {
	struct ooh_ring *ring;
	uint64_t *list;
	unsigned int first;		/* of its test pages */
	unsigned int rounds, errors, missed, foreign;
	unsigned int times[TEST_PAGES];
};

static struct worker worker[2] = {
	{ .ring = (struct ooh_ring *)RING_GPA, .list = (uint64_t *)LIST_GPA, .first = 0 },
	{ .ring = (struct ooh_ring *)RING2_GPA, .list = (uint64_t *)(LIST_GPA + 4096),
	  .first = PAGES },
};
static uint8_t stack[8192] __attribute__((aligned(16)));

static long vcpu_op(unsigned int op, unsigned int vcpu, const void *arg)
{
	long rax = HYPERCALL_VCPU_OP;
	uint64_t rdi = op, rsi = vcpu, rdx = (uint64_t)arg;

	__asm__ volatile("vmcall" : "+a"(rax), "+D"(rdi), "+S"(rsi), "+d"(rdx) : :
			 "r10", "r8", "memory");
	return rax;
}

static void write_pages(const struct worker *w, unsigned int n)
{
	unsigned int i;

	for (i = w->first; i < w->first + n; i++)
		*test_page(i) = i;
}

static void look(struct worker *w)
{
	const struct ooh_entry *entry = (const struct ooh_entry *)((uint64_t)w->ring + 4096);
	unsigned int i;
	uint64_t at;

	for (i = 0; i < TEST_PAGES; i++)
		*(volatile unsigned int *)&w->times[i] = 0;
	for (at = w->ring->tail; at < w->ring->head; at++) {
		uint64_t page = (entry[at % w->ring->entries].address - TEST_GPA) / 4096;

		if (page < TEST_PAGES)
			w->times[page]++;
	}
	w->ring->tail = w->ring->head;
	for (i = 0; i < TEST_PAGES; i++) {
		bool own = i - w->first < PAGES;

		w->missed += own && w->times[i] < (i - w->first < AGAIN ? 2 : 1);
		w->foreign += !own && w->times[i];
	}
}

static void one_round(struct worker *w)
{
	unsigned int i;

	w->errors += vmcall(OOH_OP_SPML_START, 0, 0, 0) != 0;
	write_pages(w, PAGES);
	for (i = 0; i < AGAIN; i++)
		w->list[i] = TEST_GPA + (w->first + i) * 4096;
	w->errors += vmcall(OOH_OP_REARM, (uint64_t)w->list, AGAIN, 0) < 0;
	write_pages(w, AGAIN);
	w->errors += vmcall(OOH_OP_SPML_STOP, 0, 0, 0) < 0;
	look(w);
}

static void work(struct worker *w)
{
	unsigned int i;

	w->errors += vmcall(OOH_OP_RING, (uint64_t)w->ring, RING_BYTES, 0) != 0;
	for (i = 0; i < ROUNDS; i++) {
		if (i % 16 == 0)
			w->errors += vmcall(OOH_OP_SPML_ENABLE, 0, 0, 0) != 0;
		one_round(w);
		if (i % 8 == 0 && !w->first) {
			w->errors += vmcall(OOH_OP_SPP_SET, POOL_GPA, 64, 8) != 0;
			w->errors += vmcall(OOH_OP_SPP_CLEAR, POOL_GPA, 64, 0) != 0;
		}
		if (i % 16 == 15 || i == ROUNDS - 1)
			w->errors += vmcall(OOH_OP_SPML_DISABLE, 0, 0, 0) != 0;
		__atomic_add_fetch(&w->rounds, 1, __ATOMIC_SEQ_CST);
	}
	w->errors += vmcall(OOH_OP_RING, 0, 0, 0) != 0;
}

static void second_main(void)
{
	work(&worker[1]);
	for (;;)
		__asm__ volatile("cli; hlt");
}

static uint64_t control(unsigned int n)
{
	uint64_t value;

	if (n == 0)
		__asm__ volatile("mov %%cr0, %0" : "=r"(value));
	else if (n == 3)
		__asm__ volatile("mov %%cr3, %0" : "=r"(value));
	else
		__asm__ volatile("mov %%cr4, %0" : "=r"(value));
	return value;
}

static void report(const struct worker *w, const char *name)
{
	print("# ");
	print(name);
	print("\n");
	check_result("rounds", w->rounds, ROUNDS);
	check_result("no call fails", w->errors, 0);
	check_result("no page is missing", w->missed, 0);
	check_result("none of the other's is there", w->foreign, 0);
}

void test_two(void)
{
	static struct context context;

	context = (struct context){ .mode = MODE_64B, .rip = (uint64_t)second_main, .rflags = 2,
		.rsp = (uint64_t)stack + sizeof(stack) - 8, .cr0 = control(0), .cr3 = control(3),
		.cr4 = control(4), .efer = 0x500 };
	check_result("a second vCPU", vcpu_op(VCPUOP_INITIALISE, 1, &context), 0);
	check_result("runs", vcpu_op(VCPUOP_UP, 1, NULL), 0);
	work(&worker[0]);
	while (__atomic_load_n(&worker[1].rounds, __ATOMIC_SEQ_CST) < ROUNDS)
		__asm__ volatile("pause");
	report(&worker[0], "vCPU 0");
	report(&worker[1], "vCPU 1");
}
