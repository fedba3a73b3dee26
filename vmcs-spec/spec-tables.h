/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The specification as constant tables, for programs that name fields, exits and rules.
 *
 * The tables are generated from fields.json and rules.json into epml-spec-tables.c; the look-ups
 * are in spec-tables.c. Constants for code are in epml-spec.h instead.
 */
#ifndef EPML_SPEC_TABLES_H
#define EPML_SPEC_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A VMCS field. */
struct spec_field {
	const char *name;	/* as in EPML_VMCS_<name> */
	uint32_t encoding;	/* of the full field */
	unsigned width;		/* 16, 32 or 64 bits; 0 is natural width */
	const char *type;	/* "control", "read-only", "guest-state" or "host-state" */
	const char *title;	/* what the SDM or the proposal calls it */
	const char *text;	/* meaning, "" if the SDM gives it */
	bool is_new;		/* of the proposal */
};

/* A bit or bit range of a control field, an exit qualification or an entry. */
struct spec_bits {
	const char *layout;	/* as in EPML_<layout>_<name> */
	const char *name;
	unsigned high, low;
	const char *title;
	bool is_new;
};

/* An exit reason or a VM-instruction error. */
struct spec_number {
	const char *name;
	uint32_t value;
	const char *title;
	bool is_new;
};

/* One value of a design parameter. */
struct spec_choice {
	const char *parameter;
	const char *value;
	const char *text;
};

/* The value that a profile gives to a parameter. */
struct spec_profile {
	const char *name;
	const char *parameter;
	const char *value;
};

/* A value of a parameter under which a rule holds. */
struct spec_condition {
	const char *parameter;
	const char *value;
};

struct spec_rule {
	const char *id;
	const char *chapter;
	const char *text;
	const char *source;	/* where the rule comes from: the SDM, or EPML */
	const struct spec_condition *when;	/* ends with a NULL parameter */
};

extern const struct spec_field spec_fields[];
extern const size_t spec_field_count;
extern const struct spec_bits spec_bits[];
extern const size_t spec_bits_count;
extern const struct spec_number spec_exit_reasons[];
extern const size_t spec_exit_reason_count;
extern const struct spec_number spec_vm_errors[];
extern const size_t spec_vm_error_count;
extern const struct spec_choice spec_choices[];
extern const size_t spec_choice_count;
extern const struct spec_profile spec_profiles[];
extern const size_t spec_profile_count;
extern const struct spec_rule spec_rules[];
extern const size_t spec_rule_count;

/** The field called @p name, or NULL. */
const struct spec_field *spec_field_by_name(const char *name);

/** The field with @p encoding, which may be that of its high half, or NULL. */
const struct spec_field *spec_field_by_encoding(uint64_t encoding);

/**
 * Encoding of a field by name; "<NAME>_HIGH" is the high half of a 64-bit field.
 * @param encoding	set if the name is known
 * @return		true if the name is known
 */
bool spec_field_encoding(const char *name, uint32_t *encoding);

/** The rule with @p id, or NULL. */
const struct spec_rule *spec_rule_by_id(const char *id);

/** Gives the value of a design parameter, or NULL if there is no such parameter. */
typedef const char *spec_value_fn(const void *ctx, const char *parameter);

/**
 * Does a rule hold with these values of the design parameters? Of several conditions on the same
 * parameter one must be met; conditions on different parameters must all be met.
 */
bool spec_rule_applies(const struct spec_rule *rule, spec_value_fn *value, const void *ctx);

/** The value that @p profile gives to @p parameter, or NULL. */
const char *spec_profile_value(const char *profile, const char *parameter);

/** The basic exit reason called @p name, or NULL. */
const struct spec_number *spec_exit_reason_by_name(const char *name);

/** Name of basic exit reason @p reason, or NULL. */
const char *spec_exit_reason_name(uint32_t reason);

/** Name of VM-instruction error @p error, or NULL. */
const char *spec_vm_error_name(uint32_t error);

#endif
