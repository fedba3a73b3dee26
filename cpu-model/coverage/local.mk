# SPDX-License-Identifier: BSD-2-Clause
#
# How much of the model the vectors execute: "make coverage", and a test of it. coverage.sh makes a
# build of libepml of its own, which counts, and links it with these:

COVERAGE_LIBS = \
	%D%/libcoverage.a \
	cpu-model/cli/libcli.a \
	testvectors/libvectors.a \
	cpu-model/machine/libmachine.a \
	vmcs-spec/libspec.a \
	vmcs-spec/libjsonfile.a

check_LIBRARIES += %D%/libcoverage.a
%C%_libcoverage_a_SOURCES = %D%/run-vectors.c
%C%_libcoverage_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/cpu-model/cli
%C%_libcoverage_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)

.PHONY: coverage
coverage: $(COVERAGE_LIBS)
	@srcdir='$(srcdir)' CC='$(CC)' CFLAGS='$(AM_CFLAGS) $(CFLAGS)' \
		LIBS='$(COVERAGE_LIBS) $(JANSSON_LIBS) -lpthread' \
		$(SHELL) $(srcdir)/%D%/coverage.sh coverage-files

dist_check_SCRIPTS += %D%/tests/coverage.sh
TESTS += %D%/tests/coverage.sh
EXTRA_DIST += %D%/coverage.sh %D%/coverage.awk
