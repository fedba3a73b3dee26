# SPDX-License-Identifier: BSD-2-Clause
#
# libepml-timing: cycles. The first library is what a host links; the second is for the command and
# needs jansson.

include_epml_HEADERS += \
	%D%/timing.h %D%/timing_costs.h %D%/timing_result.h %D%/timing_timeline.h

costsdir = $(pkgdatadir)/costs
dist_costs_DATA = %D%/costs/i7-8565u.json %D%/costs/xeon-8480.json
dist_pkgdata_DATA += %D%/costs.schema.json %D%/published.json %D%/published.schema.json

lib_LIBRARIES += %D%/libepml-timing.a
%C%_libepml_timing_a_SOURCES = \
	%D%/branch.c %D%/cache.c %D%/costs.c %D%/internal.h %D%/lru.h %D%/result.c \
	%D%/timeline.c %D%/timing.c %D%/tlb.c %D%/walk.c

noinst_LIBRARIES += %D%/libtiming-tools.a
%C%_libtiming_tools_a_SOURCES = \
	%D%/costs_load.c %D%/costs_load.h %D%/formulas.c %D%/formulas.h %D%/micro.c %D%/micro.h \
	%D%/published.c %D%/replay.c %D%/replay.h \
	%D%/replay_memory.c %D%/replay_parse.c %D%/result_load.c
# The list of micro-operations is the ROM's.
%C%_libtiming_tools_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/guest-firmware/rom/micro
%C%_libtiming_tools_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)

TIMING_LIBS = \
	%D%/libtiming-tools.a %D%/libepml-timing.a vmcs-spec/libjsonfile.a $(JANSSON_LIBS) -lm

epml_CPPFLAGS += -I$(top_srcdir)/%D%

# Tests.
TIMING_TESTS = \
	%D%/tests/test-caches \
	%D%/tests/test-costs \
	%D%/tests/test-formulas \
	%D%/tests/test-micro \
	%D%/tests/test-tlb \
	%D%/tests/test-walk
check_PROGRAMS += $(TIMING_TESTS)
dist_check_SCRIPTS += %D%/tests/micro.sh %D%/tests/timing.sh
TESTS += $(TIMING_TESTS) %D%/tests/micro.sh %D%/tests/timing.sh

check_LIBRARIES += %D%/tests/libtiming-fixture.a
%C%_tests_libtiming_fixture_a_SOURCES = %D%/tests/fixture.c %D%/tests/fixture.h
%C%_tests_libtiming_fixture_a_CPPFLAGS = $(TIMING_TEST_CPPFLAGS)
%C%_tests_libtiming_fixture_a_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

TIMING_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/cpu-model/timing \
	-DCOSTS_DIR='"$(abs_top_srcdir)/cpu-model/timing/costs"' \
	-DPUBLISHED='"$(abs_top_srcdir)/cpu-model/timing/published.json"'
TIMING_TEST_LIBS = %D%/tests/libtiming-fixture.a $(TIMING_LIBS) $(CMOCKA_LIBS)

%C%_tests_test_caches_CPPFLAGS = $(TIMING_TEST_CPPFLAGS)
%C%_tests_test_caches_LDADD = $(TIMING_TEST_LIBS)
%C%_tests_test_costs_CPPFLAGS = $(TIMING_TEST_CPPFLAGS)
%C%_tests_test_costs_LDADD = $(TIMING_TEST_LIBS)
%C%_tests_test_formulas_CPPFLAGS = $(TIMING_TEST_CPPFLAGS)
%C%_tests_test_formulas_LDADD = $(TIMING_TEST_LIBS)
%C%_tests_test_micro_CPPFLAGS = $(TIMING_TEST_CPPFLAGS) \
	-I$(top_srcdir)/guest-firmware/rom/micro
%C%_tests_test_micro_LDADD = $(TIMING_TEST_LIBS)
%C%_tests_test_tlb_CPPFLAGS = $(TIMING_TEST_CPPFLAGS)
%C%_tests_test_tlb_LDADD = $(TIMING_TEST_LIBS)
%C%_tests_test_walk_CPPFLAGS = $(TIMING_TEST_CPPFLAGS)
%C%_tests_test_walk_LDADD = $(TIMING_TEST_LIBS)

# Micro-operations, for the report.
.PHONY: micro
micro: all
	./epml$(EXEEXT) timing micro -o micro $(MICRO_OPTIONS)
CLEANFILES += micro/hardened.json micro/hardened-ve.json micro/published.json
