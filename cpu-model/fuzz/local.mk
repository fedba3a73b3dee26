# SPDX-License-Identifier: BSD-2-Clause
#
# epml fuzz: random vectors, their comparison on all hosts, and the shrinking of those that fail.

noinst_LIBRARIES += %D%/libfuzz.a
%C%_libfuzz_a_SOURCES = \
	%D%/campaign.c %D%/campaign.h \
	%D%/cmd_fuzz.c %D%/cmd_fuzz.h \
	%D%/defects.c %D%/trial.c %D%/trial.h \
	%D%/difference.c %D%/difference.h \
	%D%/expect.c %D%/expect.h \
	%D%/fuzz_case.c %D%/fuzz_case.h \
	%D%/generate.h %D%/generate_setup.c %D%/generate_steps.c %D%/rng.h \
	%D%/shrink.c %D%/shrink.h \
	%D%/watch.c %D%/watch.h
%C%_libfuzz_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/cpu-model/cli
%C%_libfuzz_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)

epml_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/cpu-model/fuzz
epml_LDADD += %D%/libfuzz.a $(EPML_LIBS)

FUZZ_TESTS = %D%/tests/test-fuzz %D%/tests/test-watch
FUZZ_TEST_CPPFLAGS = \
	$(AM_CPPFLAGS) -I$(top_srcdir)/cpu-model/fuzz -I$(top_srcdir)/cpu-model/cli
FUZZ_TEST_LIBS = %D%/libfuzz.a $(EPML_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += $(FUZZ_TESTS)
TESTS += $(FUZZ_TESTS)

%C%_tests_test_fuzz_CPPFLAGS = $(FUZZ_TEST_CPPFLAGS)
%C%_tests_test_fuzz_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_fuzz_LDADD = $(FUZZ_TEST_LIBS)

%C%_tests_test_watch_CPPFLAGS = $(FUZZ_TEST_CPPFLAGS)
%C%_tests_test_watch_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_watch_LDADD = $(FUZZ_TEST_LIBS)

dist_check_SCRIPTS += %D%/tests/fuzz.sh
TESTS += %D%/tests/fuzz.sh
