/* SPDX-License-Identifier: BSD-2-Clause */
/* Host-physical memory, which the root sees at its own address. */
#include "rom.h"

#define PAGE_SIZE	0x1000u

void *memset(void *p, int c, size_t n);
void *memcpy(void *to, const void *from, size_t n);

/* The compiler may call these two. */
void *memset(void *p, int c, size_t n)
{
	void *to = p;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(c) : "memory");
	return p;
}

void *memcpy(void *p, const void *from, size_t n)
{
	void *to = p;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
	return p;
}

/** Zero the page at @p hpa. */
void memory_zero_page(uint64_t hpa)
{
	uint64_t n = PAGE_SIZE / 8;

	__asm__ volatile("rep stosq" : "+D"(hpa), "+c"(n) : "a"(0ull) : "memory");
}

/**
 * Read @p size (1 to 8) bytes at @p hpa, zero-extended.
 */
uint64_t memory_read(uint64_t hpa, unsigned size)
{
	const volatile uint8_t *p = (const volatile uint8_t *)hpa;
	uint64_t value = 0;
	unsigned i;

	if (size == 8)
		return *(const volatile uint64_t *)hpa;
	for (i = 0; i < size; i++)
		value |= (uint64_t)p[i] << (8 * i);
	return value;
}

/**
 * Write the low @p size (1 to 8) bytes of @p value at @p hpa.
 */
void memory_write(uint64_t hpa, unsigned size, uint64_t value)
{
	volatile uint8_t *p = (volatile uint8_t *)hpa;
	unsigned i;

	if (size == 8) {
		*(volatile uint64_t *)hpa = value;
		return;
	}
	for (i = 0; i < size; i++)
		p[i] = value >> (8 * i);
}

/**
 * Make memory what the vector wants it to be: zero its pages, then apply its pokes.
 */
void memory_load(const struct vi_vector *v, const struct arrays *a)
{
	uint32_t i;

	for (i = 0; i < v->n_pages; i++)
		memory_zero_page(a->pages[i]);
	for (i = 0; i < v->n_pokes; i++)
		memory_write(a->pokes[i].hpa, 8, a->pokes[i].value);
}

static void report_word(uint64_t hpa, bool zero_too)
{
	uint64_t line[2] = { hpa, memory_read(hpa, 8) };

	if (zero_too || line[1])
		report_line('m', 2, line);
}

/**
 * Report the non-zero words of the vector's dump pages, then its dump words.
 */
void memory_report(const struct vi_vector *v, const struct arrays *a)
{
	uint64_t offset;
	uint32_t i;

	for (i = 0; i < v->n_dump_pages; i++)
		for (offset = 0; offset < PAGE_SIZE; offset += 8)
			report_word(a->dump_pages[i] + offset, false);
	for (i = 0; i < v->n_dump_words; i++)
		report_word(a->dump_words[i], true);
}
