/* SPDX-License-Identifier: BSD-2-Clause */
/* VM entry: each rule ENTRY-n at its boundaries, and the loading of the state. */
#include "fixture.h"

static const unsigned widths[] = { 36, 40, 52 };

#define N_WIDTHS (sizeof(widths) / sizeof(widths[0]))

static void expect_rule(struct fixture *fx, const char *rule)
{
	const char *broken = epml_vmentry_check(&fx->cpu, &fx->cpu.v);

	if (!rule)
		assert_null(broken);
	if (rule && !broken)
		fail_msg("%s is not checked", rule);
	if (rule)
		assert_string_equal(broken, rule);
}

/* A field that holds the address of a page: bits 11:0 and 63:N must be 0. */
static void check_page_address(struct fixture *fx, uint64_t *field, const char *rule)
{
	const uint64_t old = *field;

	for (unsigned i = 0; i < N_WIDTHS; i++) {
		fx->cpu.maxphyaddr = widths[i];
		for (unsigned bit = 0; bit < 64; bit++) {
			*field = 1ull << bit;
			expect_rule(fx, bit < 12 || bit >= widths[i] ? rule : NULL);
		}
		*field = 0;
		expect_rule(fx, NULL);
	}
	*field = old;
}

static void clear_control2(struct fixture *fx, uint64_t controls)
{
	fx->cpu.v.proc2 &= ~controls;
}

/* The state of the fixture passes, and so does one with nothing in it. */
static void passes(void **state)
{
	struct fixture *fx = *state;
	const struct epml_vmcs empty = { 0 };

	expect_rule(fx, NULL);
	fx_set_ve(fx, true);
	expect_rule(fx, NULL);
	fx_profile(fx, "published");
	expect_rule(fx, NULL);
	assert_null(epml_vmentry_check(&fx->cpu, &empty));
	assert_int_equal(fx->n_events, 0);
}

/* ENTRY-1: memory type and page-walk length, all values of bits 5:0. */
static void eptp_low_bits(void **state)
{
	struct fixture *fx = *state;

	for (unsigned low = 0; low < 64; low++) {
		bool ok = (low & 7) == EPML_MEMTYPE_UC || (low & 7) == EPML_MEMTYPE_WB;

		fx->cpu.v.eptp = FX_EPT_PML4 | low;
		expect_rule(fx, ok && low >> 3 == 3 ? NULL : "ENTRY-1");
	}
}

/* ENTRY-1: bits 11:7 and 63:N. */
static void eptp_reserved_bits(void **state)
{
	struct fixture *fx = *state;
	const uint64_t eptp = 3 << EPML_EPTP_WALK_SHIFT | EPML_MEMTYPE_WB;

	for (unsigned i = 0; i < N_WIDTHS; i++) {
		fx->cpu.maxphyaddr = widths[i];
		for (unsigned bit = 6; bit < 64; bit++) {
			bool ok = bit == 6 || (bit >= 12 && bit < widths[i]);

			fx->cpu.v.eptp = eptp | 1ull << bit;
			expect_rule(fx, ok ? NULL : "ENTRY-1");
		}
	}
}

/* ENTRY-1 is for enable EPT = 1. */
static void eptp_without_ept(void **state)
{
	struct fixture *fx = *state;

	clear_control2(fx, EPML_PROC2_ENABLE_EPT | EPML_PROC2_ENABLE_PML);
	fx->cpu.v.proc3 = 0;
	fx->cpu.v.eptp = ~0ull;
	expect_rule(fx, NULL);
}

/* ENTRY-2 */
static void pml(void **state)
{
	struct fixture *fx = *state;

	check_page_address(fx, &fx->cpu.v.pml_address, "ENTRY-2");
	clear_control2(fx, EPML_PROC2_ENABLE_EPT);
	expect_rule(fx, "ENTRY-2");
	fx->cpu.v.proc3 = 0;
	expect_rule(fx, "ENTRY-2");
	clear_control2(fx, EPML_PROC2_ENABLE_PML);
	fx->cpu.v.pml_address = ~0ull;
	expect_rule(fx, NULL);
}

/* ENTRY-2 says nothing about the PML index. */
static void pml_index(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.pml_index = EPML_LOG_FULL_INDEX;
	expect_rule(fx, NULL);
}

/* ENTRY-3 */
static void bitmaps(void **state)
{
	struct fixture *fx = *state;

	check_page_address(fx, &fx->cpu.v.vmread_bitmap, "ENTRY-3");
	check_page_address(fx, &fx->cpu.v.vmwrite_bitmap, "ENTRY-3");
	clear_control2(fx, EPML_PROC2_VMCS_SHADOWING);
	fx->cpu.v.vmread_bitmap = fx->cpu.v.vmwrite_bitmap = 1;
	expect_rule(fx, NULL);
}

/* ENTRY-4 */
static void ve_information_area(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.ve_info = 1;
	expect_rule(fx, NULL);
	fx_set_ve(fx, true);
	check_page_address(fx, &fx->cpu.v.ve_info, "ENTRY-4");
	expect_rule(fx, "ENTRY-4");
}

/* ENTRY-5 */
static void needs_ept(void **state)
{
	struct fixture *fx = *state;

	clear_control2(fx, EPML_PROC2_ENABLE_PML);
	expect_rule(fx, NULL);
	clear_control2(fx, EPML_PROC2_ENABLE_EPT);
	expect_rule(fx, "ENTRY-5");
}

/* ENTRY-6 */
static void needs_virtual_interrupts(void **state)
{
	struct fixture *fx = *state;

	clear_control2(fx, EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY);
	expect_rule(fx, "ENTRY-6");
}

/* ENTRY-7 */
static void guest_log_address(void **state)
{
	struct fixture *fx = *state;

	check_page_address(fx, &fx->cpu.v.gpml_address, "ENTRY-7");
	fx_profile(fx, "published");
	check_page_address(fx, &fx->cpu.v.gpml_address, "ENTRY-7");
}

/* ENTRY-8: all values. */
static void vector(void **state)
{
	struct fixture *fx = *state;

	for (unsigned v = 0; v < 0x10000; v++) {
		fx->cpu.v.gpml_vector = v;
		expect_rule(fx, v >= 16 && v <= 255 ? NULL : "ENTRY-8");
	}
}

/* ENTRY-9: all values; with notification when-full the field is not looked at. */
static void threshold(void **state)
{
	struct fixture *fx = *state;

	for (unsigned t = 0; t < 0x10000; t++) {
		fx->cpu.v.gpml_threshold = t;
		fx->cpu.params.notification = EPML_NOTIFY_THRESHOLD;
		expect_rule(fx, t <= 510 || t == 0xFFFF ? NULL : "ENTRY-9");
		fx->cpu.params.notification = EPML_NOTIFY_WHEN_FULL;
		expect_rule(fx, NULL);
	}
}

/* ENTRY-10: all values. */
static void guest_log_index(void **state)
{
	struct fixture *fx = *state;

	for (unsigned index = 0; index < 0x10000; index++) {
		fx->cpu.v.gpml_index = index;
		expect_rule(fx, NULL);
	}
}

/* ENTRY-11: all bits; whether enable guest PML is 1 or 0. */
static void tertiary_controls(void **state)
{
	struct fixture *fx = *state;

	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t mask = 1ull << bit;
		const char *rule = mask == EPML_PROC3_ENABLE_GUEST_PML ? NULL : "ENTRY-11";

		fx->cpu.v.proc3 = mask;
		expect_rule(fx, rule);
		fx->cpu.v.proc3 = mask | EPML_PROC3_ENABLE_GUEST_PML;
		expect_rule(fx, rule);
	}
	fx->cpu.v.proc3 = 0;
	expect_rule(fx, NULL);
}

/* ENTRY-13 */
static void sub_page_permissions(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.spptp = 1;
	expect_rule(fx, NULL);
	fx->cpu.v.proc2 |= EPML_PROC2_SUB_PAGE_WRITE;
	check_page_address(fx, &fx->cpu.v.spptp, "ENTRY-13");
	expect_rule(fx, "ENTRY-13");
	fx->cpu.v.spptp = 0;
	clear_control2(fx, EPML_PROC2_ENABLE_EPT | EPML_PROC2_ENABLE_PML);
	fx->cpu.v.proc3 = 0;
	expect_rule(fx, "ENTRY-13");
	clear_control2(fx, EPML_PROC2_SUB_PAGE_WRITE);
	expect_rule(fx, NULL);
}

/* ENTRY-12: with tertiary controls 0, nothing of the guest's log is checked. */
static void guest_log_off(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.proc3 = 0;
	fx->cpu.v.gpml_address = ~0ull;
	fx->cpu.v.gpml_vector = 0;
	fx->cpu.v.gpml_threshold = 511;
	clear_control2(fx, EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY);
	expect_rule(fx, NULL);
	assert_false(epml_gpml_enabled(&fx->cpu.v));
	fx->cpu.v.proc3 = EPML_PROC3_ENABLE_GUEST_PML;
	assert_true(epml_gpml_enabled(&fx->cpu.v));
}

/* STATE-5: a check changes nothing, whatever it finds. */
static void check_has_no_effect(void **state)
{
	struct fixture *fx = *state;
	struct epml_vmcs v = fx->cpu.v;

	v.gpml_vector = 0;
	v.gpml_index = 17;
	assert_non_null(epml_vmentry_check(&fx->cpu, &v));
	fx_expect_unchanged(fx);
	assert_int_equal(fx->n_events, 0);
}

/* STATE-1 */
static void load(void **state)
{
	struct fixture *fx = *state;
	struct epml_vmcs v = fx->cpu.v;

	v.pml_index = 17;
	v.pml_address = 0x77000;
	v.gpml_index = 0x1234;
	v.gpml_address = FX_GPA_LOG2;
	v.gpml_vector = 0x21;
	v.gpml_threshold = 5;
	epml_vmentry_load(&fx->cpu, &v);
	fx_expect_state(&fx->cpu.v, &v);
	fx_expect_changed(fx, 0, NULL);
	FX_EVENTS_ARE(fx, EPML_EV_VMENTRY);
	assert_int_equal(fx->events[0].index, 0x1234);
	assert_int_equal(fx->events[0].addr, FX_GPA_LOG2);
}

/* A host without a trace has no event callback. */
static void load_untraced(void **state)
{
	struct fixture *fx = *state;
	struct epml_ops ops = *fx->cpu.ops;

	ops.event = NULL;
	fx->cpu.ops = &ops;
	epml_vmentry_load(&fx->cpu, &fx->then);
	assert_int_equal(fx->n_events, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fx_test(passes), fx_test(eptp_low_bits), fx_test(eptp_reserved_bits),
		fx_test(eptp_without_ept), fx_test(pml), fx_test(pml_index), fx_test(bitmaps),
		fx_test(ve_information_area), fx_test(needs_ept),
		fx_test(needs_virtual_interrupts), fx_test(guest_log_address), fx_test(vector),
		fx_test(threshold), fx_test(guest_log_index), fx_test(tertiary_controls),
		fx_test(sub_page_permissions), fx_test(guest_log_off),
		fx_test(check_has_no_effect), fx_test(load), fx_test(load_untraced),
	};

	return cmocka_run_group_tests_name("vmentry", tests, NULL, NULL);
}
