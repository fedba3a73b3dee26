/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "track.h"

int ranges_add(struct ranges *r, uint64_t begin, uint64_t end)
{
	if (begin >= end)
		return 0;
	if (r->n && r->range[r->n - 1].end == begin) {
		r->range[r->n - 1].end = end;
		return 0;
	}
	if (r->n == r->space) {
		const size_t space = r->space ? 2 * r->space : 16;
		struct range *more = realloc(r->range, space * sizeof(*more));

		if (!more)
			return -ENOMEM;
		r->range = more;
		r->space = space;
	}
	r->range[r->n++] = (struct range){ begin, end };
	return 0;
}

void ranges_free(struct ranges *r)
{
	free(r->range);
	*r = (struct ranges){ .n = 0 };
}

/* Memory that the program can write; what the kernel maps for itself has a name in brackets. */
static int add_mapping(struct ranges *r, const char *line)
{
	uint64_t begin, end;
	char flags[5] = "";

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &begin, &end, flags) != 3)
		return -EINVAL;
	if (flags[0] != 'r' || flags[1] != 'w' || strstr(line, "[vvar") || strstr(line, "[vsys"))
		return 0;
	return ranges_add(r, begin, end);
}

int maps_read(struct ranges *r, pid_t pid)
{
	char path[40], line[4400];
	FILE *f;
	int status = 0;

	r->n = 0;
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (!status && fgets(line, sizeof(line), f))
		status = add_mapping(r, line);
	fclose(f);
	return status;
}

int ranges_less(struct ranges *out, const struct ranges *a, const struct ranges *b)
{
	size_t j = 0;

	out->n = 0;
	for (size_t i = 0; i < a->n; i++) {
		uint64_t begin = a->range[i].begin;
		const uint64_t end = a->range[i].end;

		while (j < b->n && b->range[j].end <= begin)
			j++;
		for (size_t k = j; k < b->n && b->range[k].begin < end; k++) {
			if (ranges_add(out, begin, b->range[k].begin))
				return -ENOMEM;
			begin = b->range[k].end;
		}
		if (ranges_add(out, begin, end))
			return -ENOMEM;
	}
	return 0;
}
