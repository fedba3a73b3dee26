/* SPDX-License-Identifier: BSD-2-Clause */
/* The watch finds what breaks a property, and finds nothing in what the rules allow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../machine/machine_priv.h"
#include "watch.h"

#define GVA	0x400000ull
#define LOG	W_GUEST_LOG

static struct watch watch;

/* A machine whose EPT maps GPA = HPA below 2 MByte with the rights @p rights, by one entry each. */
static void map(struct machine *m, uint64_t rights)
{
	mem_write(m, W_EPT, 8, (W_EPT + 0x1000) | 7);
	mem_write(m, W_EPT + 0x1000, 8, (W_EPT + 0x2000) | 7);
	for (unsigned i = 0; i < 8; i++)
		mem_write(m, W_EPT + 0x2000 + 8 * i, 8,
			  (i * 0x200000ull) | EPML_EPT_LARGE | rights);
}

static int setup(void **state)
{
	struct epml_params params;
	struct machine *m;

	epml_params_profile(&params, "hardened");
	m = machine_new(&params, NULL, NULL);
	assert_non_null(m);
	map(m, 7);
	m->cpu.v = (struct epml_vmcs){
		.proc2 = EPML_PROC2_ENABLE_EPT | EPML_PROC2_ENABLE_PML,
		.proc3 = EPML_PROC3_ENABLE_GUEST_PML, .eptp = W_EPT | EPML_EPTP_AD,
		.pml_address = W_PML, .pml_index = 511, .gpml_address = LOG, .gpml_index = 511,
		.gpml_vector = 0x40, .gpml_threshold = 0xFFFF };
	watch_begin(&watch, m);
	watch_event(&watch, &(struct epml_event){ .type = EPML_EV_VMENTRY });
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	machine_free(*state);
	return 0;
}

#define event(...) watch_event(&watch, &(struct epml_event){ __VA_ARGS__ })

static void write_flags(void)
{
	event(.type = EPML_EV_WALK, .access = EPML_ACCESS_WRITE | EPML_ACCESS_LINEAR, .gva = GVA);
	event(.type = EPML_EV_PTE_FLAGS, .value = EPML_PTE_DIRTY, .gva = GVA + 8);
}

static void log_entry(struct machine *m, uint64_t hpa)
{
	mem_write(m, hpa, 8, GVA);
	event(.type = EPML_EV_GPML, .index = 511, .gva = GVA, .addr = hpa);
}

static void found(const char *text)
{
	if (!strstr(watch.text, text))
		fail_msg("found \"%s\", expected \"%s\"", watch.text, text);
}

static void an_entry_for_each_dirty_flag(void **state)
{
	write_flags();
	log_entry(*state, LOG + 511 * 8);
	event(.type = EPML_EV_EXIT, .reason = EPML_REASON_VMCALL);
	assert_string_equal(watch.text, "");
	assert_int_equal(watch.index, 510);
}

static void p1_an_entry_is_missing(void **state)
{
	(void)state;
	write_flags();
	event(.type = EPML_EV_EXIT, .reason = EPML_REASON_VMCALL);
	found("P1");
}

static void p1_the_entry_is_lost(void **state)
{
	(void)state;
	write_flags();
	event(.type = EPML_EV_GPML_DROP, .gva = GVA);
	found("P1");
}

static void p2_the_guest_reads_another_address(void **state)
{
	(void)state;
	event(.type = EPML_EV_VMREAD, .field = EPML_VMCS_GUEST_PML_ADDRESS, .value = LOG);
	assert_string_equal(watch.text, "");
	event(.type = EPML_EV_VMREAD, .field = EPML_VMCS_GUEST_PML_ADDRESS,
	      .value = LOG + W_FRAME0);
	found("P2");
}

static void p3_a_page_that_is_not_writable(void **state)
{
	write_flags();
	map(*state, EPML_EPT_READ | EPML_EPT_EXECUTE);
	log_entry(*state, LOG + 511 * 8);
	found("P3");
}

static void p3_another_page(void **state)
{
	write_flags();
	log_entry(*state, LOG + PAGE_SIZE + 511 * 8);
	found("P3");
}

static void p5_no_entry_is_due(void **state)
{
	log_entry(*state, LOG + 511 * 8);
	found("P5");
}

static void the_hypervisors_log(void **state)
{
	struct machine *m = *state;

	mem_write(m, W_PML + 511 * 8, 8, GVA);
	event(.type = EPML_EV_PML, .index = 511, .gpa = GVA);
	event(.type = EPML_EV_EPT_FLAGS, .value = EPML_EPT_DIRTY, .gpa = GVA + 8);
	assert_string_equal(watch.text, "");
	event(.type = EPML_EV_EPT_FLAGS, .value = EPML_EPT_DIRTY, .gpa = GVA + PAGE_SIZE);
	found("P1");
}

static void log_full_events_need_a_full_log(void **state)
{
	struct machine *m = *state;
	const struct epml_event guest = {
		.type = EPML_EV_EXIT, .reason = EPML_REASON_PML_FULL,
		.value = EPML_QUAL_PML_GUEST_LOG };

	watch.index = 0xFFFF;
	watch_event(&watch, &guest);
	m->cpu.v.pml_index = 0xFFFF;
	event(.type = EPML_EV_EXIT, .reason = EPML_REASON_PML_FULL);
	assert_string_equal(watch.text, "");
	watch.index = 0;
	watch_event(&watch, &guest);
	found("log-full event at index 0");
}

static void notifications(void **state)
{
	struct machine *m = *state;

	m->cpu.v.gpml_threshold = 510;
	write_flags();
	log_entry(m, LOG + 511 * 8);
	event(.type = EPML_EV_NOTIFY, .vector = 0x40);
	assert_string_equal(watch.text, "");
	event(.type = EPML_EV_NOTIFY, .vector = 0x40);
	found("not due");
}

/* GPA 0 has sub-page permissions: bytes 128 to 255 are writable. */
static void map_sub_pages(struct machine *m)
{
	mem_write(m, W_EPT + 0x2000, 8, (W_EPT + 0x3000) | 7);
	mem_write(m, W_EPT + 0x3000, 8, EPML_EPT_SPP | EPML_EPT_READ);
	for (unsigned level = 0; level < 3; level++)
		mem_write(m, W_SPPT + level * PAGE_SIZE, 8,
			  (W_SPPT + (level + 1) * PAGE_SIZE) | EPML_SPPT_VALID);
	mem_write(m, W_SPPT + 3 * PAGE_SIZE, 8, 1 << 2);
	m->cpu.v.spptp = W_SPPT;
	m->cpu.v.proc2 |= EPML_PROC2_SUB_PAGE_WRITE;
}

/* A write to @p gpa that SPP grants by @p sub_pages, or nobody if that is 0. */
static void sub_page_write(uint64_t gpa, uint32_t sub_pages)
{
	if (sub_pages)
		event(.type = EPML_EV_SPP, .gpa = gpa, .value = sub_pages);
	event(.type = EPML_EV_WALK, .access = EPML_ACCESS_WRITE | EPML_ACCESS_LINEAR, .gva = GVA,
	      .gpa = gpa);
}

static void a_write_that_spp_grants(void **state)
{
	map_sub_pages(*state);
	sub_page_write(0x80, 2);
	sub_page_write(0xFF, 2);
	sub_page_write(0x200080, 0);
	assert_string_equal(watch.text, "");
	assert_int_equal(watch.n_granted, 2);
}

static void a_write_that_nobody_grants(void **state)
{
	map_sub_pages(*state);
	sub_page_write(0x80, 2);
	sub_page_write(0x80, 0);
	found("neither EPT nor SPP allows it");
}

static void a_write_to_a_denied_sub_page(void **state)
{
	map_sub_pages(*state);
	sub_page_write(0x7F, 2);
	found("neither EPT nor SPP allows it");
}

static void a_vector_that_is_not_in_the_table(void **state)
{
	map_sub_pages(*state);
	sub_page_write(0x80, 3);
	found("SPP grants a write to GPA 80H by 00000003H, the SPPT has 4H");
}

static void a_grant_for_a_page_without_sub_pages(void **state)
{
	map_sub_pages(*state);
	sub_page_write(0x200080, 2);
	found("about which it has no say");
}

static void denials_are_counted(void **state)
{
	const uint64_t q = EPML_QUAL_EPT_WRITE | EPML_QUAL_EPT_LINEAR |
			   EPML_QUAL_EPT_TRANSLATION;

	map_sub_pages(*state);
	event(.type = EPML_EV_EXIT, .reason = EPML_REASON_EPT_VIOLATION, .value = q);
	event(.type = EPML_EV_VE, .reason = EPML_REASON_EPT_VIOLATION, .value = q, .gpa = 0x80);
	event(.type = EPML_EV_EXIT, .reason = EPML_REASON_EPT_VIOLATION, .value = q,
	      .gpa = 0x200000);
	event(.type = EPML_EV_EXIT, .reason = EPML_REASON_EPT_VIOLATION,
	      .value = EPML_QUAL_EPT_LINEAR | EPML_QUAL_EPT_TRANSLATION | EPML_QUAL_EPT_READ);
	assert_int_equal(watch.n_denied, 2);
}

#define watch_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		watch_test(an_entry_for_each_dirty_flag),
		watch_test(p1_an_entry_is_missing),
		watch_test(p1_the_entry_is_lost),
		watch_test(p2_the_guest_reads_another_address),
		watch_test(p3_a_page_that_is_not_writable),
		watch_test(p3_another_page),
		watch_test(p5_no_entry_is_due),
		watch_test(the_hypervisors_log),
		watch_test(log_full_events_need_a_full_log),
		watch_test(notifications),
		watch_test(a_write_that_spp_grants),
		watch_test(a_write_that_nobody_grants),
		watch_test(a_write_to_a_denied_sub_page),
		watch_test(a_vector_that_is_not_in_the_table),
		watch_test(a_grant_for_a_page_without_sub_pages),
		watch_test(denials_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
