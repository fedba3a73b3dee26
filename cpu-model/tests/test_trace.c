/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text of the trace, docs/trace.md. The lines are a promise to those who compare traces: a
 * change of this file is a change of the format.
 */
#include <string.h>

#include "fixture.h"

#define GVA	0xFFFFC28305008ABCull
#define GPA	0x89ABCull
#define HPA	0x2089ABCull

static void expect(const struct epml_event *ev, const char *line)
{
	char buf[256];

	memset(buf, '#', sizeof(buf));
	assert_int_equal(epml_event_format(ev, buf, sizeof(buf)), strlen(line));
	assert_string_equal(buf, line);
}

static void expect_access(unsigned access, const char *line)
{
	expect(&(struct epml_event){ .type = EPML_EV_WALK, .access = access, .gva = GVA,
				     .gpa = GPA, .hpa = HPA }, line);
}

#define ADDRESSES " gva ffffc28305008abc gpa 0000000000089abc hpa 0000000002089abc"

static void ept(void **state)
{
	(void)state;
	expect_access(FX_READ, "ept linear r" ADDRESSES);
	expect_access(FX_WRITE, "ept linear w" ADDRESSES);
	expect_access(FX_WRITE | EPML_ACCESS_READ, "ept linear w" ADDRESSES);
	expect_access(FX_FETCH, "ept linear x" ADDRESSES);
	expect_access(FX_WALK, "ept walk r" ADDRESSES);
	expect_access(FX_WALK | EPML_ACCESS_WRITE, "ept walk w" ADDRESSES);
	expect_access(EPML_ACCESS_READ, "ept physical r" ADDRESSES);
	expect_access(EPML_ACCESS_WRITE | EPML_ACCESS_LOG, "ept log w" ADDRESSES);
	/* the circumstances of the access are no part of the line */
	expect_access(FX_WRITE | EPML_ACCESS_IN_EVENT | EPML_ACCESS_NMI_IRET | EPML_ACCESS_NO_PE,
		      "ept linear w" ADDRESSES);
}

static void ept_flags(void **state)
{
	struct epml_event ev = { .type = EPML_EV_EPT_FLAGS, .level = 1, .addr = 0x13040,
				 .gpa = GPA, .value = FX_EPT_AD };

	(void)state;
	expect(&ev, "ept-flags level 1 entry 0000000000013040 gpa 0000000000089abc A D");
	ev.level = 4;
	ev.value = EPML_EPT_ACCESSED;
	expect(&ev, "ept-flags level 4 entry 0000000000013040 gpa 0000000000089abc A");
	ev.value = EPML_EPT_DIRTY;
	expect(&ev, "ept-flags level 4 entry 0000000000013040 gpa 0000000000089abc D");
}

static void pte_flags(void **state)
{
	struct epml_event ev = { .type = EPML_EV_PTE_FLAGS, .level = 1, .addr = 0x4040,
				 .gva = GVA, .value = FX_PTE_AD };

	(void)state;
	expect(&ev, "pte-flags level 1 entry 0000000000004040 gva ffffc28305008abc A D");
	ev.level = 3;
	ev.value = EPML_PTE_ACCESSED;
	expect(&ev, "pte-flags level 3 entry 0000000000004040 gva ffffc28305008abc A");
	ev.value = EPML_PTE_DIRTY;
	expect(&ev, "pte-flags level 3 entry 0000000000004040 gva ffffc28305008abc D");
}

static void logs(void **state)
{
	(void)state;
	expect(&(struct epml_event){ .type = EPML_EV_PML, .index = 511, .gpa = 0x89000 },
	       "pml 1ff gpa 0000000000089000");
	expect(&(struct epml_event){ .type = EPML_EV_GPML, .index = 0,
				     .gva = 0xFFFFC28305008000, .addr = 0x105000 },
	       "gpml 000 gva ffffc28305008000 at 0000000000105000");
	expect(&(struct epml_event){ .type = EPML_EV_GPML_DROP, .gva = 0xFFFFC28305008000 },
	       "gpml-drop gva ffffc28305008000");
}

static void sub_pages(void **state)
{
	(void)state;
	expect(&(struct epml_event){ .type = EPML_EV_SPP, .gpa = GPA, .value = 0x8000000F },
	       "spp gpa 0000000000089abc writable 8000000f");
	expect(&(struct epml_event){ .type = EPML_EV_SPP, .gpa = GPA, .value = 1 },
	       "spp gpa 0000000000089abc writable 00000001");
}

static void interrupts(void **state)
{
	(void)state;
	expect(&(struct epml_event){ .type = EPML_EV_NOTIFY, .vector = 0x10 },
	       "notify vector 10");
	expect(&(struct epml_event){ .type = EPML_EV_INTERRUPT, .vector = 0xFE },
	       "interrupt vector fe");
}

static void exits(void **state)
{
	struct epml_event ev = { .type = EPML_EV_EXIT, .reason = EPML_REASON_EPT_VIOLATION,
				 .value = 0x181, .gpa = GPA, .gva = GVA };

	(void)state;
	expect(&ev, "exit reason 48 qualification 0000000000000181 gpa 0000000000089abc"
	       " gva ffffc28305008abc");
	ev.type = EPML_EV_VE;
	ev.reason = EPML_REASON_PML_FULL;
	expect(&ev, "ve reason 62 qualification 0000000000000181 gpa 0000000000089abc"
	       " gva ffffc28305008abc");
}

static void vmx(void **state)
{
	(void)state;
	expect(&(struct epml_event){ .type = EPML_EV_VMREAD, .value = 0x1FF,
				     .field = EPML_VMCS_GUEST_PML_INDEX },
	       "vmread 0820 00000000000001ff");
	expect(&(struct epml_event){ .type = EPML_EV_VMWRITE, .value = 0x300000,
				     .field = EPML_VMCS_GUEST_PML_ADDRESS },
	       "vmwrite 2060 0000000000300000");
	expect(&(struct epml_event){ .type = EPML_EV_VMFAIL, .value = EPML_VMERR_GPML_VALUE,
				     .field = EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR },
	       "vmfail 0010 error 29");
	expect(&(struct epml_event){ .type = EPML_EV_VMENTRY, .index = 0xFFFF, .addr = 0x300000 },
	       "vmentry gpml-address 0000000000300000 gpml-index ffff");
}

/* As snprintf: the length that was needed, and never a byte behind the buffer. */
static void short_buffer(void **state)
{
	const struct epml_event ev = { .type = EPML_EV_NOTIFY, .vector = 0x40 };
	char buf[8] = "#######";

	(void)state;
	assert_int_equal(epml_event_format(&ev, buf, 5), 16);
	assert_memory_equal(buf, "noti\0##", 8);
	assert_int_equal(epml_event_format(&ev, NULL, 0), 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ept), cmocka_unit_test(ept_flags), cmocka_unit_test(pte_flags),
		cmocka_unit_test(logs), cmocka_unit_test(sub_pages), cmocka_unit_test(interrupts),
		cmocka_unit_test(exits), cmocka_unit_test(vmx), cmocka_unit_test(short_buffer),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
