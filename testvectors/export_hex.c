/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Export as 64-bit words for $readmemh of Verilog: one word in hexadecimal on a line, comments
 * behind it. A record is the head, the counts of all sections, and the sections.
 */
#include <inttypes.h>

#include "export.h"

#define HEX_MAGIC	0x45504D4C56454358ull	/* "EPMLVECX" */

static const char *const section_names[SECTIONS] = {
	"id", "rules", "pages", "memory", "fields", "steps", "entry exit", "exits", "events",
	"results", "words", "fields at the end", "guest log", "guest log ignored", "PML log",
	"PML log ignored",
};

static const char *const head_names[HEAD_WORDS] = {
	"flags", "IST", "entry error", "guest log HPA", "PML log HPA",
};

static void word(FILE *out, uint64_t value, const char *what)
{
	fprintf(out, "%016" PRIx64, value);
	if (what)
		fprintf(out, " // %s", what);
	fputc('\n', out);
}

static uint64_t record_words(const struct export_flat *f)
{
	uint64_t n = 1 + HEAD_WORDS + SECTIONS;

	for (unsigned i = 0; i < SECTIONS; i++)
		n += (uint64_t)f->sections[i].n * f->sections[i].width;
	return n;
}

static void write_record(FILE *out, const struct vector *v, const struct export_flat *f)
{
	char count[60];

	fprintf(out, "// %s [%s%s]\n", v->id, profile_names[v->profile], v->param_text);
	word(out, record_words(f), "words");
	for (unsigned i = 0; i < HEAD_WORDS; i++)
		word(out, f->head[i], head_names[i]);
	for (unsigned i = 0; i < SECTIONS; i++) {
		snprintf(count, sizeof(count), "number of %s", section_names[i]);
		word(out, f->sections[i].n, count);
	}
	for (unsigned i = 0; i < SECTIONS; i++)
		for (unsigned j = 0; j < f->sections[i].n * f->sections[i].width; j++)
			word(out, f->sections[i].words[j], j ? NULL : section_names[i]);
}

void export_hex(FILE *out, struct vector *const *vectors, unsigned n)
{
	uint64_t words = 4;

	for (int pass = 0; pass < 2; pass++) {
		if (pass) {
			word(out, HEX_MAGIC, "magic");
			word(out, EXPORT_VERSION, "version");
			word(out, n, "number of vectors");
			word(out, words, "words of the file");
		}
		for (unsigned i = 0; i < n; i++) {
			struct arena arena = { NULL };
			struct export_flat f;

			export_flatten(&arena, vectors[i], &f);
			if (pass)
				write_record(out, vectors[i], &f);
			else
				words += record_words(&f);
			arena_free(&arena);
		}
	}
}
