/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a file of the specification: the first byte says which of the three, the other two
 * are those of the project. What is accepted is written out in all forms.
 */
#include <stdio.h>
#include <string.h>

#include "spec.h"
#include "target.h"

static void emit(const struct spec *s)
{
	static FILE *out;

	if (!out)
		out = fopen("/dev/null", "w");
	TARGET_ASSERT(out);
	emit_header(out, s);
	emit_asm(out, s);
	emit_tables(out, s);
	emit_markdown(out, s);
	emit_document(out, s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *paths[] = {
		SPEC_DIR "/fields.json", SPEC_DIR "/assigned.json", SPEC_DIR "/rules.json" };
	struct spec s;

	if (!size)
		return 0;
	memset(&s, 0, sizeof(s));
	paths[data[0] % 3] = target_file(data + 1, size - 1);
	if (!catalog_load(&s.fields, paths[0], true) &&
	    !catalog_load(&s.assigned, paths[1], false) && !jsonfile_load(&s.rules, paths[2]) &&
	    !spec_check(&s) && !spec_check_rules(&s))
		emit(&s);
	catalog_free(&s.fields);
	catalog_free(&s.assigned);
	jsonfile_free(&s.rules);
	return 0;
}
