/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run all vectors on the standalone machine, twice: without a trace, and with one. Linked with a
 * build of libepml that counts what is executed. Nothing but vectors comes to the model here.
 */
#include <stdio.h>
#include <stdlib.h>

#include "load.h"
#include "run_vectors.h"

static int failures(const struct result *results, unsigned n)
{
	int failed = 0;

	for (unsigned i = 0; i < n; i++) {
		if (results[i].status == PASSED)
			continue;
		fprintf(stderr, "%s [%s]: %s\n", results[i].v->id,
			profile_names[results[i].v->profile], results[i].text);
		failed = 1;
	}
	return failed;
}

static int run(const struct vector_set *set, FILE *trace)
{
	const struct run_options o = { .jobs = 1, .trace = trace };
	struct result *results = calloc(set->n + 1, sizeof(*results));
	char text[600];
	int status;

	if (!results) {
		fprintf(stderr, "run-vectors: out of memory\n");
		return 2;
	}
	for (unsigned i = 0; i < set->n; i++)
		results[i] = (struct result){ .v = set->vectors[i], .host = ON_MODEL };
	status = run_vectors(&o, results, set->n, text, sizeof(text));
	if (status)
		fprintf(stderr, "run-vectors: %s\n", text);
	else
		status = failures(results, set->n);
	for (unsigned i = 0; i < set->n; i++)
		free(results[i].text);
	free(results);
	return status;
}

int main(int argc, char **argv)
{
	struct vector_set set = { .n = 0 };
	FILE *trace = fopen("/dev/null", "w");
	int status = 2;

	if (argc == 2 && trace && !vectors_load_dir(&set, argv[1])) {
		status = run(&set, NULL);
		if (!status)
			status = run(&set, trace);
	} else if (argc != 2) {
		fprintf(stderr, "usage: run-vectors DIRECTORY\n");
	}
	vectors_free(&set);
	if (trace)
		fclose(trace);
	return status ? 2 : 0;
}
