# SPDX-License-Identifier: BSD-2-Clause
#
# The specification: specgen checks fields.json, assigned.json and rules.json and generates
# constants, tables and documentation from them.

SPEC_JSON = \
	$(srcdir)/%D%/fields.json \
	$(srcdir)/%D%/assigned.json \
	$(srcdir)/%D%/rules.json

dist_pkgdata_DATA += \
	%D%/fields.json \
	%D%/assigned.json \
	%D%/rules.json \
	%D%/fields.schema.json \
	%D%/assigned.schema.json \
	%D%/rules.schema.json
EXTRA_DIST += %D%/citations.json %D%/citations.schema.json

# JSON with line numbers: for specgen and the compiler of vectors.
noinst_LIBRARIES += %D%/libjsonfile.a
%C%_libjsonfile_a_SOURCES = \
	%D%/jsonfile.c %D%/jsonfile.h %D%/newfile.c %D%/newfile.h
%C%_libjsonfile_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)

noinst_PROGRAMS += %D%/specgen
%C%_specgen_SOURCES = \
	%D%/emit-constants.c \
	%D%/emit-markdown.c \
	%D%/emit-tables.c \
	%D%/spec-check.c \
	%D%/spec-load.c \
	%D%/spec-rules.c \
	%D%/spec.h \
	%D%/specgen.c
%C%_specgen_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
%C%_specgen_LDADD = %D%/libjsonfile.a $(JANSSON_LIBS)

# Tables and look-ups: for programs that print names.
noinst_LIBRARIES += %D%/libspec.a
%C%_libspec_a_SOURCES = %D%/spec-tables.c %D%/spec-tables.h
nodist_%C%_libspec_a_SOURCES = %D%/epml-spec-tables.c

nodist_include_epml_HEADERS = %D%/epml-spec.h

%D%/epml-spec.h: %D%/specgen$(EXEEXT) $(SPEC_JSON)
	$(AM_V_GEN)%D%/specgen$(EXEEXT) --header $(srcdir)/%D% $@
%D%/epml-spec.inc: %D%/specgen$(EXEEXT) $(SPEC_JSON)
	$(AM_V_GEN)%D%/specgen$(EXEEXT) --asm $(srcdir)/%D% $@
%D%/epml-spec-tables.c: %D%/specgen$(EXEEXT) $(SPEC_JSON)
	$(AM_V_GEN)%D%/specgen$(EXEEXT) --tables $(srcdir)/%D% $@
docs/spec-tables.md: %D%/specgen$(EXEEXT) $(SPEC_JSON)
	$(AM_V_GEN)$(MKDIR_P) docs && %D%/specgen$(EXEEXT) --markdown $(srcdir)/%D% $@

BUILT_SOURCES += %D%/epml-spec.h %D%/epml-spec.inc
nodist_noinst_DATA += docs/spec-tables.md
CLEANFILES += %D%/epml-spec.h %D%/epml-spec.inc %D%/epml-spec-tables.c docs/spec-tables.md

# Tests.
check_PROGRAMS += %D%/tests/test-cmd-spec %D%/tests/test-jsonfile \
	%D%/tests/test-newfile %D%/tests/test-tables
TESTS += %D%/tests/test-cmd-spec %D%/tests/test-jsonfile \
	%D%/tests/test-newfile %D%/tests/test-tables

%C%_tests_test_cmd_spec_SOURCES = \
	%D%/tests/test-cmd-spec.c \
	cpu-model/cli/cmd_spec.c \
	cpu-model/cli/cmd_spec.h \
	cpu-model/cli/table.c \
	cpu-model/cli/table.h
%C%_tests_test_cmd_spec_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/cpu-model/cli
%C%_tests_test_cmd_spec_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_cmd_spec_LDADD = $(EPML_LIBS) $(CMOCKA_LIBS)

%C%_tests_test_jsonfile_SOURCES = %D%/tests/test-jsonfile.c
%C%_tests_test_jsonfile_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_jsonfile_LDADD = %D%/libjsonfile.a $(JANSSON_LIBS) $(CMOCKA_LIBS)

%C%_tests_test_newfile_SOURCES = %D%/tests/test-newfile.c
%C%_tests_test_newfile_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_newfile_LDADD = %D%/libjsonfile.a $(CMOCKA_LIBS)

%C%_tests_test_tables_SOURCES = %D%/tests/test-tables.c
%C%_tests_test_tables_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_tables_LDADD = %D%/libspec.a cpu-model/lib/libepml.a $(CMOCKA_LIBS)

dist_check_SCRIPTS += %D%/tests/test-specgen.sh %D%/tests/test-schemas.sh
TESTS += %D%/tests/test-specgen.sh %D%/tests/test-schemas.sh
EXTRA_DIST += %D%/tests/check-schema.py
