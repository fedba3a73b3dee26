/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Look-ups in the tables of the specification.
 */
#include "spec-tables.h"

#include <string.h>

/* Bit 0 of an encoding is the access type; it exists for 64-bit fields only. */
#define ACCESS_HIGH 1u

static const char high_suffix[] = "_HIGH";

const struct spec_field *spec_field_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < spec_field_count; i++) {
		if (strcmp(spec_fields[i].name, name) == 0)
			return &spec_fields[i];
	}
	return NULL;
}

const struct spec_field *spec_field_by_encoding(uint64_t encoding)
{
	const struct spec_field *f;
	size_t i;

	for (i = 0; i < spec_field_count; i++) {
		f = &spec_fields[i];
		if (f->encoding == encoding ||
		    (f->width == 64 && (f->encoding | ACCESS_HIGH) == encoding))
			return f;
	}
	return NULL;
}

bool spec_field_encoding(const char *name, uint32_t *encoding)
{
	const struct spec_field *f = spec_field_by_name(name);
	size_t i, n = strlen(name), suffix = strlen(high_suffix);

	if (f) {
		*encoding = f->encoding;
		return true;
	}
	if (n <= suffix || strcmp(name + n - suffix, high_suffix) != 0)
		return false;
	for (i = 0; i < spec_field_count; i++) {
		f = &spec_fields[i];
		if (f->width == 64 && strlen(f->name) == n - suffix &&
		    strncmp(f->name, name, n - suffix) == 0) {
			*encoding = f->encoding | ACCESS_HIGH;
			return true;
		}
	}
	return false;
}

const struct spec_rule *spec_rule_by_id(const char *id)
{
	size_t i;

	for (i = 0; i < spec_rule_count; i++) {
		if (strcmp(spec_rules[i].id, id) == 0)
			return &spec_rules[i];
	}
	return NULL;
}

bool spec_rule_applies(const struct spec_rule *rule, spec_value_fn *value, const void *ctx)
{
	const struct spec_condition *c = rule->when;
	const char *parameter, *actual;
	bool met;

	while (c->parameter) {
		parameter = c->parameter;
		actual = value(ctx, parameter);
		met = false;
		for (; c->parameter && strcmp(c->parameter, parameter) == 0; c++)
			met |= actual && strcmp(actual, c->value) == 0;
		if (!met)
			return false;
	}
	return true;
}

const char *spec_profile_value(const char *profile, const char *parameter)
{
	size_t i;

	for (i = 0; i < spec_profile_count; i++) {
		if (strcmp(spec_profiles[i].name, profile) == 0 &&
		    strcmp(spec_profiles[i].parameter, parameter) == 0)
			return spec_profiles[i].value;
	}
	return NULL;
}

const struct spec_number *spec_exit_reason_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < spec_exit_reason_count; i++) {
		if (strcmp(spec_exit_reasons[i].name, name) == 0)
			return &spec_exit_reasons[i];
	}
	return NULL;
}

static const char *number_name(const struct spec_number *table, size_t count, uint32_t value)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (table[i].value == value)
			return table[i].name;
	}
	return NULL;
}

const char *spec_exit_reason_name(uint32_t reason)
{
	return number_name(spec_exit_reasons, spec_exit_reason_count, reason);
}

const char *spec_vm_error_name(uint32_t error)
{
	return number_name(spec_vm_errors, spec_vm_error_count, error);
}
