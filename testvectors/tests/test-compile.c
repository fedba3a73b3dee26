/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiler: paging structures word by word, control structures, fields, steps, and the image. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "epml-spec.h"
#include "one_vector.h"

#define GUEST_PML4	(W_FRAME0 + W_GUEST_PML4)	/* HPA; further tables follow */

static struct vector_set set;

static int teardown(void **state)
{
	(void)state;
	vectors_free(&set);
	return 0;
}

static struct vector *with_setup(const char *setup)
{
	return one_vector(&set, setup, "[]", "{}");
}

/* GVA 403000H: PML4E 0, PDPTE 0, PDE 2, PTE 3; GPA 205000H: PDE 1, PTE 5. */
static void page_4k(void **state)
{
	const struct vector *v = with_setup("{'pages': [{'gva': '0x403000', 'gpa': '0x205000'}]}");

	(void)state;
	assert_int_equal(record_word(v, GUEST_PML4), 0x101027);
	assert_int_equal(record_word(v, GUEST_PML4 + 0x1000), 0x102027);
	assert_int_equal(record_word(v, GUEST_PML4 + 0x2000 + 2 * 8), 0x103027);
	assert_int_equal(record_word(v, GUEST_PML4 + 0x3000 + 3 * 8), 0x205007);
	/* EPT tables in the order of use: PML4, PDPT, PD, PT of 0-2M (tables), of 2-4M. */
	assert_int_equal(record_word(v, W_EPT), W_EPT + 0x1107);
	assert_int_equal(record_word(v, W_EPT + 0x1000), W_EPT + 0x2107);
	assert_int_equal(record_word(v, W_EPT + 0x2000), W_EPT + 0x3107);
	assert_int_equal(record_word(v, W_EPT + 0x2008), W_EPT + 0x4107);
	assert_int_equal(record_word(v, W_EPT + 0x3000 + 0x100 * 8), GUEST_PML4 | 0x337);
	assert_int_equal(record_word(v, W_EPT + 0x3000 + 0x103 * 8), GUEST_PML4 + 0x3337);
	assert_int_equal(record_word(v, W_EPT + 0x3000 + 0x104 * 8), 0);
	assert_int_equal(record_word(v, W_EPT + 0x4000 + 5 * 8), W_FRAME0 + 0x205037);
	assert_int_equal(record_word(v, W_EPT + 0x4000 + 0x100 * 8), W_FRAME0 + 0x300337);
	assert_true(record_zeroes(v, W_FRAME0 + 0x205000));
	assert_true(record_zeroes(v, W_EPT + 0x4000));
	assert_false(record_zeroes(v, W_EPT + 0x5000));
}

static void page_2m(void **state)
{
	const struct vector *v = with_setup(
		"{'pages': [{'gva': '0x800000', 'gpa': '0x600000', 'size': '2M', 'guest': 'pwuxdg',"
		" 'ept_size': '2M', 'ept': 'rxvm0'}]}");

	(void)state;
	assert_int_equal(record_word(v, GUEST_PML4 + 0x2000 + 4 * 8), 0x80000000006001c7);
	assert_int_equal(record_word(v, W_EPT + 0x2000 + 3 * 8),
			 0x8000000000000085 | (W_FRAME0 + 0x600000));
	assert_true(record_zeroes(v, W_FRAME0 + 0x7ff000));
}

static void page_1g(void **state)
{
	const struct vector *v = with_setup(
		"{'pages': [{'gva': '0x40000000', 'gpa': '0x80000000', 'size': '1G',"
		" 'ept_size': '1G', 'hpa': 0}]}");

	(void)state;
	assert_int_equal(record_word(v, GUEST_PML4 + 0x1000 + 8), 0x80000087);
	assert_int_equal(record_word(v, W_EPT + 0x1000 + 2 * 8), 0xb7);
}

static void page_2m_in_4k_ept(void **state)
{
	const struct vector *v = with_setup(
		"{'pages': [{'gva': '0x400000', 'gpa': '0x200000', 'size': '2M'}]}");

	(void)state;
	assert_int_equal(record_word(v, GUEST_PML4 + 0x2000 + 2 * 8), 0x200087);
	assert_int_equal(record_word(v, W_EPT + 0x4000), W_FRAME0 + 0x200037);
	assert_int_equal(record_word(v, W_EPT + 0x4000 + 511 * 8), W_FRAME0 + 0x3ff037);
	/* The log page keeps its own flags. */
	assert_int_equal(record_word(v, W_EPT + 0x4000 + 0x100 * 8), W_FRAME0 + 0x300337);
}

static void raw_bits(void **state)
{
	const struct vector *v = with_setup(
		"{'guest_tables': 'rx', 'pages': [{'gva': '0x400000', 'gpa': '0x200000',"
		" 'count': 2,"
		" 'guest': {'flags': 'p', 'upper': [{'level': 3, 'raw_clear': '0x20'}]},"
		" 'ept': {'raw_set': '0x800', 'raw_clear': 4,"
		" 'upper': [{'level': 2, 'raw_set': 8}]}}]}");

	(void)state;
	assert_int_equal(record_word(v, GUEST_PML4 + 0x1000), 0x102007);
	assert_int_equal(record_word(v, GUEST_PML4 + 0x3000 + 8), 0x201001);
	assert_int_equal(record_word(v, W_EPT + 0x2008), W_EPT + 0x410f);
	assert_int_equal(record_word(v, W_EPT + 0x4008), W_FRAME0 + 0x201833);
	assert_int_equal(record_word(v, W_EPT + 0x3000 + 0x100 * 8), GUEST_PML4 + 0x35);
}

static void alias(void **state)
{
	const struct vector *v = with_setup("{}");

	(void)state;
	assert_int_equal(record_word(v, GUEST_PML4 + 8), (W_ALIAS + W_SYS_PDPT) | 0x27);
	assert_int_equal(record_word(v, W_SYS_PDPT), (W_ALIAS + W_SYS_PD) | 0x27);
	assert_int_equal(record_word(v, W_SYS_PD + 31 * 8), W_ALIAS + 0x3e000e7);
	assert_int_equal(record_word(v, W_SYS_PD + 32 * 8), 0);
	assert_int_equal(record_word(v, W_EPT + 8), W_SYS_EPDPT | 0x107);
	assert_int_equal(record_word(v, W_SYS_EPDPT), W_SYS_EPD | 0x107);
	assert_int_equal(record_word(v, W_SYS_EPD), 0x3b7);
	assert_int_equal(record_word(v, W_SYS_EPD + 31 * 8), 0x3e003b7);
}

static void second_hierarchy(void **state)
{
	const struct vector *v = with_setup(
		"{'controls': ['vmfunc'], 'pages': [{'gpa': '0x205000'}],"
		" 'memory': [{'at': 'epte(0x205000)+0x80000', 'value': 1}]}");

	(void)state;
	assert_int_equal(record_word(v, W_EPT2), W_EPT2 + 0x1107);
	assert_int_equal(record_word(v, W_EPT2 + 8), W_SYS_EPDPT | 0x107);
	assert_int_equal(record_word(v, W_EPT2 + 0x2008), W_EPT2 + 0x4107);
	assert_int_equal(record_word(v, W_EPT2 + 0x4000 + 0x100 * 8), W_FRAME0 + 0x300337);
	assert_int_equal(record_word(v, W_EPT2 + 0x4000 + 5 * 8), 1);
	assert_int_equal(record_word(v, W_EPT + 0x4000 + 5 * 8), W_FRAME0 + 0x205037);
	assert_int_equal(record_word(v, W_EPTP_LIST), W_EPT | 0x5e);
	assert_int_equal(record_word(v, W_EPTP_LIST + 8), W_EPT2 | 0x5e);
}

/* GPA 200000H: entry 0 of all tables but the PD's, where it is entry 1. */
static void sub_pages(void **state)
{
	const struct vector *v = one_vector(
		&set, "{'controls': ['spp'], 'pages': ["
		      "{'gva': '0x400000', 'gpa': '0x200000', 'spp': '0x80000005', 'count': 2},"
		      "{'gva': '0x402000', 'gpa': '0x202000', 'ept': 'rw', 'spp':"
		      " {'raw_set': 2, 'upper': [{'level': 2, 'raw_set': '0x800'}]}},"
		      "{'gva': '0x403000', 'gpa': '0x203000', 'ept': 'rxs'}]}",
		"[{'poke': 'sppte(0x200000)', 'value': 'spp(3)'},"
		" {'peek': 'sppte(0x200000,4)'}]", "{}");

	(void)state;
	assert_int_equal(record_field(v, EPML_VMCS_SPPTP), W_SPPT);
	assert_true(record_field(v, EPML_VMCS_SECONDARY_CONTROLS) & EPML_PROC2_SUB_PAGE_WRITE);
	assert_int_equal(record_word(v, W_SPPT), W_SPPT + 0x1001);
	assert_int_equal(record_word(v, W_SPPT + 0x1000), W_SPPT + 0x2001);
	assert_int_equal(record_word(v, W_SPPT + 0x2008), W_SPPT + 0x3801);
	assert_int_equal(record_word(v, W_SPPT + 0x3000), 1ull << 62 | 0x11);
	assert_int_equal(record_word(v, W_SPPT + 0x3008), 1ull << 62 | 0x11);
	assert_int_equal(record_word(v, W_SPPT + 0x3010), 2);
	assert_int_equal(record_word(v, W_SPPT + 0x3018), 0);
	assert_true(record_zeroes(v, W_SPPT + 0x3000));
	assert_false(record_zeroes(v, W_SPPT + 0x4000));
	assert_int_equal(record_word(v, W_EPT + 0x4000),
			 EPML_EPT_SPP | (W_FRAME0 + 0x200035));
	assert_int_equal(record_word(v, W_EPT + 0x4010),
			 EPML_EPT_SPP | (W_FRAME0 + 0x202033));
	assert_int_equal(record_word(v, W_EPT + 0x4018),
			 EPML_EPT_SPP | (W_FRAME0 + 0x203035));
	assert_int_equal(record_steps(v)[0].a, W_SPPT + 0x3000);
	assert_int_equal(record_steps(v)[0].b, 5);
	assert_int_equal(record_steps(v)[1].a, W_SPPT);
}

/* Bit 61 is ignored without the control: the tables are there all the same. */
static void sub_pages_without_control(void **state)
{
	const struct vector *v = with_setup("{'pages': [{'gpa': '0x200000', 'spp': 1}]}");

	(void)state;
	assert_int_equal(record_word(v, W_SPPT + 0x3000), 1);
	assert_false(record_field(v, EPML_VMCS_SECONDARY_CONTROLS) & EPML_PROC2_SUB_PAGE_WRITE);
}

static void no_sub_pages(void **state)
{
	const struct vector *v = with_setup("{}");

	(void)state;
	assert_false(record_zeroes(v, W_SPPT));
}

static void bitmaps(void **state)
{
	const struct vector *v = with_setup(
		"{'controls': ['vmcs-shadowing'], 'bitmaps': {'vmread': ['GUEST_PML_ADDRESS'],"
		" 'vmwrite': ['!GUEST_CR3']}}");
	const unsigned index = EPML_VMCS_GUEST_PML_INDEX, address = EPML_VMCS_GUEST_PML_ADDRESS,
		       cr3 = EPML_VMCS_GUEST_CR3;

	(void)state;
	assert_int_equal(record_word(v, W_VMREAD_BM), ~(1ull << 0x10 | 1ull << 0x12));
	assert_int_equal(record_word(v, W_VMREAD_BM + index / 64 * 8), ~(1ull << index % 64));
	assert_int_equal(record_word(v, W_VMREAD_BM + address / 64 * 8),
			 ~(1ull << (address + 1) % 64));
	assert_int_equal(record_word(v, W_VMWRITE_BM + cr3 / 64 * 8), ~(1ull << cr3 % 64));
	assert_int_equal(record_word(v, W_VMREAD_BM + cr3 / 64 * 8), ~0ull);
	assert_int_equal(record_field(v, EPML_VMCS_LINK_POINTER), W_SHADOW_VMCS);
}

static void default_fields(void **state)
{
	const struct vector *v = with_setup("{'controls': ['guest-pml', 'pml']}");

	(void)state;
	assert_int_equal(record_field(v, EPML_VMCS_EPTP), W_EPT | 0x5e);
	assert_int_equal(record_field(v, EPML_VMCS_GUEST_CR3), W_GUEST_PML4);
	assert_int_equal(record_field(v, EPML_VMCS_GUEST_PML_ADDRESS), W_GUEST_LOG);
	assert_int_equal(record_field(v, EPML_VMCS_GUEST_PML_INDEX), 511);
	assert_int_equal(record_field(v, EPML_VMCS_TERTIARY_CONTROLS),
			 EPML_PROC3_ENABLE_GUEST_PML);
	assert_true(record_field(v, EPML_VMCS_PROC_BASED_CONTROLS) &
		    EPML_PROC_ACTIVATE_TERTIARY);
	assert_true(record_field(v, EPML_VMCS_SECONDARY_CONTROLS) & EPML_PROC2_ENABLE_PML);
	assert_int_equal(record_field(v, EPML_VMCS_LINK_POINTER), ~0ull);
}

static void changed_fields(void **state)
{
	const struct vector *v = with_setup(
		"{'controls': ['guest-pml'], 'no_controls': ['tertiary', 'vid'],"
		" 'eptp': {'ad': false, 'memtype': 0, 'walk_length': 2},"
		" 'fields': {'GUEST_PML_INDEX': 7, 'GUEST_PML_ADDRESS_HIGH': 1}}");

	(void)state;
	assert_int_equal(record_field(v, EPML_VMCS_EPTP), W_EPT | 0x10);
	assert_int_equal(record_field(v, EPML_VMCS_GUEST_PML_INDEX), 7);
	assert_int_equal(record_field(v, EPML_VMCS_GUEST_PML_ADDRESS_HIGH), 1);
	assert_false(record_field(v, EPML_VMCS_PROC_BASED_CONTROLS) &
		     EPML_PROC_ACTIVATE_TERTIARY);
	assert_false(record_field(v, EPML_VMCS_SECONDARY_CONTROLS) &
		     EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY);
	assert_int_equal(record_field(v, EPML_VMCS_TERTIARY_CONTROLS),
			 EPML_PROC3_ENABLE_GUEST_PML);
}

static void steps(void **state)
{
	const struct vector *v = one_vector(
		&set, "{'cpl': 3, 'if': true, 'pages': [{'gva': '0x400000', 'gpa': '0x200000'}]}",
		"[{'store': 'alias:pte(0x400000)+1', 'value': 9, 'size': 1},"
		" {'poke': 'epte(0x200000,4)', 'value': 'hpa(0x200000)+7'},"
		" {'invept': 1}, {'mov_cr3': 1},"
		" {'vmread': 'GUEST_PML_INDEX', 'to': '0x400008'}]", "{}");
	const struct vi_step *s = record_steps(v);

	(void)state;
	assert_int_equal(v->compiled->record->flags, VI_F_CPL3 | VI_F_IF);
	assert_int_equal(s[0].op, VI_STORE);
	assert_int_equal(s[0].size, 1);
	assert_int_equal(s[0].a, W_ALIAS + GUEST_PML4 + 0x3001);
	assert_int_equal(s[1].op, VI_H_POKE);
	assert_int_equal(s[1].a, W_EPT);
	assert_int_equal(s[1].b, W_FRAME0 + 0x200007);
	assert_int_equal(s[2].b, W_EPT | 0x5e);
	assert_int_equal(s[3].a, W_GUEST_PML4);
	assert_int_equal(s[4].op, VI_VMREAD_MEM);
	assert_int_equal(s[4].a, 0x400008);
	assert_int_equal(s[4].b, EPML_VMCS_GUEST_PML_INDEX);
}

/* Entries go from the first index down and begin again at 511; the index follows. */
static void log_words(void **state)
{
	const struct vector *v = one_vector(
		&set, "{'controls': ['guest-pml'], 'fields': {'GUEST_PML_INDEX': 1},"
		      " 'memory': [{'at': 'glog(300)', 'value': 77}]}",
		"[]",
		"{'guest_log': ['0x1000', '0x2000', '0x3000'],"
		" 'memory': [{'at': 'glog(5)', 'value': 1}]}");
	const struct log_check *log = &v->compiled->guest_log;

	(void)state;
	assert_true(log->compared);
	assert_int_equal(log->hpa, W_FRAME0 + W_GUEST_LOG);
	assert_int_equal(log->words[1], 0x1000);
	assert_int_equal(log->words[0], 0x2000);
	assert_int_equal(log->words[511], 0x3000);
	assert_int_equal(log->words[300], 77);
	assert_int_equal(log->words[2], 0);
	assert_true(log->skip[5]);
	assert_false(log->skip[4]);
	assert_int_equal(v->compiled->n_fields, 1);
	assert_int_equal(v->compiled->fields[0].value, 510);
}

static void index_of_empty_and_full_log(void **state)
{
	const struct vector *v = one_vector(
		&set, "{'controls': ['guest-pml', 'pml'], 'fields': {'GUEST_PML_INDEX': 600,"
		      " 'PML_INDEX': 0}}", "[]", "{'pml_log': [1]}");

	(void)state;
	assert_int_equal(v->compiled->fields[0].value, 600);
	assert_int_equal(v->compiled->fields[1].value, 0xffff);
}

/* The records follow each other and are numbered; compiling twice gives the same bytes. */
static void image(void **state)
{
	struct vector *v = with_setup("{'pages': [{'gva': '0x400000'}]}");
	const struct vi_vector *record = v->compiled->record;
	const struct compiled *list[] = { v->compiled, v->compiled };
	struct compiled again;
	const struct vi_header *header;
	size_t size;

	(void)state;
	assert_int_equal(vector_compile(&set.arena, v, &again), 0);
	assert_int_equal(again.record->size, record->size);
	assert_memory_equal(again.record, record, record->size);
	header = vi_image(list, 2, &size);
	assert_int_equal(header->magic, VI_MAGIC);
	assert_int_equal(header->version, 1);
	assert_int_equal(header->count, 2);
	assert_int_equal(header->size, size);
	assert_int_equal(size, sizeof(*header) + 2 * record->size);
	assert_int_equal(record->size % 8, 0);
	record = (const struct vi_vector *)((const char *)(header + 1) + record->size);
	assert_int_equal(record->index, 1);
	free((void *)header);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(page_4k, teardown),
		cmocka_unit_test_teardown(page_2m, teardown),
		cmocka_unit_test_teardown(page_1g, teardown),
		cmocka_unit_test_teardown(page_2m_in_4k_ept, teardown),
		cmocka_unit_test_teardown(raw_bits, teardown),
		cmocka_unit_test_teardown(alias, teardown),
		cmocka_unit_test_teardown(second_hierarchy, teardown),
		cmocka_unit_test_teardown(sub_pages, teardown),
		cmocka_unit_test_teardown(sub_pages_without_control, teardown),
		cmocka_unit_test_teardown(no_sub_pages, teardown),
		cmocka_unit_test_teardown(bitmaps, teardown),
		cmocka_unit_test_teardown(default_fields, teardown),
		cmocka_unit_test_teardown(changed_fields, teardown),
		cmocka_unit_test_teardown(steps, teardown),
		cmocka_unit_test_teardown(log_words, teardown),
		cmocka_unit_test_teardown(index_of_empty_and_full_log, teardown),
		cmocka_unit_test_teardown(image, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
