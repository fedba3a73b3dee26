/* SPDX-License-Identifier: BSD-2-Clause */
/* Parser of address expressions. Their values are known to world.c. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addrexpr.h"

static const struct {
	const char *name;
	enum addr_kind kind;
	bool level;		/* takes a level */
} functions[] = {
	{ "pte", ADDR_PTE, true },
	{ "epte", ADDR_EPTE, true },
	{ "hpa", ADDR_HPA, false },
	{ "glog", ADDR_GLOG, false },
	{ "plog", ADDR_PLOG, false },
	{ "sppte", ADDR_SPPTE, true },
	{ "spp", ADDR_SPP, false },
};

static void skip_spaces(const char **text)
{
	while (isspace((unsigned char)**text))
		++*text;
}

static bool accept(const char **text, char c)
{
	skip_spaces(text);
	if (**text != c)
		return false;
	++*text;
	return true;
}

bool number_parse(const char **text, uint64_t *value)
{
	const char *start;
	char *end;
	int base = 10;

	skip_spaces(text);
	start = *text;
	if (start[0] == '0' && (start[1] == 'x' || start[1] == 'X')) {
		base = 16;
		start += 2;
	}
	/* strtoull() would take spaces and signs. */
	if (!(base == 16 ? isxdigit((unsigned char)*start) : isdigit((unsigned char)*start)))
		return false;
	errno = 0;
	*value = strtoull(start, &end, base);
	if (errno || isalnum((unsigned char)*end))
		return false;
	*text = end;
	return true;
}

static const char *parse_arguments(const char **text, bool level, struct addr *a)
{
	uint64_t n;

	if (!number_parse(text, &a->a))
		return "expected a number in parentheses";
	if (accept(text, ',')) {
		if (!level)
			return "expected one argument";
		if (!number_parse(text, &n) || n < 1 || n > LEVELS)
			return "expected a level from 1 to 4";
		a->level = (unsigned)n;
	}
	return accept(text, ')') ? NULL : "expected ')'";
}

static const char *parse_term(const char **text, struct addr *a)
{
	size_t len = 0;

	skip_spaces(text);
	if (isdigit((unsigned char)**text)) {
		a->kind = ADDR_NUMBER;
		return number_parse(text, &a->a) ? NULL
			: "expected a decimal number, or a hexadecimal one that begins with 0x";
	}
	while (isalpha((unsigned char)(*text)[len]))
		len++;
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (strlen(functions[i].name) != len || strncmp(*text, functions[i].name, len))
			continue;
		a->kind = functions[i].kind;
		*text += len;
		if (!accept(text, '('))
			return "expected '('";
		return parse_arguments(text, functions[i].level, a);
	}
	return "expected a number, pte(), epte(), hpa(), glog(), plog(), sppte() or spp()";
}

static const char *check_argument(const struct addr *a)
{
	if ((a->kind == ADDR_GLOG || a->kind == ADDR_PLOG) && a->a > 511)
		return "expected a log index from 0 to 511";
	if (a->kind == ADDR_SPP && a->a > UINT32_MAX)
		return "expected one bit for each of 32 sub-pages";
	if (a->kind == ADDR_SPP && a->alias)
		return "spp() is no address";
	return NULL;
}

const char *addr_parse(const char *text, struct addr *a)
{
	static const char alias[] = "alias:";
	const json_t *at = a->at;
	const char *error;
	uint64_t n;

	memset(a, 0, sizeof(*a));
	a->at = at;
	skip_spaces(&text);
	if (!strncmp(text, alias, sizeof(alias) - 1)) {
		a->alias = true;
		text += sizeof(alias) - 1;
	}
	error = parse_term(&text, a);
	if (!error)
		error = check_argument(a);
	if (error)
		return error;
	for (;;) {
		bool minus = accept(&text, '-');

		if (!minus && !accept(&text, '+'))
			break;
		if (!number_parse(&text, &n))
			return "expected a number after '+' or '-'";
		a->offset += minus ? -n : n;
	}
	return *text ? "expected the end of the expression, '+' or '-'" : NULL;
}

static const char *function_name(enum addr_kind kind)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (functions[i].kind == kind)
			return functions[i].name;
	return NULL;
}

int addr_format(const struct addr *a, char *text, size_t size)
{
	const char *alias = a->alias ? "alias:" : "", *name = function_name(a->kind);
	const char sign = (int64_t)a->offset < 0 ? '-' : '+';
	const uint64_t offset = sign == '-' ? -a->offset : a->offset;
	char tail[40] = "";

	if (offset)
		snprintf(tail, sizeof(tail), "%c0x%" PRIx64, sign, offset);
	if (!name)
		return snprintf(text, size, "%s0x%" PRIx64 "%s", alias, a->a, tail);
	if (a->kind == ADDR_GLOG || a->kind == ADDR_PLOG)
		return snprintf(text, size, "%s%s(%" PRIu64 ")%s", alias, name, a->a, tail);
	if (a->level)
		return snprintf(text, size, "%s%s(0x%" PRIx64 ",%u)%s", alias, name, a->a, a->level,
				tail);
	return snprintf(text, size, "%s%s(0x%" PRIx64 ")%s", alias, name, a->a, tail);
}
