/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls as such, and RING: what the guest names must be whole pages of its own RAM. */
#include "guest.h"

#define EPERM	1
#define EFAULT	14
#define EINVAL	22
#define ENOSYS	38

static struct ooh_ring *const ring = (struct ooh_ring *)RING_GPA;

void test_calls(void)
{
	long caps = vmcall(OOH_OP_QUERY, 0, 0, 0);

	check("QUERY: version", caps >> OOH_VERSION_SHIFT == OOH_VERSION);
	check("QUERY: EPML", caps & OOH_CAP_EPML);
	check_result("no such operation", vmcall(OOH_OPS, 0, 0, 0), -ENOSYS);
	check_result("no such operation, by far", vmcall(0xfffff, 0, 0, 0), -ENOSYS);
	check_result("user mode may not call", user_vmcall(OOH_CALL + OOH_OP_QUERY), -EPERM);
	check_result("MARK", vmcall(OOH_OP_MARK, 0, 0, 0), 0);
	check_result("MARK: 256 is no phase", vmcall(OOH_OP_MARK, 256, 0, 0), -EINVAL);
}

static void bad(const char *what, uint64_t gpa, uint64_t bytes, long expected)
{
	check_result(what, vmcall(OOH_OP_RING, gpa, bytes, 0), expected);
}

void test_ring(void)
{
	bad("RING: address not aligned", RING_GPA + 8, 4 * 4096, -EINVAL);
	bad("RING: size not aligned", RING_GPA, 4 * 4096 + 1, -EINVAL);
	bad("RING: one page is too small", RING_GPA, 4096, -EINVAL);
	bad("RING: 4097 pages are too much", RING_GPA, 4097 * 4096ul, -EINVAL);
	bad("RING: address wraps around", -4096ul, 4 * 4096, -EINVAL);
	bad("RING: size is negative", RING_GPA, -4096ul, -EINVAL);
	bad("RING: nothing is there", HOLE_GPA, 4 * 4096, -EFAULT);
	bad("RING: address beyond all memory", 1ul << 51, 4 * 4096, -EFAULT);
	bad("RING: the APIC page", APIC_GPA, 4 * 4096, -EFAULT);
	bad("RING: the end is no RAM", RAM_END - 4 * 4096, 8 * 4096, -EFAULT);

	ring->head = ring->tail = ring->lost = 99;
	bad("RING", RING_GPA, 5 * 4096, 0);
	check("RING: the header is reset", ring->entries == 4 * 256 && !ring->head && !ring->tail &&
		!ring->lost && !ring->spills);
	bad("RING: another one", RING_GPA + 0x10000, 2 * 4096, 0);
	bad("RING: back", RING_GPA, 2 * 4096, 0);
	bad("RING: none", 0, 0, 0);
	bad("RING: none, twice", 0, 0, 0);
}
