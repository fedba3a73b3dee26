/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of page addresses. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

static int reserve(struct ooh *o, struct page_list *list, uint64_t more)
{
	size_t room = list->room;
	uint64_t *page;

	if (more > SIZE_MAX / sizeof(*page) / 4 - list->n)
		return ooh_fail(o, ENOMEM, "no memory for a list of %llu pages",
				(unsigned long long)more);
	if (list->n + more <= room)
		return 0;
	room = room ? room : 512;
	while (room < list->n + more)
		room *= 2;
	page = realloc(list->page, room * sizeof(*page));
	if (!page)
		return ooh_fail(o, ENOMEM, "no memory for a list of %zu pages", room);
	list->page = page;
	list->room = room;
	return 0;
}

/* Append all pages from start to end. */
int ooh_pages_add(struct ooh *o, struct page_list *list, uint64_t start, uint64_t end)
{
	int error = reserve(o, list, (end - start) >> PAGE_SHIFT);

	if (error)
		return error;
	for (; start < end; start += PAGE_BYTES)
		list->page[list->n++] = start;
	return 0;
}

int ooh_pages_append(struct ooh *o, struct page_list *list, const struct page_list *more)
{
	int error = reserve(o, list, more->n);

	if (error || !more->n)
		return error;
	memcpy(list->page + list->n, more->page, more->n * sizeof(*more->page));
	list->n += more->n;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Most techniques deliver ascending addresses, for which nothing has to be done. */
static bool is_sorted(const struct page_list *list)
{
	for (size_t i = 1; i < list->n; i++)
		if (list->page[i - 1] >= list->page[i])
			return false;
	return true;
}

/* Make the list ascending and each address single; the result is how many were taken away. */
size_t ooh_pages_sort(struct page_list *list)
{
	size_t kept = 0, before = list->n;

	if (is_sorted(list))
		return 0;
	qsort(list->page, list->n, sizeof(*list->page), by_address);
	for (size_t i = 0; i < list->n; i++)
		if (!kept || list->page[kept - 1] != list->page[i])
			list->page[kept++] = list->page[i];
	list->n = kept;
	return before - kept;
}

/* Take away what is not in the range. */
void ooh_pages_cut(struct page_list *list, uint64_t start, uint64_t end)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++)
		if (list->page[i] >= start && list->page[i] < end)
			list->page[kept++] = list->page[i];
	list->n = kept;
}

void ooh_pages_free(struct page_list *list)
{
	free(list->page);
	*list = (struct page_list){0};
}
