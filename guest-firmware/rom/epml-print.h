/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Printing for programs in C that "epml asm" runs. The text goes to EPML_GUEST_TEXT, which is shown
 * when the program has ended; what does not fit there is lost.
 */
#ifndef EPML_PRINT_H
#define EPML_PRINT_H

#include <stdarg.h>
#include <stdint.h>

#include "epml-guest.h"

static inline void epml_put_char(char c)
{
	static unsigned used;

	if (used < EPML_GUEST_TEXT_SIZE)
		((char *)EPML_GUEST_TEXT)[used++] = c;
}

/* Print in at least @p width columns, to the left or to the right of them. */
static inline void epml_put_text(const char *text, unsigned width, int left)
{
	unsigned len = 0;

	while (text[len])
		len++;
	for (unsigned i = len; !left && i < width; i++)
		epml_put_char(' ');
	for (unsigned i = 0; i < len; i++)
		epml_put_char(text[i]);
	for (unsigned i = len; left && i < width; i++)
		epml_put_char(' ');
}

static inline void epml_put_number(uint64_t value, unsigned base, unsigned width, int left)
{
	char digits[21], *p = digits + sizeof(digits) - 1;

	*p = '\0';
	do
		*--p = "0123456789ABCDEF"[value % base];
	while (value /= base);
	epml_put_text(p, width, left);
}

/**
 * printf() with these conversions: %s, %u, %x, %lu, %lx (in capitals), %%; before s, u, x or l
 * perhaps '-' and a width.
 */
static inline void __attribute__((format(printf, 1, 2))) epml_printf(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	for (const char *f = format; *f; f++) {
		unsigned width = 0;
		int left, wide;

		if (*f != '%') {
			epml_put_char(*f);
			continue;
		}
		left = *++f == '-';
		for (f += left; *f >= '0' && *f <= '9'; f++)
			width = 10 * width + (unsigned)(*f - '0');
		wide = *f == 'l';
		f += wide;
		if (*f == 's')
			epml_put_text(va_arg(ap, const char *), width, left);
		else if (*f == 'u' || *f == 'x')
			epml_put_number(wide ? va_arg(ap, unsigned long) : va_arg(ap, unsigned int),
					*f == 'u' ? 10 : 16, width, left);
		else if (*f)
			epml_put_char(*f);
		else
			break;
	}
	va_end(ap);
}

#endif
