/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generated constants and tables: spot values, look-ups both ways, and that the model's own
 * profiles are those of fields.json.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "epml/epml.h"
#include "epml-spec.h"
#include "spec-tables.h"

static void test_constants(void **state)
{
	(void)state;
	assert_int_equal(EPML_VMCS_GUEST_PML_ADDRESS, 0x2060);
	assert_int_equal(EPML_VMCS_GUEST_PML_ADDRESS_HIGH, 0x2061);
	assert_int_equal(EPML_VMCS_GUEST_PML_INDEX, 0x0820);
	assert_int_equal(EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, 0x0010);
	assert_int_equal(EPML_VMCS_GUEST_PML_THRESHOLD, 0x0012);
	assert_true(EPML_PROC3_ENABLE_GUEST_PML == 1ull << 32);
	assert_true(EPML_EPT_SUPPRESS_VE == 1ull << 63);
	assert_int_equal(EPML_EPTP_MEMTYPE_MASK, 7);
	assert_int_equal(EPML_EPTP_WALK_SHIFT, 3);
	assert_int_equal(EPML_QUAL_EPT_PERM_MASK, 0x38);
	assert_int_equal(EPML_REASON_PML_FULL, 62);
	assert_int_equal(EPML_VMERR_GPML_VALUE, 29);
	assert_int_equal(EPML_MSR_VMX_PROCBASED_CTLS3, 0x492);
	assert_int_equal(EPML_LOG_ENTRIES * EPML_LOG_ENTRY_SIZE, 4096);
}

static void test_fields(void **state)
{
	const struct spec_field *f;
	uint32_t encoding;
	size_t i;

	(void)state;
	for (i = 0; i < spec_field_count; i++) {
		f = &spec_fields[i];
		assert_ptr_equal(spec_field_by_name(f->name), f);
		assert_ptr_equal(spec_field_by_encoding(f->encoding), f);
		assert_true(spec_field_encoding(f->name, &encoding));
		assert_int_equal(encoding, f->encoding);
	}
	f = spec_field_by_name("GUEST_PML_ADDRESS");
	assert_non_null(f);
	assert_true(f->is_new);
	assert_int_equal(f->width, 64);
	assert_ptr_equal(spec_field_by_encoding(0x2061), f);
	assert_true(spec_field_encoding("GUEST_PML_ADDRESS_HIGH", &encoding));
	assert_int_equal(encoding, 0x2061);

	assert_null(spec_field_by_name("GUEST_PML"));
	assert_null(spec_field_by_encoding(0x0821));
	assert_null(spec_field_by_encoding(0x100002060ull));
	assert_false(spec_field_encoding("GUEST_PML_INDEX_HIGH", &encoding));
	assert_false(spec_field_encoding("_HIGH", &encoding));
	assert_false(spec_field_encoding("", &encoding));
}

static void test_numbers(void **state)
{
	const struct spec_number *n;

	(void)state;
	n = spec_exit_reason_by_name("EPT_VIOLATION");
	assert_non_null(n);
	assert_int_equal(n->value, EPML_REASON_EPT_VIOLATION);
	assert_string_equal(spec_exit_reason_name(62), "PML_FULL");
	assert_null(spec_exit_reason_name(35));
	assert_null(spec_exit_reason_by_name("NO_SUCH_REASON"));
	assert_string_equal(spec_vm_error_name(29), "GPML_VALUE");
	assert_null(spec_vm_error_name(0));
}

static const char *model_value(const void *ctx, const char *parameter)
{
	return epml_params_get(ctx, parameter);
}

/* "published" and "hardened" mean the same in the model and in fields.json. */
static void test_profiles(void **state)
{
	const struct spec_profile *p;
	struct epml_params params;
	size_t i;

	(void)state;
	assert_int_not_equal(spec_profile_count, 0);
	for (i = 0; i < spec_profile_count; i++) {
		p = &spec_profiles[i];
		assert_true(epml_params_profile(&params, p->name));
		assert_string_equal(epml_params_get(&params, p->parameter), p->value);
		assert_string_equal(spec_profile_value(p->name, p->parameter), p->value);
	}
	assert_null(spec_profile_value("hardened", "no-such-parameter"));
}

/* Every value of every parameter can be set in the model. */
static void test_choices(void **state)
{
	const struct spec_choice *c;
	struct epml_params params;
	size_t i;

	(void)state;
	assert_true(epml_params_profile(&params, "published"));
	for (i = 0; i < spec_choice_count; i++) {
		c = &spec_choices[i];
		assert_null(epml_params_set(&params, c->parameter, c->value));
		assert_string_equal(epml_params_get(&params, c->parameter), c->value);
	}
}

static bool applies(const char *id, const struct epml_params *params)
{
	const struct spec_rule *rule = spec_rule_by_id(id);

	assert_non_null(rule);
	return spec_rule_applies(rule, model_value, params);
}

static void test_rules(void **state)
{
	struct epml_params params;
	size_t i;

	(void)state;
	for (i = 0; i < spec_rule_count; i++)
		assert_ptr_equal(spec_rule_by_id(spec_rules[i].id), &spec_rules[i]);
	assert_null(spec_rule_by_id("GPML-LOG"));

	assert_true(epml_params_profile(&params, "published"));
	assert_true(applies("GPML-LOG-1", &params));
	assert_true(applies("GPML-WALK-1", &params));
	assert_false(applies("GPML-TRIG-2", &params));
	assert_false(applies("GPML-ORDER-1", &params));
	assert_null(epml_params_set(&params, "walk-writes", "not-logged"));
	assert_false(applies("GPML-WALK-1", &params));
	assert_null(epml_params_set(&params, "full", "ve"));
	assert_true(applies("GPML-ORDER-1", &params));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_constants),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
