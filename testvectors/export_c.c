/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Export as C: types, then constant arrays. The result is one file that needs <stdint.h> and
 * nothing else. All members of items are 64 bits wide, in the order of the hex format.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "export.h"

static const char types[] =
	"struct epml_memory { uint64_t hpa, value; };\n"
	"struct epml_field { uint64_t field, value; };\n"
	"struct epml_step { uint64_t op, size, handler, a, b, c; };\n"
	"struct epml_exit_expected {\n"
	"\tuint64_t has, reason, qualification, gpa, gva, step, int_info, idt_vectoring,\n"
	"\t\tidt_error;\n"
	"};\n"
	"struct epml_event_expected { uint64_t has, vector, step, error, cr2; };\n"
	"struct epml_result { uint64_t has, value, flags; };\n"
	"struct epml_word { uint64_t hpa, mask, value; };\n"
	"struct epml_entry { uint64_t index, value; };\n"
	"\n"
	"struct epml_vector {\n"
	"\tconst char *id, *profile, *title, *rules;\n"
	"\tuint64_t flags, ist, entry_error, guest_log_hpa, pml_log_hpa;\n"
	"\tunsigned n_pages, n_memory, n_fields, n_steps, n_entry_exit, n_exits, n_events,\n"
	"\t\tn_results, n_words, n_end_fields, n_guest_log, n_guest_ignored, n_pml_log,\n"
	"\t\tn_pml_ignored;\n"
	"\tconst uint64_t *pages;\n"
	"\tconst struct epml_memory *memory;\n"
	"\tconst struct epml_field *fields;\n"
	"\tconst struct epml_step *steps;\n"
	"\tconst struct epml_exit_expected *entry_exit, *exits;\n"
	"\tconst struct epml_event_expected *events;\n"
	"\tconst struct epml_result *results;\n"
	"\tconst struct epml_word *words;\n"
	"\tconst struct epml_field *end_fields;\n"
	"\tconst struct epml_entry *guest_log;\n"
	"\tconst uint64_t *guest_ignored;\n"
	"\tconst struct epml_entry *pml_log;\n"
	"\tconst uint64_t *pml_ignored;\n"
	"};\n";

/* Types and names of the arrays; the texts are strings here. */
static const struct {
	const char *type, *name;
} arrays[SECTIONS] = {
	[SEC_PAGES] = { "uint64_t", "pages" },
	[SEC_MEMORY] = { "struct epml_memory", "memory" },
	[SEC_FIELDS] = { "struct epml_field", "fields" },
	[SEC_STEPS] = { "struct epml_step", "steps" },
	[SEC_ENTRY_EXIT] = { "struct epml_exit_expected", "entry_exit" },
	[SEC_EXITS] = { "struct epml_exit_expected", "exits" },
	[SEC_EVENTS] = { "struct epml_event_expected", "events" },
	[SEC_RESULTS] = { "struct epml_result", "results" },
	[SEC_WORDS] = { "struct epml_word", "words" },
	[SEC_END_FIELDS] = { "struct epml_field", "end_fields" },
	[SEC_GUEST_LOG] = { "struct epml_entry", "guest_log" },
	[SEC_GUEST_IGNORED] = { "uint64_t", "guest_ignored" },
	[SEC_PML_LOG] = { "struct epml_entry", "pml_log" },
	[SEC_PML_IGNORED] = { "uint64_t", "pml_ignored" },
};

static const struct {
	const char *name;
	uint64_t value;
} constants[] = {
	{ "EPML_V_CPL3", EXPORT_F_CPL3 },
	{ "EPML_V_IF", EXPORT_F_IF },
	{ "EPML_V_EPML", EXPORT_F_EPML },
	{ "EPML_V_HARDENED", EXPORT_F_HARDENED },
	{ "EPML_V_GUEST_LOG", EXPORT_F_GUEST_LOG },
	{ "EPML_V_PML_LOG", EXPORT_F_PML_LOG },
	{ "EPML_V_RESULTS", EXPORT_F_RESULTS },
	{ "EPML_V_ENTRY_SHIFT", EXPORT_ENTRY_SHIFT },
	{ "EPML_V_TRIGGER_SHIFT", EXPORT_TRIGGER_SHIFT },
	{ "EPML_V_TRANSLATION_SHIFT", EXPORT_TRANSLATION_SHIFT },
	{ "EPML_V_FULL_SHIFT", EXPORT_FULL_SHIFT },
	{ "EPML_V_NOTIFICATION_SHIFT", EXPORT_NOTIFICATION_SHIFT },
	{ "EPML_V_WALK_SHIFT", EXPORT_WALK_SHIFT },
	{ "EPML_HAS_QUALIFICATION", HAS_QUAL },
	{ "EPML_HAS_GPA", HAS_GPA },
	{ "EPML_HAS_GVA", HAS_GVA },
	{ "EPML_HAS_STEP", HAS_STEP },
	{ "EPML_HAS_IDT_VECTORING", HAS_IDT },
	{ "EPML_HAS_IDT_ERROR", HAS_IDT_ERROR },
	{ "EPML_HAS_INT_INFO", HAS_INT },
	{ "EPML_HAS_ERROR", HAS_ERROR },
	{ "EPML_HAS_CR2", HAS_CR2 },
	{ "EPML_HAS_VALUE", HAS_VALUE },
	{ "EPML_HAS_CF", HAS_CF },
	{ "EPML_HAS_ZF", HAS_ZF },
};

static void write_constants(FILE *out)
{
	fprintf(out, "#define EPML_VECTORS_VERSION %u\n\n", EXPORT_VERSION);
	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++)
		fprintf(out, "#define %s 0x%" PRIx64 "u\n", constants[i].name,
			constants[i].value);
	fputs("\nenum {\n", out);
	for (unsigned i = 0; i < export_op_count; i++) {
		fputs("\tEPML_OP_", out);
		for (const char *c = export_ops[i].name; *c; c++)
			fputc(toupper((unsigned char)*c), out);
		fprintf(out, " = %u,\n", (unsigned)export_ops[i].op);
	}
	fputs("};\n\n", out);
}

/* A string literal; octal, since a hexadecimal escape has no end. */
static void write_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if (isprint((unsigned char)*text) && *text != '?')
			fputc(*text, out);
		else
			fprintf(out, "\\%03o", (unsigned char)*text);
	}
	fputc('"', out);
}

static void write_item(FILE *out, const uint64_t *words, unsigned width)
{
	fputs("\t", out);
	if (width > 1)
		fputs("{ ", out);
	for (unsigned i = 0; i < width; i++)
		fprintf(out, "%s0x%" PRIx64, i ? ", " : "", words[i]);
	fputs(width > 1 ? " },\n" : ",\n", out);
}

static void write_arrays(FILE *out, unsigned number, const struct export_flat *f)
{
	for (unsigned i = SEC_PAGES; i < SECTIONS; i++) {
		const struct export_section *s = &f->sections[i];

		if (!s->n)
			continue;
		fprintf(out, "static const %s epml_%s_%u[] = {\n", arrays[i].type, arrays[i].name,
			number);
		for (unsigned j = 0; j < s->n; j++)
			write_item(out, s->words + j * s->width, s->width);
		fputs("};\n", out);
	}
}

static void write_vector(FILE *out, unsigned number, const struct vector *v,
			 const struct export_flat *f)
{
	char *rules = export_rules(v);

	fputs("\t{\n\t\t.id = ", out);
	write_string(out, v->id);
	fprintf(out, ",\n\t\t.profile = \"%s%s\",\n\t\t.title = ", profile_names[v->profile],
		v->param_text);
	write_string(out, v->title);
	fprintf(out, ",\n\t\t.rules = \"%s\",\n", rules);
	free(rules);
	fprintf(out, "\t\t.flags = 0x%" PRIx64 ", .ist = 0x%" PRIx64 ", .entry_error = %" PRIu64
		",\n\t\t.guest_log_hpa = 0x%" PRIx64 ", .pml_log_hpa = 0x%" PRIx64 ",\n",
		f->head[HEAD_FLAGS], f->head[HEAD_IST], f->head[HEAD_ENTRY_ERROR],
		f->head[HEAD_GUEST_LOG], f->head[HEAD_PML_LOG]);
	for (unsigned i = SEC_PAGES; i < SECTIONS; i++)
		if (f->sections[i].n)
			fprintf(out, "\t\t.%s = epml_%s_%u, .n_%s = %u,\n", arrays[i].name,
				arrays[i].name, number, arrays[i].name, f->sections[i].n);
	fputs("\t},\n", out);
}

void export_c(FILE *out, struct vector *const *vectors, unsigned n)
{
	struct export_flat *flats = array_grow(NULL, 0, (n + 1) * sizeof(*flats));
	struct arena arena = { NULL };

	fputs("/* SPDX-License-Identifier: BSD-2-Clause */\n"
	      "/* Test vectors of EPML from \"epml vectors export\"; see docs/export.md. */\n"
	      "#ifndef EPML_VECTORS_H\n#define EPML_VECTORS_H\n\n#include <stdint.h>\n\n", out);
	write_constants(out);
	fputs(types, out);
	fputc('\n', out);
	for (unsigned i = 0; i < n; i++) {
		export_flatten(&arena, vectors[i], &flats[i]);
		write_arrays(out, i, &flats[i]);
	}
	fputs("\nstatic const struct epml_vector epml_vectors[] = {\n", out);
	for (unsigned i = 0; i < n; i++)
		write_vector(out, i, vectors[i], &flats[i]);
	fprintf(out, "};\n\n#define EPML_VECTOR_COUNT %uu\n\n#endif\n", n);
	arena_free(&arena);
	free(flats);
}
