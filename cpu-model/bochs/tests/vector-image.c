/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Usage: vector-image FILE.json > IMAGE
 *
 * The vectors of a file that hold in profile "hardened", as one image for the ROM.
 */
#include <stdio.h>
#include <stdlib.h>

#include "compile.h"
#include "load.h"

static void *hardened_image(const struct vector_set *set, size_t *size)
{
	const struct compiled **chosen = calloc(set->n, sizeof(*chosen));
	unsigned n = 0;
	void *image;

	if (!chosen)
		return NULL;
	for (unsigned i = 0; i < set->n; i++) {
		const struct vector *v = set->vectors[i];

		if (v->profile == PROFILE_HARDENED && !*v->param_text)
			chosen[n++] = v->compiled;
	}
	image = vi_image(chosen, n, size);
	free(chosen);
	return image;
}

int main(int argc, char **argv)
{
	struct vector_set set = { 0 };
	size_t size = 0;
	void *image;
	bool written;

	if (argc != 2) {
		fputs("usage: vector-image FILE.json > IMAGE\n", stderr);
		return 2;
	}
	if (vectors_load(&set, argv[1]))
		return 2;
	image = hardened_image(&set, &size);
	written = image && fwrite(image, size, 1, stdout) == 1 && !fflush(stdout);
	free(image);
	vectors_free(&set);
	return written ? 0 : 2;
}
