/* SPDX-License-Identifier: BSD-2-Clause */
/* The result of a program as JSON. Addresses and registers are hexadecimal strings. */
#include <inttypes.h>
#include <jansson.h>

#include "asm_result.h"
#include "save.h"
#include "spec-tables.h"

static json_t *hex(uint64_t value)
{
	return json_sprintf("0x%" PRIx64, value);
}

static const char *end_name(enum asm_end end)
{
	switch (end) {
	case ASM_RETURNED:
		return "returned";
	case ASM_FAULT:
		return "exception";
	case ASM_EXIT:
		return "vm-exit";
	case ASM_TIMEOUT:
		return "timeout";
	case ASM_TRIPLE_FAULT:
		return "triple-fault";
	case ASM_NO_ENTRY:
		return "no-entry";
	default:
		return "gave-up";
	}
}

static json_t *end_object(const struct asm_run *run)
{
	const struct asm_result *r = run->result;
	char text[600];
	json_t *object = json_pack("{s:s, s:s}", "kind", end_name(r->end), "text",
				   asm_end_text(run, text, sizeof(text)));

	if (r->location[0])
		json_object_set_new(object, "location", json_string(r->location));
	if (r->in_handler >= 0)
		json_object_set_new(object, "handler", json_integer(r->in_handler));
	return object;
}

static json_t *exit_object(const struct report *x)
{
	const uint32_t reason = (uint32_t)x->v[1] & EPML_EXIT_BASIC_MASK;
	const char *name = spec_exit_reason_name(reason);
	char words[400];
	json_t *object = json_pack("{s:i, s:s, s:o, s:s}", "reason", (int)reason, "name",
				   name ? name : "unknown", "qualification", hex(x->v[2]),
				   "qualification_text",
				   asm_qualification(reason, x->v[2], words, sizeof(words)));

	if (asm_exit_has_gpa(x))
		json_object_set_new(object, "gpa", hex(x->v[3]));
	if (asm_exit_has_gva(x))
		json_object_set_new(object, "gva", hex(x->v[4]));
	return object;
}

static json_t *exits_array(const struct asm_result *r)
{
	json_t *array = json_array();

	if (r->last.kind == 'x')
		json_array_append_new(array, exit_object(&r->last));
	return array;
}

static json_t *registers_object(const struct asm_result *r)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < ASM_REGISTERS; i++)
		if (i != ASM_RIP || r->end != ASM_RETURNED)
			json_object_set_new(object, asm_register_names[i], hex(r->regs[i]));
	return object;
}

static json_t *log_object(const struct asm_log *log)
{
	json_t *entries = json_array();

	for (unsigned left = PAGE_WORDS; left; left--) {
		const unsigned entry = left - 1;

		if (log->words[entry])
			json_array_append_new(entries, json_pack(
				"{s:i, s:o, s:b}", "entry", (int)entry, "address",
				hex(log->words[entry]), "new", asm_log_is_new(log, entry)));
	}
	return json_pack("{s:i, s:o}", "index", (int)log->index, "entries", entries);
}

static json_t *events_array(const struct asm_result *r)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < ASM_VECTORS; i++)
		if (r->events[i])
			json_array_append_new(array, json_pack("{s:i, s:i}", "vector", (int)i,
							       "count", (int)r->events[i]));
	return array;
}

void asm_print_json(FILE *out, const struct asm_run *run)
{
	const struct asm_result *r = run->result;
	json_t *root = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:s}",
				 "program", run->program->file,
				 "profile", profile_names[run->options->profile],
				 "parameters", params_to_json(&run->options->params, NULL),
				 "end", end_object(run), "exits", exits_array(r),
				 "events", events_array(r), "printed", r->text);

	if (r->failed_handler >= 0)
		json_object_set_new(root, "failed_handler", json_pack(
			"{s:i, s:i}", "handler", r->failed_handler, "vector",
			(int)r->handler_fault.v[1]));
	if (r->has_regs)
		json_object_set_new(root, "registers", registers_object(r));
	if (r->complete) {
		json_object_set_new(root, "guest_log", log_object(&r->guest));
		json_object_set_new(root, "guest_pml_address", hex(r->log_address));
		json_object_set_new(root, "hypervisor_log", log_object(&r->hypervisor));
	}
	json_dumpf(root, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(root);
}
