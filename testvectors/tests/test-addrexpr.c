/* SPDX-License-Identifier: BSD-2-Clause */
/* Address expressions: what is understood and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "addrexpr.h"

static void parses(const char *text, enum addr_kind kind, bool alias, unsigned level, uint64_t a,
		   uint64_t offset)
{
	struct addr x = { .at = NULL };
	const char *error = addr_parse(text, &x);

	if (error)
		fail_msg("%s: %s", text, error);
	assert_int_equal(x.kind, kind);
	assert_int_equal(x.alias, alias);
	assert_int_equal(x.level, level);
	assert_int_equal(x.a, a);
	assert_int_equal(x.offset, offset);
}

static void refuses(const char *text, const char *message)
{
	struct addr x = { .at = NULL };
	const char *error = addr_parse(text, &x);

	if (!error)
		fail_msg("%s is understood", text);
	assert_string_equal(error, message);
}

static void numbers(void **state)
{
	(void)state;
	parses("0", ADDR_NUMBER, false, 0, 0, 0);
	parses("1234", ADDR_NUMBER, false, 0, 1234, 0);
	parses(" 0x400000 ", ADDR_NUMBER, false, 0, 0x400000, 0);
	parses("0XfF", ADDR_NUMBER, false, 0, 0xff, 0);
	parses("0xffffffffffffffff", ADDR_NUMBER, false, 0, ~0ull, 0);
	parses("010", ADDR_NUMBER, false, 0, 10, 0);
}

static void functions(void **state)
{
	(void)state;
	parses("pte(0x400000)", ADDR_PTE, false, 0, 0x400000, 0);
	parses("pte(0x400000,2)", ADDR_PTE, false, 2, 0x400000, 0);
	parses("epte( 4096 , 4 )", ADDR_EPTE, false, 4, 4096, 0);
	parses("hpa(0x200008)", ADDR_HPA, false, 0, 0x200008, 0);
	parses("glog(511)", ADDR_GLOG, false, 0, 511, 0);
	parses("plog(0)", ADDR_PLOG, false, 0, 0, 0);
	parses("sppte(0x200000,2)+8", ADDR_SPPTE, false, 2, 0x200000, 8);
	parses("spp(0xffffffff)", ADDR_SPP, false, 0, 0xffffffff, 0);
}

static void offsets_and_alias(void **state)
{
	(void)state;
	parses("alias:0x1000000", ADDR_NUMBER, true, 0, 0x1000000, 0);
	parses("alias:pte(0x400000)+4", ADDR_PTE, true, 0, 0x400000, 4);
	parses("hpa(0)+0x10-1", ADDR_HPA, false, 0, 0, 15);
	parses("0x1000 - 8", ADDR_NUMBER, false, 0, 0x1000, -8ull);
}

static void mistakes(void **state)
{
	static const char number[] =
		"expected a decimal number, or a hexadecimal one that begins with 0x";
	static const char term[] =
		"expected a number, pte(), epte(), hpa(), glog(), plog(), sppte() or spp()";

	(void)state;
	refuses("", term);
	refuses("400000h", number);
	refuses("0x", number);
	refuses("0x10000000000000000", number);
	refuses("-5", term);
	refuses("frame(1)", term);
	refuses("pt(1)", term);
	refuses("pte 1", "expected '('");
	refuses("pte()", "expected a number in parentheses");
	refuses("pte(1", "expected ')'");
	refuses("pte(1,0)", "expected a level from 1 to 4");
	refuses("pte(1,5)", "expected a level from 1 to 4");
	refuses("hpa(1,2)", "expected one argument");
	refuses("glog(512)", "expected a log index from 0 to 511");
	refuses("spp(0x100000000)", "expected one bit for each of 32 sub-pages");
	refuses("alias:spp(1)", "spp() is no address");
	refuses("spp(1,2)", "expected one argument");
	refuses("1+", "expected a number after '+' or '-'");
	refuses("1+pte(1)", "expected a number after '+' or '-'");
	refuses("1 2", "expected the end of the expression, '+' or '-'");
	refuses("alias:alias:1", term);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(functions),
		cmocka_unit_test(offsets_and_alias),
		cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
