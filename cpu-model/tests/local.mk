# SPDX-License-Identifier: BSD-2-Clause
#
# Unit tests of libepml: one program for each chapter, with a host that hides nothing.

check_LIBRARIES += %D%/libfixture.a
%C%_libfixture_a_SOURCES = %D%/fixture.c %D%/fixture.h
%C%_libfixture_a_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

MODEL_TESTS = \
	%D%/test_ept \
	%D%/test_full \
	%D%/test_gpml \
	%D%/test_gwalk \
	%D%/test_matrix \
	%D%/test_params \
	%D%/test_pml \
	%D%/test_spp \
	%D%/test_spp_access \
	%D%/test_state \
	%D%/test_trace \
	%D%/test_ve \
	%D%/test_vmcs \
	%D%/test_vmentry

check_PROGRAMS += $(MODEL_TESTS)
TESTS += $(MODEL_TESTS)

MODEL_TEST_LIBS = %D%/libfixture.a cpu-model/lib/libepml.a $(CMOCKA_LIBS)

%C%_test_ept_LDADD = $(MODEL_TEST_LIBS)
%C%_test_full_LDADD = $(MODEL_TEST_LIBS)
%C%_test_gpml_LDADD = $(MODEL_TEST_LIBS)
%C%_test_gwalk_LDADD = $(MODEL_TEST_LIBS)
%C%_test_matrix_LDADD = $(MODEL_TEST_LIBS)
%C%_test_params_LDADD = $(MODEL_TEST_LIBS)
%C%_test_pml_LDADD = $(MODEL_TEST_LIBS)
%C%_test_spp_SOURCES = %D%/spp_fixture.h %D%/test_spp.c
%C%_test_spp_LDADD = $(MODEL_TEST_LIBS)
%C%_test_spp_access_SOURCES = %D%/spp_fixture.h %D%/test_spp_access.c
%C%_test_spp_access_LDADD = $(MODEL_TEST_LIBS)
%C%_test_state_LDADD = $(MODEL_TEST_LIBS)
%C%_test_trace_LDADD = $(MODEL_TEST_LIBS)
%C%_test_ve_LDADD = $(MODEL_TEST_LIBS)
%C%_test_vmcs_LDADD = $(MODEL_TEST_LIBS)
%C%_test_vmentry_LDADD = $(MODEL_TEST_LIBS)

# Prints the table of memory accesses in docs/isa-extension.md.
check_PROGRAMS += %D%/cost
%C%_cost_LDADD = $(MODEL_TEST_LIBS)

# The stress test has its own build of the model, with sanitizers. A compiler that comes without
# them: make check SANITIZE=
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all

check_PROGRAMS += %D%/stress
TESTS += %D%/stress
%C%_stress_SOURCES = \
	%D%/fixture.c %D%/fixture.h %D%/stress.c %D%/stress.h %D%/stress_check.c \
	%D%/stress_steps.c \
	$(cpu_model_lib_libepml_a_SOURCES)
%C%_stress_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SANITIZE)
%C%_stress_LDADD = $(CMOCKA_LIBS)

dist_doc_DATA += docs/trace.md
dist_check_SCRIPTS += %D%/trace_doc.sh
TESTS += %D%/trace_doc.sh
