/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools: which writes are denied, by the processor and by Xen, and what the guest is told. */
#include "guest.h"

#define EFAULT	14
#define EINVAL	22
#define ENOSPC	28
#define GP	(256 + 13)

#define VECTOR	0x40u

#define SUB_PAGE	128u
#define RECORD_GPA	0x620000ul
#define POOL_MAX	4096u
#define TIMER_COUNT	0x390u		/* of the APIC: its reads are emulated */

#define HYPERCALL_XEN_VERSION	17
#define XENVER_EXTRAVERSION	1

static volatile struct ooh_spp_record *const record = (struct ooh_spp_record *)RECORD_GPA;

static long spp_set(uint64_t gpa, uint64_t pages, uint64_t frequency)
{
	return vmcall(OOH_OP_SPP_SET, gpa, pages, frequency);
}

static long spp_clear(uint64_t gpa, uint64_t pages)
{
	return vmcall(OOH_OP_SPP_CLEAR, gpa, pages, 0);
}

static long violation(void)
{
	return vmcall(OOH_OP_SPP_VIOLATION, RECORD_GPA, 0, 0);
}

static void take_records(void)
{
	while (violation() == 1)
		;
}

static void test_bad_calls(void)
{
	static const uint64_t bad[] = { 0, 1, 3, 6, 31, 33, 64, 1ul << 32 };
	bool refused = true;
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused = refused && spp_set(TEST_GPA, 1, bad[i]) == -EINVAL;
	check("SPP_SET: other frequencies", refused);
	check_result("SPP_SET: address not aligned", spp_set(TEST_GPA + 128, 1, 8), -EINVAL);
	check_result("SPP_SET: no page", spp_set(TEST_GPA, 0, 8), -EINVAL);
	check_result("SPP_SET: 513 pages", spp_set(TEST_GPA, 513, 8), -EINVAL);
	check_result("SPP_SET: wraps around", spp_set(-4096ul, 2, 8), -EINVAL);
	check_result("SPP_SET: nowhere", spp_set(HOLE_GPA, 1, 8), -EFAULT);
	check_result("SPP_SET: beyond all memory", spp_set(1ul << 51, 1, 8), -EFAULT);
	check_result("SPP_SET: the APIC page", spp_set(APIC_GPA, 1, 8), -EFAULT);
	check_result("SPP_CLEAR: not aligned", spp_clear(TEST_GPA + 8, 1), -EINVAL);
	check_result("SPP_CLEAR: ordinary pages", spp_clear(TEST_GPA, 4), 0);
	check_result("SPP_VIOLATION: none", violation(), 0);
	check_result("SPP_VIOLATION: not aligned",
		vmcall(OOH_OP_SPP_VIOLATION, RECORD_GPA + 4, 0, 0), -EINVAL);
}

/* One write to each sub-page. */
static void test_frequency(const char *what, unsigned int frequency)
{
	volatile uint64_t *page = test_page(3);
	bool right = true, told = true;
	unsigned int i;

	page[0] = page[511] = 99;
	check_result(what, spp_set(TEST_GPA + 3 * 4096, 1, frequency), 0);
	check("  the page is cleared", !page[0] && !page[511]);
	for (i = 0; i < 4096 / SUB_PAGE; i++) {
		uint64_t gva = (uint64_t)page + i * SUB_PAGE + 120;
		bool denied = (i + 1) % frequency == 0;

		right = right && store(gva, i + 1) == (denied ? GP : 0) &&
			*(volatile uint64_t *)gva == (denied ? 0 : i + 1);
		if (!denied)
			continue;
		told = told && violation() == 1 && record->gla == gva && !record->lost &&
			record->gpa == TEST_GPA + 3 * 4096 + i * SUB_PAGE + 120;
	}
	check("  the last sub-page of each group, and no other, is denied", right);
	check("  each denial leaves a record", told && violation() == 0);
	spp_clear(TEST_GPA + 3 * 4096, 1);
}

static void test_span(void)
{
	uint64_t gva = (uint64_t)test_page(3);

	spp_set(TEST_GPA + 3 * 4096, 1, 2);
	check_result("a write into the next sub-page", store(gva + 124, -1ul), GP);
	check("  nothing of it is written", !test_page(3)[15] && !test_page(3)[16]);
	check("  the record has its first byte", violation() == 1 && record->gla == gva + 124);
	check_result("a write out of a denied sub-page", store(gva + 252, -1ul), GP);
	check_result("a write into the page before", store(gva - 4, -1ul), 0);
	*test_page(4) = 99;
	check_result("a write to the page after", store(gva + 4092, -1ul), GP);
	check("  which is not written", *test_page(4) == 99);
	take_records();
}

static void test_records(void)
{
	uint64_t gva = (uint64_t)test_page(3);
	unsigned int i;

	for (i = 0; i < 20; i++)
		store(gva + 128 + 4 * i, 1);
	check_result("SPP_VIOLATION: nowhere", vmcall(OOH_OP_SPP_VIOLATION, HOLE_GPA, 0, 0),
		-EFAULT);
	check_result("SPP_VIOLATION: into a denied sub-page",
		vmcall(OOH_OP_SPP_VIOLATION, TEST_GPA + 3 * 4096 + 128, 0, 0), -EFAULT);
	check("the last 16 are kept", violation() == 1 && record->lost == 4 &&
		record->gla == gva + 128 + 4 * 4 && record->rip);
	for (i = 0; i < 15; i++)
		check_result("  the next", violation(), 1);
	check("  to the last", record->gla == gva + 128 + 4 * 19 && !record->lost);
	check_result("  and no more", violation(), 0);
}

/* What Xen writes for the guest: the result of a hypercall, and an instruction that it emulates. */
static void test_hypervisor(void)
{
	uint64_t gva = (uint64_t)test_page(3);
	uint64_t from = APIC_GPA + TIMER_COUNT, to = gva + 128;

	spp_set(TEST_GPA + 3 * 4096, 1, 2);
	check_result("a hypercall writes to a granted sub-page",
		xen_call(HYPERCALL_XEN_VERSION, XENVER_EXTRAVERSION, gva), 0);
	check_result("a hypercall may not write to a denied one",
		xen_call(HYPERCALL_XEN_VERSION, XENVER_EXTRAVERSION, gva + 128), -EFAULT);
	check("  nothing is written", !test_page(3)[16] && test_page(3)[0]);
	check_result("an emulated instruction may not either", copy_one(to, from), GP);
	check_result("  but to a granted one", copy_one(gva + 64, from), 0);
	take_records();
}

static void test_clear(void)
{
	uint64_t gva = (uint64_t)test_page(3);

	check_result("SPP_SET: other frequency", spp_set(TEST_GPA + 3 * 4096, 1, 32), 0);
	check_result("  grants what was denied", store(gva + 128, 1), 0);
	check_result("  denies the last", store(gva + 4088, 1), GP);
	check_result("SPP_CLEAR", spp_clear(TEST_GPA + 3 * 4096, 1), 0);
	check("the page is ordinary", !store(gva + 4088, 1) && !store(gva + 128, 1));
	check("and has kept its content", *(volatile uint64_t *)(gva + 128) == 1);
	take_records();
}

/* A range is set as a whole or not at all. */
static void test_whole(void)
{
	uint64_t page = POOL_GPA + 5 * 4096;

	check_result("balloon: a page goes", balloon_out(page), 1);
	check_result("SPP_SET: a page is missing", spp_set(POOL_GPA, 16, 2), -EFAULT);
	check_result("  the pages before it are ordinary", store(POOL_GPA + 128, 1), 0);
	check_result("balloon: it comes back", balloon_in(page), 1);
	check_result("SPP_SET: now it is there", spp_set(POOL_GPA, 16, 2), 0);
	check_result("  it is denied", store(page + 128, 1), GP);
	check_result("balloon: a pool page goes", balloon_out(page), 1);
	check_result("balloon: it comes back", balloon_in(page), 1);
	check_result("  as an ordinary page", store(page + 128, 1), 0);
	check_result("  beside others of the pool", store(page + 4096 + 128, 1), GP);
	check_result("SPP_CLEAR", spp_clear(POOL_GPA, 16), 0);
	take_records();
}

static void test_limit(void)
{
	unsigned int i;
	long rc = 0;

	for (i = 0; i < POOL_MAX && !rc; i += OOH_SPP_PAGES_MAX)
		rc = spp_set(POOL_GPA + i * 4096ul, OOH_SPP_PAGES_MAX, 8);
	check_result("SPP_SET: 4096 pages", rc, 0);
	check_result("SPP_SET: one too many", spp_set(TEST_GPA, 1, 8), -ENOSPC);
	check_result("SPP_SET: a page again", spp_set(POOL_GPA, 1, 2), 0);
	check_result("  the last one", store(POOL_GPA + POOL_MAX * 4096ul - 8, 1), GP);
	for (i = 0; i < POOL_MAX; i += OOH_SPP_PAGES_MAX)
		rc |= spp_clear(POOL_GPA + i * 4096ul, OOH_SPP_PAGES_MAX);
	check_result("SPP_CLEAR: all", rc, 0);
	check_result("  none is left", store(POOL_GPA + POOL_MAX * 4096ul - 8, 1), 0);
	check_result("SPP_SET: room again", spp_set(TEST_GPA, 1, 8), 0);
	check_result("SPP_CLEAR", spp_clear(TEST_GPA, 1), 0);
	take_records();
}

/* A granted write is logged as any other, a denied one is not. */
static void test_logged(void)
{
	struct ooh_ring *ring = (struct ooh_ring *)RING_GPA;
	const struct ooh_entry *entry = (struct ooh_entry *)(RING_GPA + 4096);
	unsigned int granted = 0, denied = 0;
	uint64_t i;

	vmcall(OOH_OP_RING, RING_GPA, 5 * 4096, 0);
	vmcall(OOH_OP_SPML_ENABLE, 0, 0, 0);
	check_result("SPP_SET: two pages", spp_set(TEST_GPA + 3 * 4096, 2, 2), 0);
	vmcall(OOH_OP_SPML_START, 0, 0, 0);
	store((uint64_t)test_page(3), 1);
	store((uint64_t)test_page(4) + 128, 1);
	vmcall(OOH_OP_SPML_STOP, 0, 0, 0);
	for (i = 0; i < ring->head; i++) {
		granted += entry[i].address == TEST_GPA + 3 * 4096;
		denied += entry[i].address == TEST_GPA + 4 * 4096;
	}
	check("a granted write is logged, a denied one is not", granted == 1 && !denied);
	spp_clear(TEST_GPA + 3 * 4096, 2);
	vmcall(OOH_OP_SPML_DISABLE, 0, 0, 0);
	vmcall(OOH_OP_RING, 0, 0, 0);
	take_records();
}

/* The processor's write of the guest's log asks no table: such a page cannot be a log. */
static void test_log_page(void)
{
	const uint64_t when_full = VECTOR | 0xffffu << OOH_THRESHOLD_SHIFT;
	unsigned int before = interrupts[VECTOR];

	vmcall(OOH_OP_RING, RING_GPA, 5 * 4096, 0);
	spp_set(POOL_GPA, 1, 2);
	check_result("EPML_ENABLE: the log is a pool page",
		vmcall(OOH_OP_EPML_ENABLE, POOL_GPA, when_full, 0), 0);
	rearm(5);
	*test_page(5) = 5;
	__asm__ volatile("sti; nop; cli");
	check("  the guest is told", interrupts[VECTOR] == before + 1);
	check_result("  DISABLE tells", vmcall(OOH_OP_EPML_DISABLE, 0, 0, 0), -EFAULT);
	check_result("  and it was no denied write", violation(), 0);
	spp_clear(POOL_GPA, 1);
	vmcall(OOH_OP_RING, 0, 0, 0);
}

void test_spp(void)
{
	long caps = vmcall(OOH_OP_QUERY, 0, 0, 0);


	check("QUERY: SPP", caps & OOH_CAP_SPP);
	test_bad_calls();
	test_frequency("SPP_SET: one in 2", 2);
	test_frequency("SPP_SET: one in 4", 4);
	test_frequency("SPP_SET: one in 8", 8);
	test_frequency("SPP_SET: one in 16", 16);
	test_frequency("SPP_SET: one in 32", 32);
	test_span();
	test_records();
	test_hypervisor();
	test_clear();
	test_whole();
	test_limit();
	test_logged();
	if ((caps & OOH_CAP_EPML) && !(caps & OOH_CAP_EPT_DIRTY))
		test_log_page();
}
