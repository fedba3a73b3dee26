/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EPML on a processor of the published design: the trigger is the dirty flag in EPT, the processor
 * translates the address of the log at VMWRITE, and drops entries when the log is full.
 */
#include "guest.h"

#define EFAULT	14
#define EINVAL	22
#define VECTOR	0x41u
#define WHEN_FULL	(0xffffu << OOH_THRESHOLD_SHIFT)
#define GP	(256 + 13)

static const volatile uint64_t *const guest_log = (uint64_t *)LOG_GPA;

static uint64_t field(unsigned int encoding)
{
	uint64_t value;

	return vmread(encoding, &value) ? ~0ul : value;
}

static void write_pages(unsigned int first, unsigned int n)
{
	unsigned int i;

	for (i = first; i < first + n; i++)
		*test_page(i) = i;
}

/*
 * Each test page in the log counts once. There are other entries too: of what else the guest
 * writes, and of the page walk, which sets flags in page tables for an access to a test page.
 */
static unsigned int test_pages_in_log(void)
{
	uint64_t index = field(EPML_VMCS_GUEST_PML_INDEX);
	bool seen[TEST_PAGES] = { false };
	unsigned int entry, n = 0;

	for (entry = index > 511 ? 0 : index + 1; entry < 512; entry++) {
		uint64_t page = (guest_log[entry] - TEST_GVA) / 4096;

		if (page < TEST_PAGES && !seen[page]) {
			seen[page] = true;
			n++;
		}
	}
	return n;
}

static void test_rearm(void)
{
	check("REARM: all", vmcall(OOH_OP_REARM, 0, 0, 0) > 0);
	vmwrite(EPML_VMCS_GUEST_PML_INDEX, 511);
	write_pages(0, 20);
	write_pages(0, 20);
	check_result("20 pages are written twice: 20 are in the log", test_pages_in_log(), 20);
	rearm(3);
	write_pages(0, 20);
	check_result("the guest cannot re-arm by itself", test_pages_in_log(), 20);
}

static void test_full_log(void)
{
	unsigned int before = interrupts[VECTOR];

	check("REARM: all", vmcall(OOH_OP_REARM, 0, 0, 0) > 0);
	vmwrite(EPML_VMCS_GUEST_PML_INDEX, 511);
	write_pages(0, TEST_PAGES);
	vmcall(OOH_OP_REARM, 0, 0, 0);
	write_pages(0, 20);
	check_result("a full log stays full", field(EPML_VMCS_GUEST_PML_INDEX), 0xffff);
	__asm__ volatile("sti; nop; cli");
	check("and notifies", interrupts[VECTOR] > before);
}

static void test_address(void)
{
	uint64_t hpa = field(EPML_VMCS_GUEST_PML_ADDRESS);

	check("VMREAD tells the guest an HPA", hpa != LOG_GPA && hpa != ~0ul);
	check_result("VMWRITE: address of no memory",
		vmwrite(EPML_VMCS_GUEST_PML_ADDRESS, HOLE_GPA), GP);
	check("  the field stays", field(EPML_VMCS_GUEST_PML_ADDRESS) == hpa);
	check_result("VMWRITE: address of another page",
		vmwrite(EPML_VMCS_GUEST_PML_ADDRESS, LOG_GPA + 4096), 0);
	check("  translated", field(EPML_VMCS_GUEST_PML_ADDRESS) != hpa);
	check_result("VMWRITE: back", vmwrite(EPML_VMCS_GUEST_PML_ADDRESS, LOG_GPA), 0);
	check("  the HPA of before", field(EPML_VMCS_GUEST_PML_ADDRESS) == hpa);
}

void test_published(void)
{
	long caps = vmcall(OOH_OP_QUERY, 0, 0, 0);

	check("QUERY: EPT_DIRTY", caps & OOH_CAP_EPT_DIRTY);
	check("QUERY: no LOG_EXITS", !(caps & OOH_CAP_LOG_EXITS));
	check_result("EPML_ENABLE: log is nowhere",
		vmcall(OOH_OP_EPML_ENABLE, HOLE_GPA, VECTOR | WHEN_FULL, 0), -EFAULT);
	check_result("EPML_ENABLE: without a ring",
		vmcall(OOH_OP_EPML_ENABLE, LOG_GPA, VECTOR | WHEN_FULL, 0), 0);
	test_rearm();
	test_full_log();
	test_address();
	check_result("EPML_DISABLE", vmcall(OOH_OP_EPML_DISABLE, 0, 0, 0), 0);
	check_result("EPML_DISABLE: twice", vmcall(OOH_OP_EPML_DISABLE, 0, 0, 0), -EINVAL);
}
