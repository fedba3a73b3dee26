/* SPDX-License-Identifier: BSD-2-Clause */
/* The coverage of the rules as JSON: everything, for other programs. */
#include <jansson.h>

#include "rule_coverage.h"

static json_t *strings(const char *const *list, unsigned n)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(array, json_string(list[i]));
	return array;
}

static json_t *citations(const struct covered *r, const struct citations *c)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < c->n; i++) {
		const struct citation *one = &c->list[i];

		if (rule_coverage_cites(r, one))
			json_array_append_new(array, json_pack("{sssiss}", "file", one->file,
							       "line", (int)one->line,
							       "text", one->text));
	}
	return array;
}

static json_t *covered(const struct rule_coverage *c, const struct covered *r)
{
	json_t *object = json_object(), *vectors = json_object();

	json_object_set_new(object, "id", json_string(r->id));
	for (unsigned d = 0; d < c->n_designs; d++)
		if (r->holds[d])
			json_object_set_new(vectors, c->designs[d].name,
					    strings(r->vectors[d], r->n_vectors[d]));
	json_object_set_new(object, "vectors", vectors);
	json_object_set_new(object, "sources", citations(r, &c->sources));
	json_object_set_new(object, "proofs", citations(r, &c->proofs));
	if (r->n_tests) {
		json_object_set_new(object, "tests", strings(r->tests, r->n_tests));
		json_object_set_new(object, "why", json_string(r->why));
	}
	return object;
}

int rule_coverage_json(FILE *out, const struct rule_coverage *c)
{
	json_t *root = json_object(), *rules = json_array(), *properties = json_array();
	int status;

	for (unsigned i = 0; i < c->n; i++)
		json_array_append_new(c->list[i].rule ? rules : properties,
				      covered(c, &c->list[i]));
	json_object_set_new(root, "rules", rules);
	json_object_set_new(root, "properties", properties);
	json_object_set_new(root, "findings", strings(c->findings, c->n_findings));
	status = json_dumpf(root, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	json_decref(root);
	fputc('\n', out);
	return status || ferror(out) ? -1 : 0;
}
