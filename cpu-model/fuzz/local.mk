# SPDX-License-Identifier: BSD-2-Clause
#
# epml fuzz: random vectors, their comparison on all hosts, and the shrinking of those that fail;
# an exhaustive test; and fuzz targets for the inputs of all programs.

noinst_LIBRARIES += %D%/libfuzz.a
%C%_libfuzz_a_SOURCES = \
	%D%/campaign.c %D%/campaign.h \
	%D%/cmd_fuzz.c %D%/cmd_fuzz.h \
	%D%/defects.c %D%/trial.c %D%/trial.h \
	%D%/difference.c %D%/difference.h \
	%D%/expect.c %D%/expect.h \
	%D%/fuzz_case.c %D%/fuzz_case.h \
	%D%/generate.h %D%/generate_setup.c %D%/generate_spp.c %D%/generate_steps.c %D%/rng.h \
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

# All low bits of an EPT entry against an oracle of its own.
check_PROGRAMS += %D%/tests/exhaustive
TESTS += %D%/tests/exhaustive
%C%_tests_exhaustive_SOURCES = %D%/tests/exhaustive.c %D%/tests/oracle.c %D%/tests/oracle.h
%C%_tests_exhaustive_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_exhaustive_LDADD = \
	cpu-model/machine/libmachine.a cpu-model/lib/libepml.a vmcs-spec/libspec.a $(CMOCKA_LIBS)

dist_check_SCRIPTS += %D%/tests/fuzz.sh
TESTS += %D%/tests/fuzz.sh

# Fuzz targets: inputs that are kept, without libFuzzer.
INPUT_TARGETS = \
	%D%/inputs/corpus-vectors %D%/inputs/corpus-spec %D%/inputs/corpus-report \
	%D%/inputs/corpus-image %D%/inputs/corpus-libepml
INPUT_SOURCES = %D%/inputs/corpus.c %D%/inputs/target.c %D%/inputs/target.h
check_PROGRAMS += $(INPUT_TARGETS)
dist_check_SCRIPTS += %D%/inputs/corpus.sh
TESTS += %D%/inputs/corpus.sh

INPUT_MACHINE = %D%/inputs/target-machine.c %D%/inputs/target-machine.h
%C%_inputs_corpus_vectors_SOURCES = \
	$(INPUT_SOURCES) $(INPUT_MACHINE) %D%/inputs/target-vectors.c
%C%_inputs_corpus_vectors_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
%C%_inputs_corpus_vectors_LDADD = $(EPML_LIBS)
%C%_inputs_corpus_spec_SOURCES = \
	$(INPUT_SOURCES) %D%/inputs/target-spec.c \
	vmcs-spec/emit-constants.c vmcs-spec/emit-markdown.c vmcs-spec/emit-tables.c \
	vmcs-spec/spec-check.c vmcs-spec/spec-load.c vmcs-spec/spec-rules.c
%C%_inputs_corpus_spec_CPPFLAGS = $(AM_CPPFLAGS) -DSPEC_DIR='"$(abs_top_srcdir)/vmcs-spec"'
%C%_inputs_corpus_spec_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
%C%_inputs_corpus_spec_LDADD = vmcs-spec/libjsonfile.a $(JANSSON_LIBS)
%C%_inputs_corpus_report_SOURCES = $(INPUT_SOURCES) %D%/inputs/target-report.c
%C%_inputs_corpus_report_CPPFLAGS = $(FUZZ_TEST_CPPFLAGS)
%C%_inputs_corpus_report_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
%C%_inputs_corpus_report_LDADD = %D%/libfuzz.a $(EPML_LIBS)
%C%_inputs_corpus_image_SOURCES = \
	$(INPUT_SOURCES) $(INPUT_MACHINE) %D%/inputs/target-image.c
%C%_inputs_corpus_image_LDADD = \
	cpu-model/machine/libmachine.a cpu-model/lib/libepml.a vmcs-spec/libspec.a
%C%_inputs_corpus_libepml_SOURCES = \
	$(INPUT_SOURCES) %D%/inputs/target-libepml.c cpu-model/tests/stress.h \
	cpu-model/tests/stress_check.c cpu-model/tests/stress_steps.c
%C%_inputs_corpus_libepml_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_inputs_corpus_libepml_LDADD = \
	cpu-model/tests/libfixture.a cpu-model/lib/libepml.a $(CMOCKA_LIBS)

# The same targets with libFuzzer and the sanitizers, each for FUZZ_SECONDS.
EXTRA_DIST += %D%/inputs/corpus %D%/inputs/fuzz-inputs.sh
CLANG = clang
FUZZ_SECONDS = 60
.PHONY: fuzz-inputs
fuzz-inputs: vmcs-spec/epml-spec.h vmcs-spec/epml-spec-tables.c
	@abs_srcdir='$(abs_top_srcdir)' abs_builddir='$(abs_top_builddir)' \
	CLANG='$(CLANG)' FUZZ_SECONDS='$(FUZZ_SECONDS)' \
	FUZZ_FLAGS='$(EPML_CFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)' \
	FUZZ_LIBS='$(JANSSON_LIBS) $(CMOCKA_LIBS)' \
	$(SHELL) $(srcdir)/%D%/inputs/fuzz-inputs.sh
