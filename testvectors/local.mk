# SPDX-License-Identifier: BSD-2-Clause
#
# Test vectors: the loader, the compiler to vector images, and the comparison with a run.
# Needs libspec.a, libjsonfile.a, libepml.a (parameters) and jansson.

noinst_LIBRARIES += %D%/libvectors.a
%C%_libvectors_a_SOURCES = \
	%D%/addrexpr.c %D%/addrexpr.h \
	%D%/arena.c %D%/arena.h \
	%D%/compare.c %D%/report.c %D%/report.h \
	%D%/compile.c %D%/compile.h %D%/compile_priv.h \
	%D%/compile_expect.c %D%/compile_fields.c %D%/compile_world.c \
	%D%/emit.c %D%/vecimg.h %D%/forms.h \
	%D%/export.c %D%/export.h %D%/export_c.c %D%/export_hex.c %D%/export_json.c \
	%D%/jread.c %D%/load.c %D%/load.h %D%/load_priv.h \
	%D%/load_expect.c %D%/load_pages.c %D%/load_setup.c %D%/load_steps.c \
	%D%/save.c %D%/save.h %D%/save_expect.c %D%/save_setup.c \
	%D%/vector.h \
	%D%/world.c %D%/world.h
%C%_libvectors_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)

vectorsdir = $(pkgdatadir)/vectors
dist_vectors_DATA = \
	%D%/vectors/entry.json \
	%D%/vectors/ept.json \
	%D%/vectors/gpml.json \
	%D%/vectors/gwalk.json \
	%D%/vectors/notify.json \
	%D%/vectors/pml.json \
	%D%/vectors/properties.json \
	%D%/vectors/spp.json \
	%D%/vectors/state.json \
	%D%/vectors/vmacc.json
dist_pkgdata_DATA += %D%/vector.schema.json

# Tests.
VECTORS_TESTS = \
	%D%/tests/test-addrexpr %D%/tests/test-compare %D%/tests/test-compile %D%/tests/test-save
check_PROGRAMS += $(VECTORS_TESTS)
TESTS += $(VECTORS_TESTS)
VECTORS_LIBS = \
	%D%/libvectors.a cpu-model/lib/libepml.a vmcs-spec/libspec.a vmcs-spec/libjsonfile.a \
	$(JANSSON_LIBS) $(CMOCKA_LIBS)

%C%_tests_test_addrexpr_SOURCES = %D%/tests/test-addrexpr.c
%C%_tests_test_addrexpr_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_addrexpr_LDADD = $(VECTORS_LIBS)

%C%_tests_test_compare_SOURCES = \
	%D%/tests/test-compare.c %D%/tests/one_vector.c %D%/tests/one_vector.h
%C%_tests_test_compare_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_compare_LDADD = $(VECTORS_LIBS)

%C%_tests_test_compile_SOURCES = \
	%D%/tests/test-compile.c %D%/tests/one_vector.c %D%/tests/one_vector.h
%C%_tests_test_compile_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_compile_LDADD = $(VECTORS_LIBS)

%C%_tests_test_save_SOURCES = \
	%D%/tests/test-save.c %D%/tests/one_vector.c %D%/tests/one_vector.h
%C%_tests_test_save_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_save_LDADD = $(VECTORS_LIBS)

dist_check_SCRIPTS += %D%/tests/export.sh %D%/tests/refusals.sh
TESTS += %D%/tests/export.sh %D%/tests/refusals.sh
EXTRA_DIST += \
	%D%/tests/export/c.expected %D%/tests/export/hex.expected %D%/tests/export/json.expected \
	%D%/tests/export/vectors.json
