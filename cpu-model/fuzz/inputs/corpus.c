/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Give a target the inputs that are kept, without libFuzzer.
 *
 * usage: corpus-TARGET FILE...
 */
#include <stdio.h>
#include <stdlib.h>

#include "target.h"

static int run_file(const char *path)
{
	FILE *in = fopen(path, "rb");
	uint8_t *data = malloc(1 << 20);
	size_t size;

	if (!in || !data) {
		perror(path);
		return 1;
	}
	size = fread(data, 1, 1 << 20, in);
	fclose(in);
	/* A buffer of just that size, so that a checker of memory sees what is beyond it. */
	data = realloc(data, size ? size : 1);
	if (!data)
		return 1;
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++)
		status |= run_file(argv[i]);
	printf("%d inputs\n", argc - 1);
	return argc < 2 || status;
}
