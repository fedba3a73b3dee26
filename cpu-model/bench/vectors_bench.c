/* SPDX-License-Identifier: BSD-2-Clause */
/* All vectors in both profiles, through the code of "epml vectors": vectors in a second. */
#include <stdlib.h>

#include "bench.h"
#include "bochs_run.h"
#include "load.h"
#include "run_vectors.h"

#define BOCHS_TIMEOUT	60u

struct rate vector_rates[VECTOR_RATES] = {
	[RATE_MODEL_VECTORS] = {
		.name = "vectors-model", .title = "vectors on the standalone machine"
	},
	[RATE_BOCHS_VECTORS] = {
		.name = "vectors-bochs", .title = "vectors on Bochs with the model"
	},
};

static int run_all(const struct bench_options *o, const struct vector_set *set, enum host host,
		   struct samples *per_second)
{
	const struct run_options options = {
		.paths = &o->paths, .jobs = 1, .timeout = BOCHS_TIMEOUT
	};
	struct result *results = calloc(set->n, sizeof(*results));
	const double begin = seconds_now();
	char text[600];
	int status;

	if (!results)
		return bench_error("out of memory");
	for (unsigned i = 0; i < set->n; i++) {
		results[i].v = set->vectors[i];
		results[i].host = host;
	}
	status = run_vectors(&options, results, set->n, text, sizeof(text));
	if (bochs_stopped())
		status = -1;
	else if (status)
		bench_error("%s", text);
	else
		samples_add(per_second, set->n / (seconds_now() - begin));
	for (unsigned i = 0; i < set->n; i++)
		free(results[i].text);
	free(results);
	return status;
}

int vectors_round(const struct bench_options *o, unsigned round)
{
	static const enum host hosts[VECTOR_RATES] = {
		[RATE_MODEL_VECTORS] = ON_MODEL, [RATE_BOCHS_VECTORS] = ON_BOCHS,
	};
	struct vector_set set = { .n = 0 };
	int status;

	if (!bench_selected(o, "vectors"))
		return 0;
	status = vectors_load_dir(&set, o->paths.vectors);
	for (unsigned i = 0; i < VECTOR_RATES && !status; i++) {
		const unsigned n = (round + i) % VECTOR_RATES;

		bench_progress(o, "round %u of %u: %s", round + 1, o->rounds, vector_rates[n].name);
		status = run_all(o, &set, hosts[n], &vector_rates[n].per_second);
	}
	vectors_free(&set);
	return status;
}
