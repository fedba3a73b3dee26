/* SPDX-License-Identifier: BSD-2-Clause */
/* VMREAD and VMWRITE in VMX non-root operation. */
#include "fixture.h"

#define UNTOUCHED	0x5A5A5A5A5A5A5A5Aull
#define NO_ERROR	0x5A5Au

static const uint64_t gpml_fields[] = {
	EPML_VMCS_GUEST_PML_ADDRESS, EPML_VMCS_GUEST_PML_ADDRESS_HIGH, EPML_VMCS_GUEST_PML_INDEX,
	EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, EPML_VMCS_GUEST_PML_THRESHOLD,
};

#define N_FIELDS (sizeof(gpml_fields) / sizeof(gpml_fields[0]))

static void expect_read(struct fixture *fx, uint64_t field, enum epml_insn expected)
{
	uint64_t value = UNTOUCHED;
	unsigned error = NO_ERROR;

	fx_save(fx);
	assert_int_equal(epml_guest_vmread(&fx->cpu, field, &value, &error), expected);
	assert_int_equal(error, NO_ERROR);
	if (expected != EPML_INSN_OK) {
		assert_int_equal(value, UNTOUCHED);
		assert_int_equal(fx->n_events, 0);
	}
	fx_expect_unchanged(fx);
}

static uint64_t read_field(struct fixture *fx, uint64_t field)
{
	uint64_t value = UNTOUCHED;
	unsigned error = NO_ERROR;

	fx_save(fx);
	assert_int_equal(epml_guest_vmread(&fx->cpu, field, &value, &error), EPML_INSN_OK);
	FX_EVENTS_ARE(fx, EPML_EV_VMREAD);
	assert_int_equal(fx->events[0].field, field);
	assert_int_equal(fx->events[0].value, value);
	fx_expect_unchanged(fx);
	return value;
}

/* A VMWRITE that has no effect on the state. */
static void expect_no_write(struct fixture *fx, uint64_t field, uint64_t value,
			    enum epml_insn expected)
{
	unsigned error = NO_ERROR;

	fx_save(fx);
	assert_int_equal(epml_guest_vmwrite(&fx->cpu, field, value, &error), expected);
	if (expected == EPML_INSN_VMFAIL) {
		assert_int_equal(error, EPML_VMERR_GPML_VALUE);
		FX_EVENTS_ARE(fx, EPML_EV_VMFAIL);
		assert_int_equal(fx->events[0].field, field);
		assert_int_equal(fx->events[0].value, EPML_VMERR_GPML_VALUE);
	} else {
		assert_int_equal(error, NO_ERROR);
	}
	fx_expect_unchanged(fx);
}

static void write_field(struct fixture *fx, uint64_t field, uint64_t value)
{
	unsigned error = NO_ERROR;

	fx_save(fx);
	assert_int_equal(epml_guest_vmwrite(&fx->cpu, field, value, &error), EPML_INSN_OK);
	assert_int_equal(error, NO_ERROR);
	assert_int_equal(fx->events[fx->n_events - 1].type, EPML_EV_VMWRITE);
	assert_int_equal(fx->events[fx->n_events - 1].field, field);
	assert_int_equal(fx->events[fx->n_events - 1].value, value);
}

/* ---- Which fields exit, and which are the model's ----------------------------------------- */

/* Give VMREAD and VMWRITE a bitmap bit each. */
static void set_bit(struct fixture *fx, uint64_t bitmap, uint64_t field)
{
	*fx_word(fx, bitmap + field / 64 * 8) |= 1ull << field % 64;
}

/* VMACC-1: the bit of the field in the bitmap of the instruction, and no other bit. */
static void bitmap_bits(void **state)
{
	static const uint64_t fields[] = {
		EPML_VMCS_GUEST_PML_ADDRESS, EPML_VMCS_GUEST_PML_ADDRESS_HIGH,
		EPML_VMCS_GUEST_PML_INDEX, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR,
		EPML_VMCS_GUEST_PML_THRESHOLD, 0, 7, 8, 0x7FF8, 0x7FFF,
	};
	struct fixture *fx = *state;

	for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		enum epml_insn none = i < N_FIELDS ? EPML_INSN_OK : EPML_INSN_SHADOW;

		set_bit(fx, FX_VMREAD, fields[i]);
		for (unsigned k = 0; k < sizeof(fields) / sizeof(fields[0]); k++)
			expect_read(fx, fields[k], k == i ? EPML_INSN_VMEXIT :
				    k < N_FIELDS ? EPML_INSN_OK : EPML_INSN_SHADOW);
		*fx_word(fx, FX_VMREAD + fields[i] / 64 * 8) = 0;
		expect_read(fx, fields[i], none);
	}
}

/* VMACC-1: each instruction has its own bitmap. */
static void bitmap_of_instruction(void **state)
{
	struct fixture *fx = *state;

	for (unsigned i = 0; i < N_FIELDS; i++)
		set_bit(fx, FX_VMWRITE, gpml_fields[i]);
	for (unsigned i = 0; i < N_FIELDS; i++) {
		expect_read(fx, gpml_fields[i], EPML_INSN_OK);
		expect_no_write(fx, gpml_fields[i], 0x40, EPML_INSN_VMEXIT);
	}
	*fx_word(fx, FX_VMWRITE + EPML_VMCS_GUEST_PML_INDEX / 64 * 8) = 0;
	set_bit(fx, FX_VMREAD, EPML_VMCS_GUEST_PML_INDEX);
	expect_read(fx, EPML_VMCS_GUEST_PML_INDEX, EPML_INSN_VMEXIT);
	write_field(fx, EPML_VMCS_GUEST_PML_INDEX, 0x40);
}

/* VMACC-1: bits 63:15 of the encoding, whatever the bitmaps say. */
static void encoding_bits(void **state)
{
	struct fixture *fx = *state;

	for (unsigned bit = 15; bit < 64; bit++) {
		uint64_t field = EPML_VMCS_GUEST_PML_INDEX | 1ull << bit;

		expect_read(fx, field, EPML_INSN_VMEXIT);
		expect_no_write(fx, field, 0, EPML_INSN_VMEXIT);
		assert_int_equal(fx->n_events, 0);
	}
}

/* VMACC-1 */
static void no_shadowing(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.proc2 &= ~EPML_PROC2_VMCS_SHADOWING;
	fx->cpu.v.vmread_bitmap = fx->cpu.v.vmwrite_bitmap = 0x7000000;	/* no memory there */
	for (unsigned i = 0; i < N_FIELDS; i++) {
		expect_read(fx, gpml_fields[i], EPML_INSN_VMEXIT);
		expect_no_write(fx, gpml_fields[i], 0x40, EPML_INSN_VMEXIT);
	}
}

/* VMACC-3 */
static void guest_pml_off(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.proc3 = 0;
	for (unsigned i = 0; i < N_FIELDS; i++) {
		expect_read(fx, gpml_fields[i], EPML_INSN_SHADOW);
		expect_no_write(fx, gpml_fields[i], 0xFFFFFFFF, EPML_INSN_SHADOW);
	}
	set_bit(fx, FX_VMREAD, EPML_VMCS_GUEST_PML_INDEX);
	expect_read(fx, EPML_VMCS_GUEST_PML_INDEX, EPML_INSN_VMEXIT);
}

/* VMACC-3 for all other encodings of 15 bits. */
static void other_fields(void **state)
{
	struct fixture *fx = *state;
	unsigned own = 0;

	for (uint64_t field = 0; field < 0x8000; field++) {
		uint64_t value;
		unsigned error;

		if (epml_is_gpml_field(field)) {
			own++;
			continue;
		}
		assert_int_equal(epml_guest_vmread(&fx->cpu, field, &value, &error),
				 EPML_INSN_SHADOW);
		assert_int_equal(epml_guest_vmwrite(&fx->cpu, field, 0, &error),
				 EPML_INSN_SHADOW);
	}
	assert_int_equal(own, N_FIELDS);
	for (unsigned i = 0; i < N_FIELDS; i++)
		assert_true(epml_is_gpml_field(gpml_fields[i]));
	assert_false(epml_is_gpml_field(EPML_VMCS_GUEST_PML_INDEX | 1ull << 32));
	fx_expect_unchanged(fx);
}

/* ---- Values ------------------------------------------------------------------------------- */

/* VMACC-2, VMACC-5, VMACC-8 */
static void read_values(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.gpml_address = 0x89ABCDE000;
	fx->cpu.v.gpml_index = 0xFEDC;
	fx->cpu.v.gpml_vector = 0x00E7;
	fx->cpu.v.gpml_threshold = 0x01FE;
	assert_int_equal(read_field(fx, EPML_VMCS_GUEST_PML_ADDRESS), 0x89ABCDE000);
	assert_int_equal(read_field(fx, EPML_VMCS_GUEST_PML_ADDRESS_HIGH), 0x89);
	assert_int_equal(read_field(fx, EPML_VMCS_GUEST_PML_INDEX), 0xFEDC);
	assert_int_equal(read_field(fx, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR), 0xE7);
	assert_int_equal(read_field(fx, EPML_VMCS_GUEST_PML_THRESHOLD), 0x1FE);
}

/* VMACC-2: in force at once, and nothing else changes. */
static void write_values(void **state)
{
	struct fixture *fx = *state;
	struct epml_vmcs expected = fx->cpu.v;
	uint64_t hpa;

	write_field(fx, EPML_VMCS_GUEST_PML_ADDRESS, FX_GPA_LOG2);
	expected.gpml_address = FX_GPA_LOG2;
	write_field(fx, EPML_VMCS_GUEST_PML_INDEX, 7);
	expected.gpml_index = 7;
	write_field(fx, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, 0x33);
	expected.gpml_vector = 0x33;
	write_field(fx, EPML_VMCS_GUEST_PML_THRESHOLD, 6);
	expected.gpml_threshold = 6;
	fx_expect_state(&fx->cpu.v, &expected);
	fx_expect_changed(fx, 0, NULL);
	FX_EVENTS_ARE(fx, EPML_EV_VMWRITE);

	assert_int_equal(fx_access(fx, FX_GVA_DATA, FX_WRITE, &hpa), EPML_OK);
	assert_int_equal(*fx_word(fx, FX_FRAME + FX_GPA_LOG2 + 8 * 7), FX_GVA_DATA);
	assert_int_equal(fx->ipis[0], 0x33);
}

/* VMACC-5: each half leaves the other as it was. */
static void write_high(void **state)
{
	struct fixture *fx = *state;

	fx->cpu.v.gpml_address = 0x12FEDCB000;
	write_field(fx, EPML_VMCS_GUEST_PML_ADDRESS_HIGH, 0x89);
	assert_int_equal(fx->cpu.v.gpml_address, 0x89FEDCB000);
	/* the field has 32 bits: the others of the operand do not count */
	write_field(fx, EPML_VMCS_GUEST_PML_ADDRESS_HIGH, 0xFFFFFFFF00000012);
	assert_int_equal(fx->cpu.v.gpml_address, 0x12FEDCB000);
	expect_no_write(fx, EPML_VMCS_GUEST_PML_ADDRESS_HIGH, 0x100, EPML_INSN_VMFAIL);
}

/* VMACC-8: a 16-bit field takes bits 15:0. */
static void write_width(void **state)
{
	struct fixture *fx = *state;

	write_field(fx, EPML_VMCS_GUEST_PML_INDEX, 0xFFFFFFFFFFFF0123);
	assert_int_equal(fx->cpu.v.gpml_index, 0x123);
	write_field(fx, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, 0x1234567800010044);
	assert_int_equal(fx->cpu.v.gpml_vector, 0x44);
	write_field(fx, EPML_VMCS_GUEST_PML_THRESHOLD, 0x10055);
	assert_int_equal(fx->cpu.v.gpml_threshold, 0x55);
	expect_no_write(fx, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, 0x10000, EPML_INSN_VMFAIL);
}

/* VMACC-4: what ENTRY-7 refuses. */
static void refused_address(void **state)
{
	struct fixture *fx = *state;
	const uint64_t field = EPML_VMCS_GUEST_PML_ADDRESS;

	for (unsigned bit = 0; bit < 12; bit++)
		expect_no_write(fx, field, FX_GPA_LOG | 1ull << bit, EPML_INSN_VMFAIL);
	for (unsigned bit = 40; bit < 64; bit++)
		expect_no_write(fx, field, FX_GPA_LOG | 1ull << bit, EPML_INSN_VMFAIL);
	write_field(fx, field, 0xFFFFFFF000);
	write_field(fx, field, 0);
}

/* VMACC-4: what ENTRY-8, ENTRY-9 and ENTRY-10 refuse and let pass. */
static void refused_numbers(void **state)
{
	struct fixture *fx = *state;

	expect_no_write(fx, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, 15, EPML_INSN_VMFAIL);
	expect_no_write(fx, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, 256, EPML_INSN_VMFAIL);
	expect_no_write(fx, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, 0xFF40, EPML_INSN_VMFAIL);
	write_field(fx, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, 16);
	write_field(fx, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, 255);
	expect_no_write(fx, EPML_VMCS_GUEST_PML_THRESHOLD, 511, EPML_INSN_VMFAIL);
	expect_no_write(fx, EPML_VMCS_GUEST_PML_THRESHOLD, 0xFFFE, EPML_INSN_VMFAIL);
	write_field(fx, EPML_VMCS_GUEST_PML_THRESHOLD, 0);
	write_field(fx, EPML_VMCS_GUEST_PML_THRESHOLD, 510);
	write_field(fx, EPML_VMCS_GUEST_PML_THRESHOLD, 0xFFFF);
	write_field(fx, EPML_VMCS_GUEST_PML_INDEX, 0xFFFF);
	write_field(fx, EPML_VMCS_GUEST_PML_INDEX, 512);
	write_field(fx, EPML_VMCS_GUEST_PML_INDEX, 0);
}

/* ---- Guest PML Address with translation at VMWRITE ---------------------------------------- */

static struct fixture *at_vmwrite(void **state)
{
	struct fixture *fx = *state;

	fx_profile(fx, "published");
	fx_ept_change(fx, FX_GPA_LOG2, 1, FX_EPT_AD, 0);
	return fx;
}

/* GPML-ADDR-1: a write access without a linear address, logged in the hypervisor's log. */
static void translated(void **state)
{
	struct fixture *fx = at_vmwrite(state);

	write_field(fx, EPML_VMCS_GUEST_PML_ADDRESS, FX_GPA_LOG2);
	assert_int_equal(fx->cpu.v.gpml_address, FX_FRAME + FX_GPA_LOG2);
	FX_CHANGED(fx, fx_epte(FX_GPA_LOG2, 1), fx_pml_entry(511));
	assert_int_equal(*fx_word(fx, fx_pml_entry(511)), FX_GPA_LOG2);
	assert_int_equal(*fx_word(fx, fx_epte(FX_GPA_LOG2, 1)) & FX_EPT_AD, FX_EPT_AD);
	assert_int_equal(fx->cpu.v.pml_index, 510);
	assert_int_equal(fx->cpu.v.gpml_index, 511);
	assert_int_equal(read_field(fx, EPML_VMCS_GUEST_PML_ADDRESS), FX_FRAME + FX_GPA_LOG2);
}

/* GPML-ADDR-1 is about the address alone. */
static void others_not_translated(void **state)
{
	struct fixture *fx = at_vmwrite(state);

	*fx_word(fx, FX_EPT_PML4) = 0;	/* every translation would fail */
	write_field(fx, EPML_VMCS_GUEST_PML_INDEX, 3);
	write_field(fx, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, 0x30);
	write_field(fx, EPML_VMCS_GUEST_PML_THRESHOLD, 3);
	assert_int_equal(fx->cpu.v.gpml_address, FX_FRAME + FX_GPA_LOG);
}

/* GPML-ADDR-1, VMACC-5: a write of the high half translates the whole value. */
static void high_translated(void **state)
{
	struct fixture *fx = at_vmwrite(state);

	fx->cpu.v.gpml_address = FX_GPA_LOG2;	/* as if EPT were 1:1 */
	write_field(fx, EPML_VMCS_GUEST_PML_ADDRESS_HIGH, 0);
	assert_int_equal(fx->cpu.v.gpml_address, FX_FRAME + FX_GPA_LOG2);
}

static void expect_fault(struct fixture *fx, uint32_t reason, uint64_t qualification)
{
	expect_no_write(fx, EPML_VMCS_GUEST_PML_ADDRESS, FX_GPA_LOG2, EPML_INSN_FAULT);
	fx_expect_exit(fx, reason, qualification);
	fx_expect_exit_addresses(fx, reason != EPML_REASON_PML_FULL, FX_GPA_LOG2, false, 0);
	FX_EVENTS_ARE(fx, EPML_EV_EXIT);
}

/* VMACC-7: the field stays, and the fault is a VM exit even where #VE is on. */
static void translation_refused(void **state)
{
	struct fixture *fx = at_vmwrite(state);
	const uint64_t q = EPML_QUAL_EPT_WRITE | 1 << EPML_QUAL_EPT_PERM_SHIFT;

	fx_ept_change(fx, FX_GPA_LOG2, 1, FX_EPT_RWX, EPML_EPT_READ);
	expect_fault(fx, EPML_REASON_EPT_VIOLATION, q);
	fx_set_ve(fx, true);
	expect_fault(fx, EPML_REASON_EPT_VIOLATION, q);
	fx_ept_change(fx, FX_GPA_LOG2, 1, 0, EPML_EPT_MEMTYPE_MASK);
	expect_fault(fx, EPML_REASON_EPT_MISCONFIGURATION, 0);
}

/* PML-FULL-1 for the access of GPML-ADDR-1. */
static void translation_meets_full_log(void **state)
{
	struct fixture *fx = at_vmwrite(state);

	fx->cpu.v.pml_index = EPML_LOG_FULL_INDEX;
	expect_fault(fx, EPML_REASON_PML_FULL, 0);
	fx_ept_change(fx, FX_GPA_LOG2, 1, 0, EPML_EPT_DIRTY);
	write_field(fx, EPML_VMCS_GUEST_PML_ADDRESS, FX_GPA_LOG2);
}

/* VMACC-4 comes before the translation. */
static void refused_before_translation(void **state)
{
	struct fixture *fx = at_vmwrite(state);

	expect_no_write(fx, EPML_VMCS_GUEST_PML_ADDRESS, FX_GPA_LOG2 | 8, EPML_INSN_VMFAIL);
	expect_no_write(fx, EPML_VMCS_GUEST_PML_ADDRESS, 1ull << 40, EPML_INSN_VMFAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fx_test(bitmap_bits), fx_test(bitmap_of_instruction), fx_test(encoding_bits),
		fx_test(no_shadowing), fx_test(guest_pml_off), fx_test(other_fields),
		fx_test(read_values), fx_test(write_values), fx_test(write_high),
		fx_test(write_width), fx_test(refused_address), fx_test(refused_numbers),
		fx_test(translated), fx_test(others_not_translated), fx_test(high_translated),
		fx_test(translation_refused), fx_test(translation_meets_full_log),
		fx_test(refused_before_translation),
	};

	return cmocka_run_group_tests_name("vmcs", tests, NULL, NULL);
}
