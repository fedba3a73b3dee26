# SPDX-License-Identifier: BSD-2-Clause
#
# The experiment: techniques compared on the whole stack. "epml xen run" is its command.

dist_pkgdata_DATA += %D%/published-tracking.json %D%/published-tracking.schema.json

noinst_LIBRARIES += %D%/libexperiment.a
%C%_libexperiment_a_SOURCES = \
	%D%/cmd_xen_run.c %D%/cmd_xen_run.h %D%/csv.c %D%/experiment.h %D%/formulas_table.c \
	%D%/json.c %D%/lines.c %D%/load.c %D%/output.c %D%/output.h %D%/plot.c %D%/published.c \
	%D%/rows_table.c %D%/run.c %D%/run.h %D%/script.c %D%/script.h %D%/text.c \
	%D%/track_result.c %D%/track_result.h %D%/values.c
%C%_libexperiment_a_CPPFLAGS = $(EXPERIMENT_CPPFLAGS)
%C%_libexperiment_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
EXPERIMENT_CPPFLAGS = $(AM_CPPFLAGS) \
	-I$(top_srcdir)/cpu-model/cli -I$(top_srcdir)/cpu-model/timing -I$(top_srcdir)/hv-shim/image

epml_CPPFLAGS += -I$(top_srcdir)/%D% -I$(top_srcdir)/cpu-model/cli
# It asks for jobs, and is asked for by the command for them.
epml_LDADD += %D%/libexperiment.a hv-shim/image/libxenjob.a $(EPML_LIBS)

# Tests.
check_PROGRAMS += %D%/tests/test-experiment
TESTS += %D%/tests/test-experiment
%C%_tests_test_experiment_CPPFLAGS = $(EXPERIMENT_CPPFLAGS) \
	-I$(top_srcdir)/cpu-model/timing/tests -I$(top_srcdir)/hv-shim/experiment \
	-DPUBLISHED_TRACKING='"$(abs_top_srcdir)/hv-shim/experiment/published-tracking.json"'
%C%_tests_test_experiment_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_experiment_LDADD = \
	%D%/libexperiment.a cpu-model/timing/tests/libtiming-fixture.a $(EPML_LIBS) $(CMOCKA_LIBS)
dist_check_SCRIPTS += %D%/tests/run.sh
TESTS += %D%/tests/run.sh
dist_check_SCRIPTS += %D%/tests/boot.sh
BOOT_TESTS += %D%/tests/boot.sh
