/* SPDX-License-Identifier: BSD-2-Clause */
/* EPML: the guest's log from ENABLE to DISABLE, with all values that it may and may not set. */
#include "guest.h"

#define EBUSY	16
#define EFAULT	14
#define EINVAL	22
#define VECTOR	0x40u
#define WHEN_FULL	(0xffffu << OOH_THRESHOLD_SHIFT)
#define UD	(256 + 6)

static struct ooh_ring *const ring = (struct ooh_ring *)RING_GPA;
static const struct ooh_entry *const entry = (struct ooh_entry *)(RING_GPA + 4096);
static const volatile uint64_t *const guest_log = (uint64_t *)LOG_GPA;

static uint64_t field(unsigned int encoding)
{
	uint64_t value;

	return vmread(encoding, &value) ? ~0ul : value;
}

static long enable(uint64_t log, uint64_t how)
{
	return vmcall(OOH_OP_EPML_ENABLE, log, how, 0);
}

static void test_bad_enables(void)
{
	check_result("EPML_DISABLE: not enabled", vmcall(OOH_OP_EPML_DISABLE, 0, 0, 0), -EINVAL);
	check_result("EPML_ENABLE: no ring", enable(LOG_GPA, VECTOR), -EINVAL);
	vmcall(OOH_OP_RING, RING_GPA, 5 * 4096, 0);
	check_result("EPML_ENABLE: log not aligned", enable(LOG_GPA + 8, VECTOR), -EINVAL);
	check_result("EPML_ENABLE: vector 31", enable(LOG_GPA, 31), -EINVAL);
	check_result("EPML_ENABLE: vector 256", enable(LOG_GPA, 256), -EINVAL);
	check_result("EPML_ENABLE: threshold 511",
		enable(LOG_GPA, VECTOR | 511u << OOH_THRESHOLD_SHIFT), -EINVAL);
	check_result("EPML_ENABLE: bit 32", enable(LOG_GPA, VECTOR | 1ul << 32), -EINVAL);
	check_result("EPML_ENABLE: log is the APIC page", enable(APIC_GPA, VECTOR), -EFAULT);
	check_result("EPML_ENABLE: log is nowhere", enable(HOLE_GPA, VECTOR), -EFAULT);
	check_result("EPML_ENABLE: log beyond all memory", enable(1ul << 51, VECTOR), -EFAULT);
}

/* Exactly five fields are open. */
static void test_fields(void)
{
	static const uint16_t closed[] = { 0x0000, 0x0002, 0x0004, 0x0800, 0x0812, 0x0822, 0x200e,
		0x201a, 0x2026, 0x2034, 0x205e, 0x2062, 0x2064, 0x4002, 0x401e, 0x4400, 0x681e,
		0x6c16 };
	uint64_t value;
	bool exits = true;
	unsigned int i;

	check("fields: address", field(EPML_VMCS_GUEST_PML_ADDRESS) == LOG_GPA);
	check("fields: index", field(EPML_VMCS_GUEST_PML_INDEX) == 511);
	check("fields: vector", field(EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR) == VECTOR);
	check("fields: threshold", field(EPML_VMCS_GUEST_PML_THRESHOLD) == 500);
	check("fields: high half", field(EPML_VMCS_GUEST_PML_ADDRESS_HIGH) == LOG_GPA >> 32);
	for (i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		exits = exits && vmread(closed[i], &value) == UD && vmwrite(closed[i], 0) == UD;
	check("fields: no other can be read or written", exits);
	check("fields: bits 63:15 of an encoding", vmread(0x18820, &value) == UD);
	check_result("VMWRITE: index", vmwrite(EPML_VMCS_GUEST_PML_INDEX, 300), 0);
	check("VMREAD: index", field(EPML_VMCS_GUEST_PML_INDEX) == 300);
	check_result("VMWRITE: log not aligned", vmwrite(EPML_VMCS_GUEST_PML_ADDRESS, 8), 1);
	check_result("VMWRITE: vector 3", vmwrite(EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, 3), 1);
	check_result("VMWRITE: threshold 511", vmwrite(EPML_VMCS_GUEST_PML_THRESHOLD, 511), 1);
	vmwrite(EPML_VMCS_GUEST_PML_INDEX, 511);
}

static void write_pages(unsigned int first, unsigned int n)
{
	unsigned int i;

	for (i = first; i < first + n; i++) {
		rearm(i);
		*test_page(i) = i;
	}
}

static bool log_holds(unsigned int first, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (guest_log[511 - i] != TEST_GVA + (first + i) * 4096ul)
			return false;
	return true;
}

static void test_log(void)
{
	write_pages(0, 3);
	*test_page(1) = 5;
	check("three pages are written: three entries", field(EPML_VMCS_GUEST_PML_INDEX) == 508 &&
		log_holds(0, 3) && is_dirty(2));
	check("no notification", !interrupts[VECTOR]);
	__asm__ volatile("sti");
	write_pages(3, 8);
	__asm__ volatile("nop");
	check("notification at the threshold", interrupts[VECTOR] == 1);
	__asm__ volatile("cli");
	check("eleven entries", field(EPML_VMCS_GUEST_PML_INDEX) == 500 && log_holds(0, 11));
	check("nothing in the ring", !ring->head && !ring->spills);
}

static bool ring_holds(uint64_t from, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		const struct ooh_entry *e = &entry[(from + i) % ring->entries];

		if (e->log != LOG_GPA || (e->address - TEST_GVA) / 4096 >= TEST_PAGES)
			return false;
	}
	return true;
}

/* Interrupts are masked all the time: a log that fills up is emptied, and no page is lost. */
static void test_full_log(void)
{
	uint64_t head;

	vmwrite(EPML_VMCS_GUEST_PML_INDEX, 511);
	write_pages(0, 512);
	check("512 entries fill the log", field(EPML_VMCS_GUEST_PML_INDEX) == 0xffff &&
		!ring->spills);
	write_pages(0, 4);
	check("a full log goes to the ring", ring->spills == 1 && ring->head == 512 &&
		!ring->lost && ring_holds(0, 512));
	check("the next entries are in the log", field(EPML_VMCS_GUEST_PML_INDEX) == 507 &&
		log_holds(0, 4));
	write_pages(0, 509);
	write_pages(0, 512);
	check("the ring has room for 1024", ring->spills == 3 && ring->head == 1024 &&
		ring->lost == 512);
	ring->tail = 1024;
	write_pages(0, 512);
	head = ring->head;
	check("room again", ring->spills == 4 && head == 1536 && ring_holds(1024, 512));
	ring->tail = 1ul << 40;
	write_pages(0, 512);
	check("a tail before the head: all is lost", ring->head == head && ring->lost == 1024);
	ring->entries = 1ul << 60;
	ring->head = 1ul << 50;
	ring->tail = head;
	write_pages(0, 512);
	check("a header that the guest has changed", ring->head == head + 512 && ring->spills == 6);
	__asm__ volatile("sti; nop; cli");
	check("one notification is left of all", interrupts[VECTOR] == 2);
}

static void test_disable(void)
{
	uint64_t value;

	vmwrite(EPML_VMCS_GUEST_PML_INDEX, 511);
	check_result("EPML_ENABLE: twice", enable(LOG_GPA, VECTOR), -EBUSY);
	check_result("RING: while logging", vmcall(OOH_OP_RING, 0, 0, 0), -EBUSY);
	check_result("EPML_DISABLE", vmcall(OOH_OP_EPML_DISABLE, 0, 0, 0), 0);
	check_result("VMREAD: not any more", vmread(EPML_VMCS_GUEST_PML_INDEX, &value), UD);
	write_pages(0, 4);
	check_result("EPML_ENABLE: again", enable(LOG_GPA, VECTOR | WHEN_FULL), 0);
	check("nothing was logged meanwhile", field(EPML_VMCS_GUEST_PML_INDEX) == 511);
	check_result("EPML_DISABLE", vmcall(OOH_OP_EPML_DISABLE, 0, 0, 0), 0);
}

void test_epml(void)
{
	test_bad_enables();
	check_result("EPML_ENABLE", enable(LOG_GPA, VECTOR | 500u << OOH_THRESHOLD_SHIFT), 0);
	test_fields();
	test_log();
	test_full_log();
	test_disable();
}

/* A log that cannot be written: the guest names one later, or the page goes while it is in use. */
static void broken(const char *what, uint64_t gpa, bool goes)
{
	unsigned int before = interrupts[VECTOR];
	uint64_t value;

	vmcall(OOH_OP_RING, RING_GPA, 5 * 4096, 0);
	enable(LOG_GPA, VECTOR | WHEN_FULL);
	vmwrite(EPML_VMCS_GUEST_PML_ADDRESS, gpa);
	if (goes) {
		write_pages(6, 1);
		check("an entry is logged", field(EPML_VMCS_GUEST_PML_INDEX) == 510);
		check_result("balloon: the log page goes", balloon_out(gpa), 1);
	}
	write_pages(7, 1);
	__asm__ volatile("sti; nop; cli");
	check(what, *test_page(7) == 7 && interrupts[VECTOR] == before + 1);
	check_result("  VMREAD fails", vmread(EPML_VMCS_GUEST_PML_INDEX, &value), 1);
	check_result("  VMWRITE fails", vmwrite(EPML_VMCS_GUEST_PML_ADDRESS, LOG_GPA), 1);
	check_result("  DISABLE tells", vmcall(OOH_OP_EPML_DISABLE, 0, 0, 0), -EFAULT);
	check_result("  DISABLE tells once", vmcall(OOH_OP_EPML_DISABLE, 0, 0, 0), -EINVAL);
}

/* A page that EPT lets the guest write, but no memory: what is written there comes to nothing. */
static void test_apic_as_log(void)
{
	uint32_t before = apic_read(APIC_SVR);

	vmcall(OOH_OP_RING, RING_GPA, 5 * 4096, 0);
	enable(LOG_GPA, VECTOR | WHEN_FULL);
	vmwrite(EPML_VMCS_GUEST_PML_ADDRESS, APIC_GPA);
	vmwrite(EPML_VMCS_GUEST_PML_INDEX, APIC_SVR / 8);
	write_pages(7, 1);
	check("log page is the APIC page: no register changes",
		*test_page(7) == 7 && apic_read(APIC_SVR) == before);
	check_result("  DISABLE", vmcall(OOH_OP_EPML_DISABLE, 0, 0, 0), 0);
}

void test_hostile_log(void)
{
	test_apic_as_log();
	broken("log page is nowhere", HOLE_GPA, false);
	broken("log page was ballooned out", LOG_GPA + 4096, true);
	check_result("balloon: a page comes", balloon_in(LOG_GPA + 4096), 1);

	/* Full, and the page is gone: nothing can be emptied, and the guest is told. */
	vmcall(OOH_OP_RING, RING_GPA, 5 * 4096, 0);
	enable(LOG_GPA, VECTOR | WHEN_FULL);
	vmwrite(EPML_VMCS_GUEST_PML_ADDRESS, HOLE_GPA);
	vmwrite(EPML_VMCS_GUEST_PML_INDEX, 0xffff);
	write_pages(7, 1);
	check_result("a full log that is nowhere", vmcall(OOH_OP_EPML_DISABLE, 0, 0, 0), -EFAULT);

	enable(LOG_GPA, VECTOR | WHEN_FULL);
	write_pages(0, 2);
	check("and logging works after it", log_holds(0, 2));
	check_result("EPML_DISABLE", vmcall(OOH_OP_EPML_DISABLE, 0, 0, 0), 0);
	check_result("RING: none", vmcall(OOH_OP_RING, 0, 0, 0), 0);
}
