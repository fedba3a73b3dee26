/* SPDX-License-Identifier: BSD-2-Clause */
/* Design parameters: their names, their values, and the two profiles. */
#include <string.h>

#include "fixture.h"

static const struct value {
	const char *key, *value;
	int number;
} values[] = {
	{ "trigger", "ept-dirty", EPML_TRIGGER_EPT_DIRTY },
	{ "trigger", "guest-dirty", EPML_TRIGGER_GUEST_DIRTY },
	{ "translation", "at-vmwrite", EPML_TRANSLATE_AT_VMWRITE },
	{ "translation", "at-log", EPML_TRANSLATE_AT_LOG },
	{ "full", "drop", EPML_FULL_DROP },
	{ "full", "exit", EPML_FULL_EXIT },
	{ "full", "ve", EPML_FULL_VE },
	{ "notification", "when-full", EPML_NOTIFY_WHEN_FULL },
	{ "notification", "threshold", EPML_NOTIFY_THRESHOLD },
	{ "walk-writes", "not-logged", EPML_WALKS_NOT_LOGGED },
	{ "walk-writes", "logged", EPML_WALKS_LOGGED },
};

#define N_VALUES (sizeof(values) / sizeof(values[0]))

static int number(const struct epml_params *p, const char *key)
{
	switch (key[0]) {
	case 'f':
		return p->full;
	case 'n':
		return p->notification;
	case 'w':
		return p->walk_writes;
	default:
		return strcmp(key, "trigger") ? (int)p->translation : (int)p->trigger;
	}
}

static void set_and_get(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_VALUES; i++) {
		struct epml_params p, before;

		assert_true(epml_params_profile(&p, i % 2 ? "published" : "hardened"));
		before = p;
		assert_null(epml_params_set(&p, values[i].key, values[i].value));
		assert_int_equal(number(&p, values[i].key), values[i].number);
		assert_string_equal(epml_params_get(&p, values[i].key), values[i].value);
		/* the other parameters stay */
		for (size_t k = 0; k < N_VALUES; k++)
			if (strcmp(values[k].key, values[i].key))
				assert_int_equal(number(&p, values[k].key),
						 number(&before, values[k].key));
	}
}

static void expect_refused(const char *key, const char *value, const char *expected)
{
	struct epml_params p, before;

	memset(&p, 0, sizeof(p));
	before = p;
	assert_string_equal(epml_params_set(&p, key, value), expected);
	assert_memory_equal(&p, &before, sizeof(p));
}

static void refused(void **state)
{
	(void)state;
	expect_refused("trigger", "at-log", "ept-dirty or guest-dirty");
	expect_refused("translation", "", "at-vmwrite or at-log");
	expect_refused("full", "exit ", "drop, exit or ve");
	expect_refused("notification", "Threshold", "when-full or threshold");
	expect_refused("walk-writes", "log", "logged or not-logged");
	expect_refused("walk_writes", "logged",
		       "trigger, translation, full, notification or walk-writes");
	expect_refused("", "", "trigger, translation, full, notification or walk-writes");
}

static void get_unknown(void **state)
{
	struct epml_params p = { 0 };

	(void)state;
	assert_null(epml_params_get(&p, "profile"));
}

static void expect_profile(const char *name, const char *const expected[5])
{
	static const char *const keys[] = {
		"trigger", "translation", "full", "notification", "walk-writes"
	};
	struct epml_params p;

	memset(&p, 0xFF, sizeof(p));
	assert_true(epml_params_profile(&p, name));
	for (int i = 0; i < 5; i++)
		assert_string_equal(epml_params_get(&p, keys[i]), expected[i]);
}

static void profiles(void **state)
{
	(void)state;
	expect_profile("published", (const char *const[]){
		"ept-dirty", "at-vmwrite", "drop", "when-full", "logged" });
	expect_profile("hardened", (const char *const[]){
		"guest-dirty", "at-log", "exit", "threshold", "not-logged" });
}

static void profile_unknown(void **state)
{
	struct epml_params p, before;

	(void)state;
	memset(&p, 0x5A, sizeof(p));
	before = p;
	assert_false(epml_params_profile(&p, "Hardened"));
	assert_false(epml_params_profile(&p, ""));
	assert_memory_equal(&p, &before, sizeof(p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_and_get), cmocka_unit_test(refused),
		cmocka_unit_test(get_unknown), cmocka_unit_test(profiles),
		cmocka_unit_test(profile_unknown),
	};

	return cmocka_run_group_tests_name("params", tests, NULL, NULL);
}
